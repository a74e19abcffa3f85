import { together } from "../base/together.ts";
import { silentAtMs } from "../sessions/index.ts";
import type { Reader } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { findSession, renewalMs, renewalOf } from "./identify.ts";
import type { Caller, UpdateTaskOutcome, UpdateTaskRequest } from "./request.ts";

/** Answers renewals that have nothing to write. */
export interface Renewals {
  /**
   * The answer to a call that says nothing but that its agent lives, where its session was renewed a moment ago and it holds the task: a look, so that
   * many of them neither wait for the project's writer nor make others wait. Null: it is to be written, or refused, by the usual way.
   */
  unwritten(request: UpdateTaskRequest): Promise<UpdateTaskOutcome | null>;
  /** Remembers that a session's renewal is written down. */
  note(caller: Caller, outcome: UpdateTaskOutcome): void;
}

/** How many sessions are remembered; the one that was written the longest ago is forgotten first. */
const mostKnown = 10_000;

export function createRenewals(deps: DispatchDeps): Renewals {
  /** When each handle's session last wrote, by this process's clock: a look at any other would come to nothing, mostly. */
  const seenMs = new Map<string, number>();
  return {
    unwritten: async (request) => {
      const { handle } = request.caller;
      const lastMs = handle === null ? undefined : seenMs.get(handle);
      if (lastMs === undefined || lastMs + renewalMs <= deps.timer.nowMs() || !isBare(request)) {
        return null;
      }
      return deps.store.read(async (reader) => look(deps, reader, request));
    },
    note: ({ handle }, { standing }) => {
      const key = handle ?? standing.handle;
      // Whoever is written again goes to the end.
      seenMs.delete(key);
      seenMs.set(key, deps.timer.nowMs());
      const [oldest] = seenMs.keys();
      if (seenMs.size > mostKnown && oldest !== undefined) {
        seenMs.delete(oldest);
      }
    },
  };
}

/** True for a call that says nothing. */
function isBare({ note, percent, addPaths, usage, key }: UpdateTaskRequest): boolean {
  return (
    note === null && percent === null && key === null && addPaths.length === 0 && usage.length === 0
  );
}

async function look(
  deps: DispatchDeps,
  reader: Reader,
  { caller, task: name, fence }: UpdateTaskRequest,
): Promise<UpdateTaskOutcome | null> {
  const { sessions, plans, leases, messages } = deps;
  const session = await findSession(sessions, reader, caller);
  if (session === null || sessions.needsRenewal(reader, session, renewalOf(caller))) {
    return null;
  }
  const task = await plans.resolve(reader, name, session.id);
  if (task.status !== "claimed" || task.session !== session.id || task.fence !== fence) {
    return null;
  }
  sessions.admit(session.id);
  const [held, unread] = await together([
    leases.list(reader, { plan: task.plan, task: task.id }),
    messages.unread(reader, session),
  ]);
  return {
    standing: { session, handle: caller.handle ?? "", joined: false },
    task,
    fence,
    expiresAtMs: silentAtMs(session),
    leases: held,
    refused: [],
    unread,
  };
}
