import { cleanLine } from "../core/base/text.ts";
import { isoTime } from "../core/base/iso.ts";
import type { JsonObject } from "../core/base/json.ts";
import type { Approval } from "../core/approvals/index.ts";
import { patternText } from "../core/leases/index.ts";
import type { Lease, Refusal } from "../core/leases/index.ts";
import { audienceText } from "../core/messages/index.ts";
import type { Message } from "../core/messages/index.ts";
import type { Attempt, Plan, Task } from "../core/plans/index.ts";
import type { Session, SessionState } from "../core/sessions/index.ts";

/** Epoch milliseconds as ISO 8601, or null. */
export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

/** A text of one line, cut for a column. */
export function clip(text: string, most: number): string {
  // Two characters more tell that something follows: the first may be a space, which stands at no line's end.
  const line = cleanLine(text, most + 2);
  return line.length > most ? `${line.slice(0, most - 1)}…` : line;
}

export function taskData(task: Task): JsonObject {
  return {
    id: task.id,
    plan: task.plan,
    title: task.title,
    status: task.status,
    is_container: task.isContainer,
    priority: task.priority,
    minutes: task.minutes,
    files: task.files,
    depends_on: task.dependsOn,
    skills: task.skills,
    parent: task.parent,
    unmet: task.unmet,
    attempts: task.attempts,
    session: task.session,
    fence: task.fence,
    percent: task.percent,
    note: task.note,
    summary: task.summary,
    commit: task.commit,
    integrated_commit: task.integratedCommit,
    reason: task.reason,
    cause: task.cause,
    needs_person: task.isDeadLetter,
    branch: task.branch,
    assigned_to: task.assignedTo,
    not_before: isoOrNull(task.notBeforeMs),
    claimed_at: isoOrNull(task.claimedAtMs),
    spent_usd: usd(task.spentMicroUsd),
  };
}

export function attemptData(attempt: Attempt): JsonObject {
  return {
    number: attempt.number,
    session: attempt.session,
    fence: attempt.fence,
    started_at: isoTime(attempt.startedAtMs),
    ended_at: isoOrNull(attempt.endedAtMs),
    outcome: attempt.outcome,
    cause: attempt.cause,
    summary: attempt.summary,
    commit: attempt.commit,
    spent_usd: usd(attempt.spentMicroUsd),
  };
}

export function planData(plan: Plan): JsonObject {
  return {
    id: plan.id,
    title: plan.title,
    status: plan.status,
    verify: plan.verify,
    budget_usd: plan.budgetMicroUsd === null ? null : usd(plan.budgetMicroUsd),
    pause_reason: plan.pauseReason,
    proposed_by: plan.proposedBy,
    created_at: isoTime(plan.createdAtMs),
    version: plan.version,
  };
}

export function leaseData(lease: Lease): JsonObject {
  return {
    id: lease.id,
    session: lease.session,
    task: lease.task === null ? null : `${lease.plan ?? ""}/${lease.task}`,
    patterns: lease.patterns.map(patternText),
    mode: lease.mode,
    origin: lease.origin,
    reason: lease.reason,
    branch: lease.branch,
    fence: lease.fence,
    from: isoTime(lease.grantedAtMs),
    until: isoOrNull(lease.untilMs),
    released_at: isoOrNull(lease.releasedAtMs),
    release_reason: lease.releaseReason,
  };
}

export function refusalData({
  path,
  by,
  holder,
  holderName,
  untilMs,
  reason,
}: Refusal): JsonObject {
  return {
    path,
    lease: by?.id ?? null,
    holder,
    holder_name: holderName,
    until: isoOrNull(untilMs),
    reason,
  };
}

export function sessionData(session: Session, state: SessionState): JsonObject {
  return {
    id: session.id,
    name: session.name,
    role: session.role,
    tier: session.tier,
    state,
    parent: session.parent,
    skills: session.skills,
    client: session.client,
    branch: session.branch,
    pid: session.process?.pid ?? null,
    joined_at: isoTime(session.joinedAtMs),
    renewed_at: isoTime(session.renewedAtMs),
    ended_at: isoOrNull(session.endedAtMs),
    end_reason: session.endReason,
  };
}

export function messageData(message: Message): JsonObject {
  return {
    id: message.id,
    from: message.from,
    from_name: message.fromName,
    to: audienceText(message.to),
    thread: message.thread,
    text: message.text,
    sent_at: isoTime(message.sentAtMs),
    expires_at: isoOrNull(message.expiresAtMs),
  };
}

export function approvalData(approval: Approval): JsonObject {
  return {
    id: approval.id,
    session: approval.session,
    task: approval.task === null ? null : `${approval.plan ?? ""}/${approval.task}`,
    question: approval.question,
    options: approval.options,
    state: approval.state,
    asked_at: isoTime(approval.askedAtMs),
    deadline: isoTime(approval.deadlineMs),
    answer: approval.answer,
    answered_by: approval.answeredBy,
    answered_at: isoOrNull(approval.answeredAtMs),
  };
}

/** Dollars as a number with up to six digits behind the point. */
export function usd(microUsd: number): number {
  return microUsd / 1e6;
}
