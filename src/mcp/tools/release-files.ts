import * as z from "zod";
import { keyField, sessionField } from "../fields.ts";
import { toPatterns } from "../paths.ts";
import { defineTool } from "../tool.ts";
import type { PathInRepository } from "../paths.ts";
import { leaseViews } from "../views/lease-view.ts";
import { leaseShape } from "../views/shapes.ts";

export const releaseFiles = defineTool({
  name: "release_files",
  title: "Release files",
  description:
    "Gives back your leases from claim_files and from edits. Leases of a task end with finish_task.",
  effect: "adds",
  input: z.strictObject({
    session: sessionField,
    paths: z
      .array(z.string())
      .max(256)
      .describe("Paths or lease ids (L12); none: all of yours")
      .optional(),
    key: keyField,
  }),
  output: z.strictObject({
    session: z.string(),
    released: z.array(leaseShape).readonly(),
    count: z.int(),
    waiters: z.int(),
    next: z.string(),
  }),
  run: async (skein, input, { caller, place }) => {
    const outcome = await skein.dispatch.releaseFiles({
      caller,
      leases: namesOf(place, input.paths ?? []),
      key: input.key ?? null,
    });
    const count = outcome.released.length;
    return {
      session: outcome.standing.handle,
      released: leaseViews(outcome.released, 4_000),
      count,
      waiters: outcome.waiters,
      next:
        count === 0
          ? 'You held none of them. look {at: "files"} shows leases.'
          : "Call next_task for work.",
    };
  },
});

function namesOf(place: PathInRepository | null, names: readonly string[]): readonly string[] {
  return names.flatMap((name) => (/^L\d+$/u.test(name) ? [name] : toPatterns(place, [name])));
}
