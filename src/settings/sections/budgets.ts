import { z } from "zod";

import { usd } from "./names.ts";

/** The section `budgets`: each is what may be spent on one of its kind. */
export const budgets = z
  .strictObject({
    run_usd: usd.optional().describe("One review or one draft of a plan."),
    task_usd: usd.optional().describe("One task."),
    plan_usd: usd.optional().describe("One plan."),
    pull_request_usd: usd.optional().describe("One pull request, over all its pushes."),
    issue_usd: usd
      .optional()
      .describe("One issue: its plan, the agents of its tasks, the reviews of its pull requests."),
    author_day_usd: usd
      .optional()
      .describe("Reviews of the pull requests of one account on one day, in UTC."),
    day_usd: usd.optional().describe("One day, in UTC."),
    month_usd: usd.optional().describe("One month, in UTC."),
    retry_usd: usd.optional().describe("What retries of one plan may cost. Default: 2."),
  })
  .describe("What may be spent, in USD. Default: no limit.");
