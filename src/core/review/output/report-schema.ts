import { z } from "zod";

import { categories, severities } from "../candidate.ts";
import { verdicts } from "../review.ts";

/** Grows when a field changes its meaning or goes; a new field does not count. */
export const reportVersion = 1;

const range = z.strictObject({
  path: z.string(),
  line: z.int().min(0).describe("From 1; on the new side, in a deleted file on the old one."),
  end_line: z.int().min(0),
});

const seatNumber = z.int().min(1).describe("A seat's number, from 1.");

const usd = z.number().min(0).describe("US dollars, exact to a millionth.");

const ballot = z.strictObject({
  seat: seatNumber,
  vote: z.enum(["confirm", "reject", "abstain"]),
  reason: z.string().describe("In the reviewer's words: hostile text."),
  correction: z
    .strictObject({
      severity: z.enum(severities).nullable(),
      title: z.string().nullable().describe("In the reviewer's words: hostile text."),
      line: z.int().min(1).nullable(),
      quoted: z.string().nullable(),
    })
    .nullable()
    .describe("What it would say otherwise; whether that was taken over, code decides."),
});

const finding = z.strictObject({
  id: z.string().describe("F and a number, within this review."),
  fingerprint: z.string().describe("The same over pushes: made without line numbers."),
  path: z.string(),
  line: range.shape.line,
  end_line: range.shape.end_line,
  severity: z.enum(severities),
  category: z.enum(categories),
  title: z.string().describe("In the reviewer's words: hostile text."),
  body: z.string().describe("In the reviewer's words: hostile text."),
  quoted: z.string().describe("The code that it speaks of."),
  placement: z
    .enum(["line", "file", "summary"])
    .describe("How precisely it can be shown; `line` and `end_line` are only sure for `line`."),
  places: z.array(range).describe("Where else the same problem lies; mostly empty."),
  support: z
    .number()
    .min(0)
    .max(100)
    .nullable()
    .describe(
      "Weight of confirm in percent of that of confirm and reject; null without such ballots.",
    ),
  threshold: z
    .number()
    .nullable()
    .describe("The support that it needed, in percent; null for a check."),
  decision: z
    .enum(["published", "advisory", "single-family", "unconfirmed", "rejected", "check"])
    .describe("Only `published` and `check` can ask for changes."),
  state: z.enum(["new", "open", "fixed", "declined"]).describe("Over successive heads."),
  proposers: z.array(seatNumber).describe("The seats that found it; empty for a check."),
  ballots: z.array(ballot),
  verify: z
    .strictObject({
      vote: z.enum(["confirm", "reject", "abstain"]),
      reason: z.string().describe("In our words."),
    })
    .nullable()
    .describe("What the command of --verify said: it outranks the ballots; null without one."),
  suggestion: z
    .string()
    .nullable()
    .describe("Code to stand in place of the quoted lines: a model's, hostile; else null."),
  original: z
    .strictObject({
      severity: z.enum(severities),
      title: z.string().describe("In the reviewer's words: hostile text."),
      quoted: z.string(),
      line: range.shape.line,
      end_line: range.shape.end_line,
    })
    .nullable()
    .describe("What its proposer said, where the voters corrected it; else null."),
});

/** What `skein review --json` prints. Published as `schema/review.schema.json`. */
export const reportSchema = z
  .strictObject({
    schema_version: z.literal(reportVersion),
    id: z.string().nullable().describe("As R12; null when the review was not kept."),
    verdict: z.enum(verdicts).describe("Exit codes: pass 0, changes 20, incomplete 21."),
    effective_rule: z.string().describe("The rule that decided, in words."),
    base: z.string().nullable().describe("The merge base's commit; null for a patch file."),
    head: z.string().nullable().describe("Null for the working tree and for a patch file."),
    seats: z.array(
      z.strictObject({
        seat: seatNumber,
        model: z.string(),
        family: z.string(),
        weight: z.number().min(0),
        calls: z.int().min(0),
        cached: z.int().min(0).describe("Answers that were kept ones and cost nothing."),
        cost_usd: usd,
        error: z.string().nullable().describe("Why the seat failed; null when it did its work."),
      }),
    ),
    findings: z.array(finding),
    unconfirmed: z.array(finding).describe("Without quorum or support; never counted."),
    fixed: z
      .array(finding)
      .describe("Of earlier reviews, not found again, and their code is gone; never counted."),
    skipped: z.array(z.strictObject({ path: z.string(), reason: z.string() })),
    coverage: z.strictObject({
      files: z.int().min(0),
      hunks: z.int().min(0),
      unseen: z.array(range).describe("Hunks that no seat saw."),
      seats: z.array(
        z.strictObject({ seat: seatNumber, seen_hunks: z.int().min(0), missed: z.array(range) }),
      ),
    }),
    cost: z.strictObject({
      usd,
      input_tokens: z.int().min(0),
      output_tokens: z.int().min(0),
      saved_usd: usd.describe("What answers from the cache would have cost."),
    }),
    notes: z.array(z.string()).describe("What went otherwise than asked."),
    stopped: z.boolean().describe("True when it was stopped before its end: it is incomplete."),
  })
  .describe("The result of `skein review --json`.");

export type ReviewReport = z.infer<typeof reportSchema>;
export type FindingReport = z.infer<typeof finding>;

/** The published JSON Schema, as text. */
export function reportJsonSchema(): string {
  const schema = z.toJSONSchema(reportSchema, { target: "draft-2020-12" });
  return `${JSON.stringify({ title: "Skein review", ...schema }, null, 2)}\n`;
}
