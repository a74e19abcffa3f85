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

/** Says when whoever listens may no longer come in. */
export interface AdmissionWatch {
  /** Aborts then. */
  readonly ended: AbortSignal;
  close(): void;
}

/** Looks again with each sign of life: a stream of MCP tells no events whose kinds could be looked at. */
export function watchAdmission({ request, parts, principal }: Visit): AdmissionWatch {
  const ended = new AbortController();
  const look = async (): Promise<void> => {
    // What cannot be told now, as with a store that is away, is no refusal.
    const admission = await parts.gate.admit(request, principal.project).catch(() => null);
    if (admission?.kind === "refused" && admission.status !== tooMany) {
      ended.abort(admission.error);
    }
  };
  const timer = setInterval(() => void look(), parts.streams.beatMs).unref();
  return {
    ended: ended.signal,
    close: () => {
      clearInterval(timer);
    },
  };
}

/** Who asked too often is known all the same. */
const tooMany = 429;
