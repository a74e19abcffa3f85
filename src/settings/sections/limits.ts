import { z } from "zod";

const one = {
  sessions: z
    .int()
    .min(1)
    .max(100_000)
    .optional()
    .describe("How many sessions may live at once in a project. Default: no limit."),
  open_tasks: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe("How many tasks may be open at once in all plans of a project. Default: no limit."),
  leases: z
    .int()
    .min(1)
    .max(1_000_000)
    .optional()
    .describe(
      "How many leases beyond those of tasks may be held at once in a project. Default: no limit.",
    ),
  messages: z
    .int()
    .min(2)
    .max(10_000_000)
    .optional()
    .describe(
      "How many messages, of at most 4,096 bytes each, may be kept in a project. Default: no limit.",
    ),
  events: z
    .int()
    .min(1_000)
    .max(1_000_000_000)
    .optional()
    .describe(
      "How many events the live log of a project may hold before no new work is begun. Default: no limit.",
    ),
  requests_per_minute: z
    .int()
    .min(1)
    .max(10_000_000)
    .optional()
    .describe(
      "How many requests all callers of a project together may make a minute at one server. Default: no limit.",
    ),
};

/** The section `limits`: what one project may hold, so that it leaves room for the others of a server. */
export const limits = z
  .strictObject({
    ...one,
    projects: z
      .record(z.string().min(1).max(120), z.strictObject(one))
      .optional()
      .describe("Limits of single projects of a database, by name; they win over those above."),
  })
  .describe("What one project may hold.");
