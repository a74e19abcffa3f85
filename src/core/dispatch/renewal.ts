import { together } from "../base/together.ts";
import type { TaskKey } from "../plans/index.ts";
import { silentAtMs } from "../sessions/index.ts";
import type { Session } from "../sessions/index.ts";
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
  /** By handle; whose last write is not known here is looked at in vain, mostly. */
  const known = new Map<string, Known>();
  return {
    unwritten: async (request) => {
      const { handle } = request.caller;
      const last = handle === null ? undefined : known.get(handle);
      if (last === undefined || last.atMs + renewalMs <= deps.timer.nowMs() || !isBare(request)) {
        return null;
      }
      return deps.store.glance(async (reader) => look(deps, reader, { request, last }));
    },
    note: ({ handle }, { standing, task }) => {
      const key = handle ?? standing.handle;
      const { session } = standing;
      // Whoever is written again goes to the end.
      known.delete(key);
      known.set(key, { atMs: deps.timer.nowMs(), session, task: { plan: task.plan, id: task.id } });
      const [oldest] = known.keys();
      if (known.size > mostKnown && oldest !== undefined) {
        known.delete(oldest);
      }
    },
  };
}

/** What a handle's session last wrote, and under which claim. */
interface Known {
  /** By this process's clock. */
  readonly atMs: number;
  readonly session: Session;
  readonly task: TaskKey;
}

/** True for a call that says nothing. */
function isBare({ note, percent, addPaths, usage, key }: UpdateTaskRequest): boolean {
  return (
    note === null && percent === null && key === null && addPaths.length === 0 && usage.length === 0
  );
}

interface Look {
  readonly request: UpdateTaskRequest;
  readonly last: Known;
}

/** Asks at once for what most probably is still so, and believes none of it that the answers do not bear out. */
async function look(
  { sessions, plans, leases, messages }: DispatchDeps,
  reader: Reader,
  { request: { caller, task: name, fence }, last }: Look,
): Promise<UpdateTaskOutcome | null> {
  const { plan, id } = last.task;
  const [session, task, held, unread] = await together([
    findSession(sessions, reader, caller),
    plans.resolve(reader, name, last.session.id),
    leases.list(reader, { plan, task: id }),
    messages.unread(reader, last.session),
  ]);
  const isKnown =
    session !== null && isSameRecipient(session, last.session) && isSameTask(task, last.task);
  if (!isKnown || sessions.needsRenewal(reader, session, renewalOf(caller))) {
    return null;
  }
  if (task.status !== "claimed" || task.session !== session.id || task.fence !== fence) {
    return null;
  }
  sessions.admit(session.id);
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

/** True while the same messages are for both. */
function isSameRecipient(one: Session, other: Session): boolean {
  return one.id === other.id && one.role === other.role && one.joinedAtMs === other.joinedAtMs;
}

function isSameTask(one: TaskKey, other: TaskKey): boolean {
  return one.plan === other.plan && one.id === other.id;
}
