import { z } from "zod";

/** The section `bus`: how the processes of a database tell each other that something changed. A file always has its doorbell beside it. */
export const bus = z
  .strictObject({
    kind: z
      .enum(["postgres", "redis"])
      .optional()
      .describe("Default: `redis` where the address is one of Redis, else `postgres`."),
    url: z
      .string()
      .regex(/^env:[A-Za-z_]\w*$/u, "An address stands outside of this file: write `env:NAME`")
      .optional()
      .describe(
        "The variable that holds the address, or a reference to it. Default: env:SKEIN_BUS_URL; without it, the database's own address.",
      ),
  })
  .describe("How nodes over one PostgreSQL database wake each other.");
