import { z } from "zod";

import { ownName, pathPattern } from "./names.ts";

const patterns = z.array(pathPattern).max(200);

const percent = z.int().min(0).max(100);

// The words of core's findings: the settings know no other module, and a test compares them.
const severities = ["critical", "high", "medium", "low"] as const;
const categories = [
  "security",
  "correctness",
  "concurrency",
  "data-loss",
  "error-handling",
  "performance",
  "resource",
  "api",
  "test",
  "docs",
  "style",
] as const;

const limits = z
  .strictObject({
    generate_tokens: z
      .int()
      .min(300)
      .max(16_000)
      .optional()
      .describe("Output tokens of a reviewer that reads one part of a change. Default: 1500."),
    ballot_tokens: z
      .int()
      .min(40)
      .max(400)
      .optional()
      .describe(
        "Output tokens of a vote for each candidate on the ballot, and for each correction. Default: 60.",
      ),
    candidates: z
      .int()
      .min(1)
      .max(50)
      .optional()
      .describe("How many candidates come to the vote; those beyond are named. Default: 20."),
  })
  .describe("How far each phase of a review may go; a reasoning model's thoughts are on top.");

/** The section `review`. */
export const review = z
  .strictObject({
    preset: z
      .enum(["critical", "balanced", "fast", "quick"])
      .optional()
      .describe("Size and threshold of the panel. Default: balanced."),
    seats: z
      .int()
      .min(1)
      .max(20)
      .optional()
      .describe(
        "How many reviewers. Default: as the preset says; without one, as the profile does.",
      ),
    panel: z
      .array(ownName)
      .min(1)
      .max(20)
      .optional()
      .describe("The model of each seat, in order; a model may have several."),
    thresholds: z
      .strictObject({
        severity: z.partialRecord(z.enum(severities), percent).optional(),
        category: z.partialRecord(z.enum(categories), percent).optional(),
      })
      .optional()
      .describe("Percent of support that a finding needs: category before severity before preset."),
    limits: limits.optional(),
    exclude: patterns
      .optional()
      .describe("Files that no reviewer is shown; the checks look at them."),
    include: patterns
      .optional()
      .describe("Files that are shown though a built-in rule would skip them, as generated ones."),
    forbidden_paths: patterns
      .optional()
      .describe("Paths whose change is a finding of a check, outside the vote. Default: none."),
    cache_hours: z
      .int()
      .min(0)
      .max(168)
      .optional()
      .describe(
        "How long the answers to a review are given to one that is the same; 0: never. Default: 24.",
      ),
    required: z
      .boolean()
      .optional()
      .describe("True: an incomplete review fails the check. Default: false."),
  })
  .describe("How changes are reviewed.");

/** The section `planner`. */
export const planner = z
  .strictObject({ model: ownName.describe("A name in `models`.") })
  .describe("Which model splits goals into tasks.");

const chain = z.array(ownName).max(20).describe("Names in `providers`, in order.");

/** The section `chains`. */
export const chains = z
  .strictObject({ review: chain.optional(), plan: chain.optional() })
  .describe("Which providers stand in for one that fails, by kind of work. Default: none does.");
