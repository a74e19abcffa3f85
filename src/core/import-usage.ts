import { sessionActor } from "./base/ids.ts";
import type { Actor } from "./base/ids.ts";
import type { Coordination } from "./coordination.ts";
import type { Measured, MeasuredClaim, Transcript } from "./costs/index.ts";
import type { TaskAttempt } from "./plans/index.ts";
import type { Session } from "./sessions/index.ts";
import type { Reader } from "./store/index.ts";

export interface ImportUsageRequest {
  readonly transcript: Transcript;
  /** The session that the record is of; null: the one of the record's own id, else none. */
  readonly session: Session | null;
  /** Who imports; a session's own record is imported by the session. */
  readonly actor: Actor;
}

const nothing: Measured = { uses: 0, spends: [], absorbedMicroUsd: 0 };

/**
 * Counts what a host's record of a session says was used: under the claim that the session held at that time, else under no task. Imported
 * again it changes nothing, and takes no lock.
 */
export async function importUsage(
  { store, costs, plans, sessions }: Pick<Coordination, "store" | "costs" | "plans" | "sessions">,
  { transcript, session: known, actor }: ImportUsageRequest,
): Promise<Measured> {
  const read = await store.read(async (reader) => {
    const uses = await costs.unmeasured(reader, transcript.uses);
    const session = known ?? (await sessionOf(sessions, reader, transcript));
    const attempts =
      session === null || uses.length === 0 ? [] : await plans.attemptsBy(reader, session.id);
    return { uses, session, attempts };
  });
  const { uses, session, attempts } = read;
  if (uses.length === 0) {
    return nothing;
  }
  return store.write(async (tx) => {
    const measured = await costs.measure(tx, {
      session: session?.id ?? null,
      uses,
      claimAt: (atMs) => claimAt(attempts, atMs),
      actor: session === null ? actor : sessionActor(session.id),
    });
    for (const { plan, task: id, fence, microUsd } of measured.spends) {
      if (plan !== null && id !== null && fence !== null) {
        await plans.addSpend(tx, { task: { plan, id }, fence, microUsd });
      }
    }
    return measured;
  });
}

/** The newest session of the host's id, living or ended. */
async function sessionOf(
  sessions: Coordination["sessions"],
  reader: Reader,
  { host, session }: Transcript,
): Promise<Session | null> {
  if (session === null) {
    return null;
  }
  const externalId = `${host}:${session}`;
  const all = await sessions.list(reader, "all");
  return all.findLast((each) => each.externalId === externalId) ?? null;
}

/** The attempt that ran at a time; of several, the one that began last. */
function claimAt(attempts: readonly TaskAttempt[], atMs: number): MeasuredClaim | null {
  const found = attempts.findLast(
    ({ startedAtMs, endedAtMs }) =>
      startedAtMs <= atMs && (endedAtMs === null || atMs <= endedAtMs),
  );
  return found === undefined
    ? null
    : {
        plan: found.plan,
        task: found.task,
        fence: found.fence,
        attempt: found.number,
        isFailed: found.outcome === "failed" || found.outcome === "lost",
      };
}
