import { sessionActor } from "../base/ids.ts";
import { together } from "../base/together.ts";
import type { Usage } from "../costs/index.ts";
import type { LeaseOutcome, Refusal } from "../leases/index.ts";
import type { Task } from "../plans/index.ts";
import { silenceMs, silentAtMs } from "../sessions/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import type { DispatchDeps } from "./deps.ts";
import { identify } from "./identify.ts";
import { readGiven } from "./scope.ts";
import type { UpdateTaskOutcome, UpdateTaskRequest } from "./request.ts";

/** Notes progress, adds paths and books usage under a claim. */
export async function updateTask(
  deps: DispatchDeps,
  tx: Transaction,
  request: UpdateTaskRequest,
): Promise<UpdateTaskOutcome> {
  const standing = await identify(deps.sessions, tx, request.caller);
  const { session } = standing;
  const named = await deps.plans.resolve(tx, request.task, session.id);
  const { key, fence, note, percent, addPaths } = request;
  let refused: readonly Refusal[] = [];
  await deps.sessions.once(
    tx,
    {
      session: session.id,
      key,
      operation: "update_task",
      args: { task: `${named.plan}/${named.id}`, fence, note, percent, add_paths: addPaths },
    },
    async () => {
      const actor = sessionActor(session.id);
      const under = { task: named, session: session.id, fence, actor };
      if (saysAnything(request)) {
        await deps.events.ensureRoom(tx, "begun");
      }
      await deps.plans.progress(tx, { ...under, note, percent });
      refused = await addScope(deps, tx, { session, task: named, paths: addPaths });
      await bookUsage(deps, tx, { session, task: named, fence, usage: request.usage });
      return refused.length === 0 ? { done: true } : null;
    },
  );
  const [task, leases, unread] = await together([
    deps.plans.get(tx, named),
    deps.leases.list(tx, { plan: named.plan, task: named.id }),
    deps.messages.unread(tx, session),
  ]);
  return { standing, task, fence, expiresAtMs: silentAtMs(session), leases, refused, unread };
}

/** False for a call that only renews. */
function saysAnything({ note, percent, addPaths, usage }: UpdateTaskRequest): boolean {
  return note !== null || percent !== null || addPaths.length > 0 || usage.length > 0;
}

async function addScope(
  deps: DispatchDeps,
  tx: Transaction,
  scope: { readonly session: Session; readonly task: Task; readonly paths: readonly string[] },
): Promise<readonly Refusal[]> {
  const { session, task, paths } = scope;
  if (paths.length === 0) {
    return [];
  }
  const outcome: LeaseOutcome = await deps.leases.request(tx, {
    session: session.id,
    ancestors: session.ancestors,
    patterns: paths.map((path) => readGiven(deps.paths, path)),
    mode: "exclusive",
    origin: "claim",
    reason: task.title,
    durationMs: silenceMs,
    plan: task.plan,
    task: task.id,
    branch: session.branch,
    queue: false,
  });
  return outcome.kind === "granted" ? [] : outcome.refused;
}

/** Books what a session says it used, on the task it holds. */
export async function bookUsage(
  { costs, plans }: DispatchDeps,
  tx: Transaction,
  booking: {
    readonly session: Session;
    readonly task: Task;
    readonly fence: number;
    readonly usage: readonly Usage[];
  },
): Promise<void> {
  const { session, task, fence } = booking;
  for (const usage of booking.usage) {
    const spend = await costs.record(tx, {
      session: session.id,
      plan: task.plan,
      task: task.id,
      fence,
      attempt: task.attempts,
      usage,
      actor: sessionActor(session.id),
    });
    await plans.addSpend(tx, { task, fence, microUsd: spend.microUsd });
  }
}
