import type { Approval } from "../approvals/index.ts";
import type { JsonObject } from "../base/json.ts";
import type { Budget, Spend } from "../costs/index.ts";
import type { Event } from "../events/index.ts";
import { leaseChange } from "../leases/index.ts";
import type { Lease } from "../leases/index.ts";
import type { Message } from "../messages/index.ts";
import { attemptView } from "../plans/index.ts";
import type { Attempt, Plan, Task } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";

/** Sessions of a process on the machine have none, and neither had those of earlier versions. */
function principalOf({ principal }: Session): JsonObject {
  return principal === null ? {} : { principal };
}

/** A session without its secrets. */
export function sessionView(session: Session): JsonObject {
  return {
    id: session.id,
    name: session.name,
    role: session.role,
    tier: session.tier,
    depth: session.depth,
    parent: session.parent,
    skills: session.skills,
    client: session.client,
    external_id: session.externalId,
    git_dir: session.gitDir,
    branch: session.branch,
    ...principalOf(session),
    joined_at: session.joinedAtMs,
    renewed_at: session.renewedAtMs,
    is_parked: session.isParked,
    ended_at: session.endedAtMs,
    end_reason: session.endReason,
  };
}

export function planView(plan: Plan): JsonObject {
  return {
    id: plan.id,
    title: plan.title,
    verify: plan.verify,
    budget_micro_usd: plan.budgetMicroUsd,
    status: plan.status,
    pause_reason: plan.pauseReason,
    proposed_by: plan.proposedBy,
    created_at: plan.createdAtMs,
    version: plan.version,
  };
}

export function taskView(task: Task, attempts: readonly Attempt[]): JsonObject {
  return {
    id: task.id,
    plan: task.plan,
    status: task.status,
    title: task.title,
    spec: task.spec,
    files: task.files,
    depends_on: task.dependsOn,
    priority: task.priority,
    minutes: task.minutes,
    skills: task.skills,
    accept: task.accept,
    parent: task.parent,
    is_container: task.isContainer,
    verify: task.verify,
    session: task.session,
    fence: task.fence,
    branch: task.branch,
    percent: task.percent,
    note: task.note,
    summary: task.summary,
    commit: task.commit,
    integrated_commit: task.integratedCommit,
    reason: task.reason,
    cause: task.cause,
    budget_micro_usd: task.budgetMicroUsd,
    spent_micro_usd: task.spentMicroUsd,
    attempts: attempts.map((attempt) => ({
      ...attemptView(attempt),
      number: attempt.number,
      summary: attempt.summary,
      commit: attempt.commit,
      spent_micro_usd: attempt.spentMicroUsd,
    })),
    created_at: task.createdAtMs,
    updated_at: task.updatedAtMs,
  };
}

export function leaseView(lease: Lease): JsonObject {
  return { id: lease.id, ...leaseChange(lease).set };
}

export function messageView(message: Message): JsonObject {
  const { to } = message;
  return {
    id: message.id,
    from: message.from,
    from_name: message.fromName,
    to: to.kind === "session" ? to.session : to.kind === "role" ? `role:${to.role}` : "all",
    thread: message.thread,
    text: message.text,
    sent_at: message.sentAtMs,
    expires_at: message.expiresAtMs,
  };
}

export function approvalView(approval: Approval): JsonObject {
  return {
    id: approval.id,
    session: approval.session,
    plan: approval.plan,
    task: approval.task,
    question: approval.question,
    options: approval.options,
    asked_at: approval.askedAtMs,
    deadline: approval.deadlineMs,
    is_extended: approval.isExtended,
    state: approval.state,
    answer: approval.answer,
    answered_by: approval.answeredBy,
    answered_at: approval.answeredAtMs,
  };
}

export function spendView(spend: Spend): JsonObject {
  return {
    id: spend.id,
    at: spend.atMs,
    session: spend.session,
    plan: spend.plan,
    task: spend.task,
    fence: spend.fence,
    attempt: spend.attempt,
    model: spend.usage.model,
    input_tokens: spend.usage.inputTokens,
    output_tokens: spend.usage.outputTokens,
    cache_read_tokens: spend.usage.cacheReadTokens,
    cache_write_tokens: spend.usage.cacheWriteTokens,
    micro_usd: spend.microUsd,
    is_guess: spend.isGuess,
    is_failed: spend.isFailed,
  };
}

export function budgetView(budget: Budget): JsonObject {
  return {
    scope: budget.scope,
    limit_micro_usd: budget.limitMicroUsd,
    is_hard: budget.isHard,
    reserved_micro_usd: budget.reservedMicroUsd,
    spent_micro_usd: budget.spentMicroUsd,
  };
}

/** `text` is the stored text, which the hash covers. */
export function eventView(event: Event, text: string): JsonObject {
  return {
    seq: event.seq,
    at: event.atMs,
    kind: event.kind,
    actor: event.actor,
    cause: event.cause,
    data: event.data,
    changes: event.changes.map(({ entity, id, set }) => ({ entity, id, set })),
    ...(event.by === null ? {} : { by: { ...event.by } }),
    prev_hash: event.prevHash,
    hash: event.hash,
    text,
  };
}
