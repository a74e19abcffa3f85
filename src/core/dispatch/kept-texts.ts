import { storable } from "../base/text.ts";
import type { Dispatch } from "./dispatch.ts";

/** What a caller says in words of its own, and finds again. */
interface Said {
  readonly reason?: string;
  readonly summary?: string;
  readonly note?: string | null;
}

/**
 * Dispatch that takes texts as every database keeps them: PostgreSQL has no U+0000, none has half of a character, and each keeps U+FFFD for
 * it. The log has to say what is kept.
 */
export function withKeptTexts(dispatch: Dispatch): Dispatch {
  return {
    ...dispatch,
    claimFiles: async (request) => dispatch.claimFiles(kept(request)),
    updateTask: async (request) => dispatch.updateTask(kept(request)),
    finishTask: async (request) => dispatch.finishTask(kept(request)),
    reassign: async (request) => dispatch.reassign(kept(request)),
    releaseTask: async (request) => dispatch.releaseTask(kept(request)),
    forceRelease: async (request) => dispatch.forceRelease(kept(request)),
    revoke: async (request) => dispatch.revoke(kept(request)),
    cancelTask: async (name, act) => dispatch.cancelTask(name, kept(act)),
    cancelPlan: async (plan, act) => dispatch.cancelPlan(plan, kept(act)),
    pausePlan: async (plan, act) => dispatch.pausePlan(plan, kept(act)),
    resumePlan: async (plan, act) => dispatch.resumePlan(plan, kept(act)),
    retryTask: async (name, act) => dispatch.retryTask(name, kept(act)),
  };
}

function kept<T extends Said>(request: T): T {
  const { reason, summary, note } = request;
  return {
    ...request,
    ...(reason === undefined ? {} : { reason: storable(reason) }),
    ...(summary === undefined ? {} : { summary: storable(summary) }),
    ...(note === undefined ? {} : { note: note === null ? null : storable(note) }),
  };
}
