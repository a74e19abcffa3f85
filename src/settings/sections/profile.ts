import { z } from "zod";

/** The setting `profile`. */
export const profile = z
  .enum(["development", "staging", "production"])
  .describe(
    "How much runs at once: 3, 5 or 8 tasks of a plan, 4, 6 or 10 reviewers, 10, 20 or 50 requests a minute. Default: none.",
  );

/** The section `features`: what Skein does by itself when something fails. */
export const features = z
  .strictObject({
    failover: z
      .boolean()
      .optional()
      .describe("Another provider of the chain answers. Default: true."),
    rate_queue: z
      .boolean()
      .optional()
      .describe(
        "Calls over a rate limit wait; false: they fail or go to the chain. Default: true.",
      ),
    quick_fallback: z
      .boolean()
      .optional()
      .describe("A review with too few seats becomes a quick one, marked so. Default: true."),
    sequential_fallback: z
      .boolean()
      .optional()
      .describe(
        "Tasks are handed out one at a time where choosing among them fails; false: the fault is told. Default: true.",
      ),
  })
  .describe("Ways to go on when something fails; each shows in the result.");
