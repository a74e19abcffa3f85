import { SkeinError } from "../base/errors.ts";
import { sessionActor } from "../base/ids.ts";
import { together } from "../base/together.ts";
import { costErrors } from "../costs/index.ts";
import type { EntityChange, EventDraft } from "../events/index.ts";
import { leaseChange } from "../leases/index.ts";
import type { LandedCommit, Lease, LeaseRequest } from "../leases/index.ts";
import type { Task } from "../plans/index.ts";
import { silenceMs, silentAtMs } from "../sessions/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { dispatchErrors } from "./errors.ts";
import type { PickedTask } from "./picked-task.ts";
import type { Claim, DependencyResult } from "./request.ts";

/**
 * Takes a picked task for a session, all in the caller's transaction: fence, task, leases, and one event that carries them.
 */
export async function takeTask(
  deps: DispatchDeps,
  tx: Transaction,
  { session, pick }: { readonly session: Session; readonly pick: PickedTask },
): Promise<Claim> {
  const fence = await deps.events.nextSeq(tx);
  const { task } = pick;
  const [money, claimed, lease, landed] = await together([
    pick.reserve(fence),
    deps.plans.claim(tx, {
      task,
      session: session.id,
      fence,
      gitDir: session.gitDir,
      branch: session.branch,
    }),
    pick.patterns.length === 0
      ? noLease
      : deps.leases.grant(tx, scopeLease({ session, pick }), { fence }),
    deps.leases.landedCommits(tx, pick.patterns),
  ]);
  if (money.kind === "exceeded") {
    throw new SkeinError(costErrors.lostReservation, { facts: { scope: money.budget.scope } });
  }
  if (claimed === null) {
    throw new SkeinError(dispatchErrors.notReady, {
      message: `${task.plan}/${task.id} was taken meanwhile.`,
      retryAfterMs: 50,
    });
  }
  const leases = lease === null ? [] : [lease];
  const reservedMicroUsd = money.reservation?.microUsd ?? 0;
  await deps.events.append(
    tx,
    claimEvent({ session, pick, fence, reservedMicroUsd, change: claimed.change, leases }),
  );
  const results =
    claimed.task.dependsOn.length === 0 ? [] : await resultsOf(deps, tx, claimed.task);
  const { warnings } = money;
  const { task: taken } = claimed;
  return claimView({ session, task: taken, leases, landed, isHeld: false, results, warnings });
}

const noLease: Promise<null> = Promise.resolve(null);

/** What a claim's event tells. */
export interface ClaimFacts {
  readonly session: Session;
  readonly pick: PickedTask;
  readonly fence: number;
  readonly reservedMicroUsd: number;
  readonly change: EntityChange;
  readonly leases: readonly Lease[];
}

/** The one event that carries a claim with its leases. */
export function claimEvent(facts: ClaimFacts): EventDraft {
  const { session, pick, fence, reservedMicroUsd, change, leases } = facts;
  return {
    kind: "task.claimed",
    actor: sessionActor(session.id),
    cause: null,
    data: {
      task: `${pick.task.plan}/${pick.task.id}`,
      fence,
      reserved_micro_usd: reservedMicroUsd,
      ...(pick.degraded === null ? {} : { degraded: pick.degraded }),
    },
    changes: [change, ...leases.map(leaseChange)],
  };
}

/** The lease of a claim's scope. It lasts as the claim does: a task that is held without its paths would be written by two. */
export function scopeLease({
  session,
  pick,
}: {
  readonly session: Session;
  readonly pick: PickedTask;
}): LeaseRequest {
  return {
    session: session.id,
    patterns: pick.patterns,
    mode: "exclusive",
    origin: "claim",
    reason: pick.task.title,
    durationMs: silenceMs,
    plan: pick.task.plan,
    task: pick.task.id,
    branch: session.branch,
  };
}

/** What is told of a claim. */
interface HeldClaim {
  readonly session: Session;
  readonly task: Task;
  readonly leases: readonly Lease[];
  /** What landed on the task's scope. */
  readonly landed: readonly LandedCommit[];
  readonly isHeld: boolean;
}

/** A held claim, as `next_task` and `update_task` tell it. */
export async function viewClaim(
  deps: DispatchDeps,
  reader: Reader,
  held: HeldClaim,
): Promise<Claim> {
  const results = await resultsOf(deps, reader, held.task);
  return claimView({ ...held, results, warnings: [] });
}

function claimView(held: HeldClaim & Pick<Claim, "results" | "warnings">): Claim {
  const { session, task, leases, landed, isHeld, results, warnings } = held;
  return {
    task,
    fence: task.fence ?? 0,
    leases,
    expiresAtMs: silentAtMs(session),
    isHeld,
    results,
    baseCommits: baseCommitsOf(landed, results),
    feedback: task.feedback,
    warnings,
  };
}

async function resultsOf(
  { plans }: DispatchDeps,
  reader: Reader,
  task: Task,
): Promise<readonly DependencyResult[]> {
  const results: DependencyResult[] = [];
  for (const id of task.dependsOn) {
    const before = await plans.get(reader, { plan: task.plan, id });
    results.push({
      task: before.id,
      title: before.title,
      summary: before.summary,
      commit: before.integratedCommit ?? before.commit,
    });
  }
  return results;
}

/** What HEAD must contain: the work of its dependencies, and the latest work that landed on its paths. */
function baseCommitsOf(
  landed: readonly LandedCommit[],
  results: readonly DependencyResult[],
): readonly string[] {
  const commits = [
    ...results.flatMap(({ commit }) => (commit === null ? [] : [commit])),
    ...landed.map(({ commit }) => commit),
  ];
  return [...new Set(commits)];
}
