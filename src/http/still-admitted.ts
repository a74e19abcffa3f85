import type { Event } from "../core/index.ts";
import type { Visit } from "./visit.ts";

/** Looks again, before events are told, whether whoever reads them may still come in. @throws {SkeinError} the refusal, when not. */
export type StillAdmitted = (page: readonly Event[]) => Promise<void>;

/**
 * A stream outlives the moment in which its token was looked at: it is looked at again where the log tells that a token was taken back, and
 * where the last look is older than `everyMs`, since the end of a token is no event.
 */
export function createStillAdmitted(
  { request, parts, principal }: Visit,
  everyMs: number,
): StillAdmitted {
  let lookedMs = performance.now();
  return async (page) => {
    const isDue = performance.now() - lookedMs >= everyMs;
    if (!isDue && !page.some(({ kind }) => kind === "token.revoked")) {
      return;
    }
    lookedMs = performance.now();
    const admission = await parts.gate.admit(request, principal.project);
    if (admission.kind === "refused" && admission.status !== tooMany) {
      throw admission.error;
    }
  };
}

/** Who asked too often is known all the same. */
const tooMany = 429;
