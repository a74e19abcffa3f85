import { sessionActor } from "../base/ids.ts";
import type { Json } from "../base/json.ts";
import type { Lease } from "../leases/index.ts";
import type { EndedClaim, Task, UnderClaim } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { identify } from "./identify.ts";
import { nextFor } from "./next.ts";
import { retryRule } from "./retry-money.ts";
import { isFull } from "./room.ts";
import type { FinishTaskOutcome, FinishTaskRequest, NextTaskOutcome, Standing } from "./request.ts";
import { bookUsage } from "./update.ts";

/** What an ended claim left. */
interface Ending {
  readonly landing: readonly Lease[];
  readonly retryAtMs: number | null;
  readonly unblocked: readonly string[];
}

/** Ends a claim: its leases end or stay until integration, its money is settled, and the next task may be claimed at once. */
export async function finishTask(
  deps: DispatchDeps,
  tx: Transaction,
  request: FinishTaskRequest,
): Promise<FinishTaskOutcome> {
  const standing = await identify(deps.sessions, tx, request.caller);
  const { session } = standing;
  const named = await deps.plans.resolve(tx, request.task, session.id);
  const { result } = await deps.sessions.once(
    tx,
    {
      session: session.id,
      key: request.key,
      operation: "finish_task",
      args: {
        task: `${named.plan}/${named.id}`,
        fence: request.fence,
        outcome: request.outcome,
        summary: request.summary,
        commit: request.commit,
      },
    },
    async () => {
      const ending = await end(deps, tx, { session, task: named, request });
      return { retry_at: ending.retryAtMs, unblocked: ending.unblocked };
    },
  );
  const leases = await deps.leases.list(tx, { plan: named.plan, task: named.id });
  const next = await nextAfter(deps, tx, { standing, request });
  return {
    standing,
    task: await deps.plans.get(tx, named),
    landing: leases.filter(({ origin }) => origin === "landing"),
    ...parseEnding(result),
    next,
  };
}

/** The next claim has a key of its own, so that a repeated call claims nothing twice. */
async function nextAfter(
  deps: DispatchDeps,
  tx: Transaction,
  { standing, request }: { readonly standing: Standing; readonly request: FinishTaskRequest },
): Promise<NextTaskOutcome | null> {
  if (!request.claimNext || (await isTooFull(deps, tx, standing.session))) {
    return null;
  }
  return nextFor(deps, tx, {
    standing: Promise.resolve(standing),
    request: {
      caller: request.caller,
      plan: null,
      task: null,
      waitMs: 0,
      key: request.key === null ? null : `${request.key}:next`,
      signal: null,
    },
  });
}

/** The end of a task is never undone because there is no room for the next; one that was given with it is held, and told again. */
async function isTooFull(deps: DispatchDeps, tx: Transaction, { id }: Session): Promise<boolean> {
  const isAnyFull = isFull(deps.room()) || (await deps.events.isFull(tx, "new"));
  return isAnyFull && (await deps.plans.taskHeldBy(tx, id)) === null;
}

function parseEnding(result: Json): Omit<Ending, "landing"> {
  if (typeof result !== "object" || result === null || !("unblocked" in result)) {
    return { retryAtMs: null, unblocked: [] };
  }
  const { retry_at: retryAt, unblocked } = result;
  const names: readonly Json[] = Array.isArray(unblocked) ? unblocked : [];
  return {
    retryAtMs: typeof retryAt === "number" ? retryAt : null,
    unblocked: names.filter((name) => typeof name === "string"),
  };
}

async function end(
  deps: DispatchDeps,
  tx: Transaction,
  ended: { readonly session: Session; readonly task: Task; readonly request: FinishTaskRequest },
): Promise<Ending> {
  const { session, task, request } = ended;
  const actor = sessionActor(session.id);
  const under: UnderClaim = { task, session: session.id, fence: request.fence, actor };
  // First what it used: what the plan's retries have cost decides whether a failed one is tried again.
  await bookUsage(deps, tx, { session, task, fence: request.fence, usage: request.usage });
  const ending = await endBy(deps, tx, { task, request, under });
  await deps.costs.settle(tx, {
    plan: task.plan,
    task: task.id,
    fence: request.fence,
    isFailed: request.outcome === "failed",
    actor,
  });
  return ending;
}

async function endBy(
  deps: DispatchDeps,
  tx: Transaction,
  {
    task,
    request,
    under,
  }: { readonly task: Task; readonly request: FinishTaskRequest; readonly under: UnderClaim },
): Promise<Ending> {
  switch (request.outcome) {
    case "submitted":
      return submit(deps, tx, { task, request, under });
    case "released":
      await deps.plans.release(tx, { ...under, reason: request.summary });
      await freeTask(deps, tx, { task, under, reason: "released", cause: await lastSeq(deps, tx) });
      return { landing: [], retryAtMs: null, unblocked: [] };
    case "failed": {
      const failure = request.cause ?? "agent_error";
      const rule = await retryRule(deps.costs, tx, { plan: task.plan, summary: request.summary });
      const cause = await deps.events.nextSeq(tx);
      const outcome = await deps.plans.fail(tx, { ...under, failure, ...rule });
      await freeTask(deps, tx, { task, under, reason: "failed", cause });
      await freeEnded(deps, tx, outcome.canceled);
      return { landing: [], retryAtMs: outcome.retryAtMs, unblocked: [] };
    }
  }
}

async function submit(
  deps: DispatchDeps,
  tx: Transaction,
  {
    task,
    request,
    under,
  }: { readonly task: Task; readonly request: FinishTaskRequest; readonly under: UnderClaim },
): Promise<Ending> {
  const { summary } = request;
  const commit = request.commit ?? request.head ?? null;
  await deps.plans.submit(tx, { ...under, summary, commit, branch: request.caller.branch });
  const cause = await lastSeq(deps, tx);
  if (task.verify !== "none") {
    const landing = await deps.leases.toLanding(tx, {
      plan: task.plan,
      task: task.id,
      actor: under.actor,
      cause,
    });
    return { landing, retryAtMs: null, unblocked: [] };
  }
  await freeTask(deps, tx, { task, under, reason: "finished", cause });
  const done = await deps.plans.done(tx, { task, actor: under.actor, cause });
  return { landing: [], retryAtMs: null, unblocked: done.unblocked };
}

/** The number of the newest event, which this transaction has written: its head is known, so that nothing is asked. */
export async function lastSeq(
  { events }: Pick<DispatchDeps, "events">,
  tx: Transaction,
): Promise<number> {
  return (await events.nextSeq(tx)) - 1;
}

interface Freeing {
  readonly task: Task;
  readonly under: UnderClaim;
  readonly reason: string;
  /** The event that ended the claim. */
  readonly cause: number;
}

async function freeTask(
  { leases }: DispatchDeps,
  tx: Transaction,
  { task, under, reason, cause }: Freeing,
): Promise<void> {
  await leases.release(
    tx,
    { kind: "task", plan: task.plan, task: task.id },
    { actor: under.actor, cause, reason },
  );
}

/** Ends the leases and reservations of claims that ended because of something else. */
export async function freeEnded(
  { leases, costs }: DispatchDeps,
  tx: Transaction,
  ended: readonly EndedClaim[],
): Promise<void> {
  for (const { plan, id, fence, cause } of ended) {
    const ending = { actor: "system", cause, reason: "canceled" } as const;
    await leases.release(tx, { kind: "task", plan, task: id }, ending);
    await costs.settle(tx, { plan, task: id, fence, isFailed: true, actor: "system" });
  }
}
