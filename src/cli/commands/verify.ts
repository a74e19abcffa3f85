import type { Answer, Call } from "../command.ts";
import { withStore } from "../project.ts";

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
        ? [`Clean: the chain of ${String(events)} events and all invariants hold.`]
        : [
            `${String(violations.length)} things do not hold (of ${String(events)} events):`,
            ...violations.map(({ invariant, text }) => `  invariant ${String(invariant)}: ${text}`),
          ],
      exitCode: isClean ? 0 : 1,
    };
  });
}
