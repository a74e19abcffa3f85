import { SkeinError } from "../base/errors.ts";
import { together } from "../base/together.ts";
import type { AllSetAside } from "../costs/index.ts";
import type { LandedCommit, Lease } from "../leases/index.ts";
import type { ClaimedTask } from "../plans/index.ts";
import type { OnceRequest, Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { Asking } from "./batch.ts";
import type { BatchLook } from "./batch-look.ts";
import type { Taken } from "./batch-table.ts";
import { claimEvent, scopeLease, viewClaim } from "./claim.ts";
import type { DispatchDeps } from "./deps.ts";
import { dispatchErrors } from "./errors.ts";
import { keptOf } from "./next.ts";
import type { PickedTask } from "./picked-task.ts";
import type { NextTaskOutcome } from "./request.ts";

/** A task picked for one of several, and the money for it. */
export interface BatchPick extends Taken {
  readonly asking: Asking;
  readonly session: Session;
  readonly call: OnceRequest;
  readonly pick: PickedTask;
}

/** A pick with the number of its event, which is its fence. */
interface Fenced extends BatchPick {
  readonly fence: number;
}

/** A pick and what was written for it. */
interface Written extends Fenced {
  readonly claimed: ClaimedTask;
  readonly leases: readonly Lease[];
  readonly money: AllSetAside;
  readonly landed: readonly LandedCommit[];
}

/** Takes picked tasks for their sessions, as `takeTask` does for one: fences, tasks, leases, and an event for each. */
export async function takeTasks(
  deps: DispatchDeps,
  tx: Transaction,
  { picks, look }: { readonly picks: readonly BatchPick[]; readonly look: BatchLook },
): Promise<readonly (readonly [Asking, NextTaskOutcome])[]> {
  if (picks.length === 0) {
    return [];
  }
  const first = await deps.events.nextSeq(tx);
  const fenced = picks.map((pick, at) => ({ ...pick, fence: first + at }));
  const written = await writeAll(deps, tx, { fenced, look });
  await deps.events.appendAll(
    tx,
    written.map((each) => ({
      by: each.asking.origin,
      draft: claimEvent({
        ...each,
        reservedMicroUsd: each.money.microUsd ?? 0,
        change: each.claimed.change,
      }),
    })),
  );
  const given = await together(written.map((each) => outcomeOf(deps, tx, each)));
  await deps.sessions.rememberAll(
    tx,
    given.map(({ call, outcome }) => ({ request: call, result: keptOf(outcome.claim, []) })),
  );
  return given.map(({ asking, outcome }) => [asking, outcome] as const);
}

/** What one is told. */
interface Given extends Pick<BatchPick, "asking" | "call"> {
  readonly outcome: NextTaskOutcome;
}

async function writeAll(
  deps: DispatchDeps,
  tx: Transaction,
  { fenced, look }: { readonly fenced: readonly Fenced[]; readonly look: BatchLook },
): Promise<readonly Written[]> {
  const scoped = fenced.filter(({ pick }) => pick.patterns.length > 0);
  const [money, claimed, granted, landed] = await together([
    deps.costs.reserveAll(tx, fenced.map(reservationOf), look.lastReservation),
    deps.plans.claimAll(
      tx,
      fenced.map(({ session, pick, fence }) => ({
        task: pick.task,
        session: session.id,
        fence,
        gitDir: session.gitDir,
        branch: session.branch,
      })),
    ),
    deps.leases.grantAll(
      tx,
      scoped.map((each) => ({ request: scopeLease(each), fence: each.fence })),
      look.lastLease,
    ),
    together(fenced.map(({ pick }) => deps.leases.landedCommits(tx, pick.patterns))),
  ]);
  const leaseOf = new Map(granted.map((lease) => [lease.fence, lease]));
  return fenced.map((each, at) => {
    const lease = leaseOf.get(each.fence);
    return {
      ...each,
      money: money[at] ?? nothingSet,
      claimed: claimed[at] ?? takenMeanwhile(each),
      leases: lease === undefined ? [] : [lease],
      landed: landed[at] ?? [],
    };
  });
}

const nothingSet: AllSetAside = { microUsd: null, warnings: [] };

function reservationOf({ session, pick, fence, covering, microUsd }: Fenced) {
  const { plan, id } = pick.task;
  return { plan, task: id, session: session.id, fence, microUsd, covering };
}

function takenMeanwhile({ pick: { task } }: Fenced): never {
  throw new SkeinError(dispatchErrors.notReady, {
    message: `${task.plan}/${task.id} was taken meanwhile.`,
    retryAfterMs: 50,
  });
}

async function outcomeOf(
  deps: DispatchDeps,
  tx: Transaction,
  { asking, call, session, claimed, leases, landed, money }: Written,
): Promise<Given> {
  const claim = await viewClaim(deps, tx, {
    session,
    task: claimed.task,
    leases,
    landed,
    isHeld: false,
  });
  const outcome = {
    standing: { session, handle: asking.handle, joined: false },
    claim: { ...claim, warnings: money.warnings },
    inbox: [],
    waiting: null,
    nowMs: tx.nowMs,
  };
  return { asking, call, outcome };
}
