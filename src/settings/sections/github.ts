import { z } from "zod";

import { pathPattern } from "./names.ts";

// The words of core's findings: the settings know no other module, and a test compares them.
const severity = z.enum(["critical", "high", "medium", "low"]);

const patterns = z.array(pathPattern).max(200);

const review = z
  .strictObject({
    on: z
      .enum(["never", "label", "opened", "pushes"])
      .optional()
      .describe(
        "When pull requests are reviewed unasked: `pushes` at every head, `opened` once, `label` and `never` only when asked. Default: pushes.",
      ),
    drafts: z.boolean().optional().describe("True: drafts are reviewed, too. Default: false."),
    fail_on: z
      .array(severity)
      .max(4)
      .optional()
      .describe("Confirmed findings of these fail the check. Default: none, it is advice."),
    max_comments: z
      .int()
      .min(0)
      .max(30)
      .optional()
      .describe("Comments of one review; the rest is in the summary. Default: 30."),
    severity_floor: severity
      .optional()
      .describe("Milder findings are only in the summary. Default: low."),
    sticky: z
      .boolean()
      .optional()
      .describe("False: each review adds a summary, of which people get mail. Default: true."),
    include: patterns.optional().describe("Only these are shown to reviewers. Default: all."),
    exclude: patterns.optional().describe("Never shown to a reviewer."),
    sarif: z
      .boolean()
      .optional()
      .describe("True: findings go to code scanning, where it is switched on. Default: false."),
  })
  .describe("How pull requests are reviewed.");

const tasks = z
  .strictObject({
    failing_checks: z
      .boolean()
      .optional()
      .describe("True: a check that fails at the head of a branch makes a task. Default: false."),
    checks: z
      .array(z.string().min(1).max(200))
      .max(50)
      .optional()
      .describe("Only these checks, by their whole names. Default: all but Skein's own."),
    branches: z
      .array(z.string().min(1).max(200))
      .max(20)
      .optional()
      .describe("On which branches, by their whole names. Default: the default branch."),
    plan_files: z
      .array(
        z
          .string()
          .regex(
            /^(?![./])[^\\\0]{1,300}\.(?:md|yml|yaml|json)$/u,
            "A file of the repository, as docs/PLAN.md",
          ),
      )
      .max(10)
      .optional()
      .describe("Plans in the repository: a push that changes one makes its tasks. Default: none."),
    issues: z
      .boolean()
      .optional()
      .describe(
        "True: an issue that somebody with write access opens is planned without a label. Default: false.",
      ),
    max_open: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe("The most issues that events have open at once. Default: 10."),
  })
  .describe("Which events make tasks. Default: none.");

/** The section `github`. */
export const github = z
  .strictObject({
    publish_on_push: z
      .boolean()
      .optional()
      .describe("True: each push publishes the ledger of leases as well. Default: false."),
    remote: z
      .string()
      .regex(/^[A-Za-z0-9][\w./-]{0,99}$/u, "The name of a remote, as `origin`")
      .optional()
      .describe("To which remote. Default: origin."),
    allow_bots: z
      .array(z.string().regex(/^[\w-]{1,100}(?:\[bot\])?$/u, "A login, as `renovate[bot]`"))
      .max(50)
      .optional()
      .describe("Bots whose pull requests are reviewed and whose commands count. Default: none."),
    review: review.optional(),
    tasks: tasks.optional(),
    plan_label: z
      .string()
      .min(1)
      .max(50)
      .optional()
      .describe("The label that asks for a plan. Default: skein:plan."),
  })
  .describe("What Skein does with GitHub; counts as committed on the default branch.");
