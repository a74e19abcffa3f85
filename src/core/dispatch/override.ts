import { SkeinError } from "../base/errors.ts";
import { wordOfOthers } from "../base/text.ts";
import { isSessionId, sessionActor } from "../base/ids.ts";
import type { Actor, SessionId } from "../base/ids.ts";
import { patternsIntersect } from "../leases/index.ts";
import type { Lease } from "../leases/index.ts";
import type { Task } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Transaction } from "../store/index.ts";
import { countSkills, decideAssignee } from "./affinity.ts";
import type { Assignee } from "./affinity.ts";
import type { DispatchDeps } from "./deps.ts";
import type { OverrideRequest, ReassignRequest } from "./dispatch.ts";
import { dispatchErrors } from "./errors.ts";
import { lastSeq } from "./finish.ts";
import { endSession } from "./recover.ts";
import { scopeOf } from "./scope.ts";

/** Takes a claimed task from its holder and queues it again, kept for another session if one is meant. */
export async function reassign(
  deps: DispatchDeps,
  tx: Transaction,
  request: ReassignRequest,
): Promise<Task> {
  const task = await deps.plans.resolve(tx, request.target, null);
  const to =
    request.to === "best" ? await bestFor(deps, tx, task) : await livingId(deps, tx, request.to);
  if (task.status === "claimed") {
    await takeBack(deps, tx, { task, request, to });
  } else {
    await authorise(deps, tx, { request, holder: task.session });
    if (!(await deps.plans.assign(tx, task, to))) {
      throw new SkeinError(dispatchErrors.notReady, {
        message: `${task.plan}/${task.id} is ${task.status}: only a pending or claimed task can be handed to a session.`,
      });
    }
  }
  return deps.plans.get(tx, task);
}

/** Takes a claimed task from its holder and queues it again. */
export async function releaseTask(
  deps: DispatchDeps,
  tx: Transaction,
  request: OverrideRequest,
): Promise<Task> {
  const task = await deps.plans.resolve(tx, request.target, null);
  if (task.status !== "claimed") {
    throw new SkeinError(dispatchErrors.notHeld, {
      message: `${task.plan}/${task.id} is ${task.status}; nobody holds it.`,
    });
  }
  await takeBack(deps, tx, { task, request, to: null });
  return deps.plans.get(tx, task);
}

async function takeBack(
  deps: DispatchDeps,
  tx: Transaction,
  {
    task,
    request,
    to,
  }: { readonly task: Task; readonly request: OverrideRequest; readonly to: SessionId | null },
): Promise<void> {
  await authorise(deps, tx, { request, holder: task.session });
  if (task.session === null || task.fence === null) {
    throw new SkeinError(dispatchErrors.notHeld);
  }
  const actor = actorOf(request);
  await deps.plans.release(tx, {
    task,
    session: task.session,
    fence: task.fence,
    actor,
    cause: task.fence,
    reason: request.reason,
    outcome: "canceled",
    assignTo: to,
  });
  await deps.leases.release(
    tx,
    { kind: "task", plan: task.plan, task: task.id },
    { actor, cause: await lastSeq(deps, tx), reason: "forced" },
  );
  await deps.costs.settle(tx, {
    plan: task.plan,
    task: task.id,
    fence: task.fence,
    isFailed: false,
    actor,
  });
}

/** Ends a lease of files or edits that is not the caller's own. A claim's leases end with `releaseTask`. */
export async function forceRelease(
  deps: DispatchDeps,
  tx: Transaction,
  request: OverrideRequest,
): Promise<Lease> {
  const lease = await deps.leases.get(tx, request.target);
  if (lease === null || lease.releasedAtMs !== null) {
    throw new SkeinError(dispatchErrors.lease, {
      message: `There is no live lease ${JSON.stringify(request.target)}.`,
    });
  }
  await authorise(deps, tx, { request, holder: lease.session });
  if (lease.origin === "claim") {
    throw new SkeinError(dispatchErrors.notReady, {
      message: `${lease.id} belongs to the claim of ${lease.plan ?? ""}/${lease.task ?? ""}.`,
      fix: `Run \`skein task release ${lease.plan ?? ""}/${lease.task ?? ""} --reason TEXT\`.`,
    });
  }
  const actor = actorOf(request);
  const ending = { actor, cause: lease.fence, reason: `forced: ${request.reason}` };
  await deps.leases.release(tx, { kind: "leases", ids: [lease.id] }, ending);
  return (await deps.leases.get(tx, lease.id)) ?? lease;
}

/** Ends a session, as if its process had gone. */
export async function revoke(
  deps: DispatchDeps,
  tx: Transaction,
  request: OverrideRequest,
): Promise<Session> {
  const session = await deps.sessions.find(tx, request.target);
  if (session === null) {
    throw noSession(request.target);
  }
  await authorise(deps, tx, { request, holder: session.id });
  await endSession(deps, tx, {
    over: { session, why: "revoked" },
    actor: actorOf(request),
    reason: request.reason,
  });
  return (await deps.sessions.get(tx, session.id)) ?? session;
}

function actorOf({ by, person }: OverrideRequest): Actor {
  return by === null ? `person:${person ?? "unknown"}` : sessionActor(by.id);
}

/** A person may; a session may only where it stands above the holder. @throws {SkeinError} SKN-3801, SKN-1801. */
async function authorise(
  { sessions }: DispatchDeps,
  tx: Transaction,
  { request, holder }: { readonly request: OverrideRequest; readonly holder: SessionId | null },
): Promise<void> {
  if (request.reason.trim() === "") {
    throw new SkeinError(dispatchErrors.reason);
  }
  if (request.by === null || holder === null || holder === request.by.id) {
    return;
  }
  const held = await sessions.get(tx, holder);
  if (held?.ancestors.includes(request.by.id) !== true) {
    throw new SkeinError(dispatchErrors.notYours, {
      message: `${request.target} belongs to ${wordOfOthers(held?.name ?? "session", 40)} (${holder}).`,
      facts: { holder },
    });
  }
}

async function livingId(
  { sessions }: DispatchDeps,
  tx: Transaction,
  name: string | null,
): Promise<SessionId | null> {
  if (name === null) {
    return null;
  }
  const found = await sessions.find(tx, name);
  if (found === null) {
    throw noSession(name);
  }
  return found.id;
}

function noSession(name: string): SkeinError {
  return new SkeinError(dispatchErrors.session, {
    message: `There is no living session ${JSON.stringify(name)}.`,
    facts: { session: isSessionId(name) ? name : null },
  });
}

/** The best suited living session for a task (E8). */
async function bestFor(deps: DispatchDeps, tx: Transaction, task: Task): Promise<SessionId | null> {
  const scope = scopeOf(deps.paths, task);
  const assignees: Assignee[] = [];
  for (const session of await deps.sessions.list(tx, "living")) {
    const touched = await deps.leases.touchedBy(tx, session.id, 8);
    const held = await deps.plans.tasksHeldBy(tx, session.id);
    assignees.push({
      session: session.id,
      hasTouched: scope.some((one) =>
        touched.some((other) => patternsIntersect(one, other, deps.policy)),
      ),
      skillsMatched: countSkills(task.skills, session.skills),
      load: held.length,
    });
  }
  const others = assignees.filter(({ session }) => session !== task.session);
  return decideAssignee(others);
}
