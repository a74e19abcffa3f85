import type { Answer, Call } from "../command.ts";
import { withStore } from "../project.ts";
import { counted } from "../counted.ts";

/** `skein verify`: ends with 1 when something does not hold. */
export async function verify(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const { isClean, events, violations } = await skein.upkeep.verify();
    return {
      data: {
        clean: isClean,
        events,
        violations: violations.map(({ invariant, text, facts }) => ({ invariant, text, facts })),
      },
      lines: isClean
        ? [`Clean: the chain of ${counted(events, "event")} and all invariants hold.`]
        : [
            `${counted(violations.length, "thing")} ${violations.length === 1 ? "does" : "do"} not hold (of ${counted(events, "event")}):`,
            ...violations.map(({ invariant, text }) => `  invariant ${String(invariant)}: ${text}`),
            "  Next: rows were changed by something else than Skein, or Skein has a bug. Keep a copy of the store, and restore a backup (docs/operations.md).",
          ],
      exitCode: isClean ? 0 : 1,
    };
  });
}
