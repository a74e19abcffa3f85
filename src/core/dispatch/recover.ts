import type { Actor } from "../base/ids.ts";
import { timeIsOver } from "../leases/index.ts";
import type { Lease } from "../leases/index.ts";
import type { OverReason, OverSession, ProcessProbe } from "../sessions/index.ts";
import type { FirstQueries, Reader, Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { retryRule } from "./retry-money.ts";
import { freeEnded } from "./finish.ts";
import type { Recovery } from "./request.ts";

const system: Actor = "system";

/** How often this process looks at others by itself, in milliseconds. */
const lookEveryMs = 1_000;

/**
 * A write that begins so much later than nothing was left to bring back, in the store's milliseconds, brings back itself: its process slept
 * since it looked, or what another call found is not yet back. Below the grace of invariant 10.
 */
const lateMs = 30_000;

/** Brings back what dead and expired sessions hold. */
export interface Recovering {
  /** Looks and recovers. */
  recover(): Promise<Recovery>;
  /** The same, at most once a second, and silent: work of other calls. */
  recoverSometimes(): Promise<void>;
  /** Looks like that, and then writes; `first` tells what the work most probably asks first. What is over and not yet back is brought back in the same transaction. */
  write<T>(work: (tx: Transaction) => Promise<T>, first?: FirstQueries): Promise<T>;
}

export const nothingRecovered: Recovery = { ended: [], returnedTasks: [], releasedLeases: [] };

/** Recovery is deterministic and done by whoever looks; it never touches a branch or a worktree. */
export function createRecovering(deps: DispatchDeps, probe: ProcessProbe | null): Recovering {
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  /** When nothing was left to bring back, by the store's clock. */
  let clearMs = Number.NEGATIVE_INFINITY;

  async function recover(): Promise<Recovery> {
    lookedAtMs = deps.timer.nowMs();
    const { isDue, nowMs } = await deps.store.read((reader) => look(deps, reader, probe));
    if (!isDue) {
      clearMs = Math.max(clearMs, nowMs);
      return nothingRecovered;
    }
    const { recovery, atMs } = await deps.store.write(async (tx) => ({
      recovery: await recoverIn(deps, tx, probe),
      atMs: tx.nowMs,
    }));
    clearMs = Math.max(clearMs, atMs);
    return recovery;
  }

  const isLookDue = (): boolean => deps.timer.nowMs() - lookedAtMs >= lookEveryMs;

  const write: Recovering["write"] = (work, first) =>
    deps.store.write(
      (tx) => (tx.nowMs - clearMs > lateMs ? recoverAnd({ deps, probe }, tx, work) : work(tx)),
      first,
    );

  const lookAndWrite: Recovering["write"] = async (work, first) => {
    await recover();
    return write(work, first);
  };

  async function recoverSometimes(): Promise<void> {
    if (isLookDue()) {
      await recover();
    }
  }

  return {
    recover,
    recoverSometimes,
    write: (work, first) => (isLookDue() ? lookAndWrite(work, first) : write(work, first)),
  };
}

interface RecoveringDeps {
  readonly deps: DispatchDeps;
  readonly probe: ProcessProbe | null;
}

async function recoverAnd<T>(
  { deps, probe }: RecoveringDeps,
  tx: Transaction,
  work: (tx: Transaction) => Promise<T>,
): Promise<T> {
  await recoverIn(deps, tx, probe);
  return work(tx);
}

/** Tells whether anything is to be brought back, and when that was so. */
async function look(
  deps: DispatchDeps,
  reader: Reader,
  probe: ProcessProbe | null,
): Promise<{ readonly isDue: boolean; readonly nowMs: number }> {
  const over = await deps.sessions.over(reader, { probe });
  const leases = await deps.leases.isAnyDue(reader);
  const questions = await deps.approvals.isAnyDue(reader);
  return { isDue: over.length > 0 || leases || questions, nowMs: reader.nowMs };
}

async function recoverIn(
  deps: DispatchDeps,
  tx: Transaction,
  probe: ProcessProbe | null,
): Promise<Recovery> {
  const returnedTasks: string[] = [];
  const releasedLeases: string[] = [];
  await deps.approvals.expire(tx);
  const over = await deps.sessions.over(tx, { probe });
  for (const each of over) {
    const back = await endSession(deps, tx, {
      over: each,
      actor: system,
      reason: reasons[each.why],
    });
    returnedTasks.push(...back.returnedTasks);
    releasedLeases.push(...back.releasedLeases);
  }
  const expired = await deps.leases.expired(tx);
  const { leases } = await deps.leases.release(
    tx,
    { kind: "leases", ids: expired.map(({ id }) => id) },
    timeIsOver(expired),
  );
  releasedLeases.push(...leases.map(({ id }) => id));
  return { ended: over.map(({ session }) => session.id), returnedTasks, releasedLeases };
}

const reasons: Readonly<Record<OverReason, string>> = {
  process: "its process is gone",
  boot: "its machine was restarted",
  silence: "it has not called for too long",
};

export interface EndSession {
  readonly over: Pick<OverSession, "session"> & { readonly why: OverReason | "revoked" };
  readonly actor: Actor;
  readonly reason: string;
}

/** Ends a session and returns all that it holds, but for landing leases. */
export async function endSession(
  deps: DispatchDeps,
  tx: Transaction,
  { over, actor, reason }: EndSession,
): Promise<Omit<Recovery, "ended">> {
  const { session, why } = over;
  const cause = await deps.events.nextSeq(tx);
  const ended = await deps.sessions.end(tx, session.id, { reason, actor, cause: null });
  if (ended === null) {
    return nothingRecovered;
  }
  const tasks = await deps.plans.tasksHeldBy(tx, session.id);
  const released: Lease[] = [];
  for (const task of tasks) {
    const fence = task.fence ?? 0;
    const rule = await retryRule(deps.costs, tx, {
      plan: task.plan,
      summary: `${session.name} (${session.id}) lost it: ${reason}.`,
    });
    const outcome = await deps.plans.lose(tx, {
      task,
      session: session.id,
      fence,
      actor,
      cause,
      failure: why === "silence" ? "timeout" : "session_lost",
      ...rule,
    });
    const ofTask = await deps.leases.release(
      tx,
      { kind: "task", plan: task.plan, task: task.id },
      { actor, cause, reason: "dead" },
    );
    released.push(...ofTask.leases);
    await deps.costs.settle(tx, { plan: task.plan, task: task.id, fence, isFailed: true, actor });
    await freeEnded(deps, tx, outcome.canceled);
  }
  const { leases } = await deps.leases.release(
    tx,
    { kind: "session", session: session.id },
    { actor, cause, reason: "dead" },
  );
  await deps.plans.unassign(tx, session.id);
  await deps.approvals.withdrawAll(tx, session.id, { actor, cause });
  return {
    returnedTasks: tasks.map(({ plan, id }) => `${plan}/${id}`),
    releasedLeases: [...released, ...leases].map(({ id }) => id),
  };
}
