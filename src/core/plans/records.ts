import type { SessionId } from "../base/ids.ts";
import { isSessionId } from "../base/ids.ts";
import { createMemo } from "../base/memo.ts";
import type { Plan, PlanStatus, Priority, Verify } from "./plan.ts";
import type { Candidate } from "./requests.ts";
import type { AttemptRow, CandidateRow, PlanRow, TaskRow } from "./tables.ts";
import type { Attempt, AttemptOutcome, FailureCause, Task, TaskStatus } from "./task.ts";

const taskStatuses: ReadonlySet<string> = new Set<TaskStatus>([
  "pending",
  "claimed",
  "submitted",
  "done",
  "failed",
  "blocked",
  "canceled",
]);
const priorities: ReadonlySet<string> = new Set<Priority>(["critical", "high", "medium", "low"]);
const causes: ReadonlySet<string> = new Set<FailureCause>([
  "network",
  "file_locked",
  "validation_failed",
  "agent_error",
  "git_conflict",
  "session_lost",
  "timeout",
  "canceled",
  "budget",
]);
const outcomes: ReadonlySet<string> = new Set<AttemptOutcome>([
  "submitted",
  "failed",
  "released",
  "lost",
  "canceled",
]);
const planStatuses: ReadonlySet<string> = new Set<PlanStatus>(["active", "paused", "canceled"]);

export function isTaskStatus(text: string): text is TaskStatus {
  return taskStatuses.has(text);
}

export function isPriority(text: string): text is Priority {
  return priorities.has(text);
}

export function isFailureCause(text: string): text is FailureCause {
  return causes.has(text);
}

export function isVerify(text: string): text is Verify {
  return /^(?:merge|lead|none|check:[A-Za-z0-9][\w.-]{0,63})$/u.test(text);
}

function isOutcome(text: string): text is AttemptOutcome {
  return outcomes.has(text);
}

function isPlanStatus(text: string): text is PlanStatus {
  return planStatuses.has(text);
}

/** Believes a stored word that only this module writes. */
function stored<T extends string>(text: string, isWord: (text: string) => text is T): T {
  if (!isWord(text)) {
    throw new TypeError(`The store holds the unknown word ${JSON.stringify(text)}.`);
  }
  return text;
}

function storedOrNull<T extends string>(
  text: string | null,
  isWord: (text: string) => text is T,
): T | null {
  return text === null ? null : stored(text, isWord);
}

/** Reads a stored JSON list of texts. */
export function parseTexts(text: string): readonly string[] {
  return text === "[]" ? [] : lists.of(text, () => textsOf(JSON.parse(text)));
}

/** The same ready tasks are read by claim after claim. */
const lists = createMemo<readonly string[]>(2_048);

function textsOf(list: unknown): readonly string[] {
  return Array.isArray(list) ? list.filter((item) => typeof item === "string") : [];
}

/** Reads the stored failures by cause. */
export function parseFailures(text: string): ReadonlyMap<string, number> {
  const counts: unknown = JSON.parse(text);
  const entries = typeof counts === "object" && counts !== null ? Object.entries(counts) : [];
  return new Map(
    entries.flatMap(([cause, count]) => (typeof count === "number" ? [[cause, count]] : [])),
  );
}

/** Reads the stored state of a task. */
export function taskStatusOf(text: string): TaskStatus {
  return stored(text, isTaskStatus);
}

function sessionOf(text: string | null): SessionId | null {
  return storedOrNull(text, isSessionId);
}

export function planOf(row: PlanRow): Plan {
  const status = stored(row.status, isPlanStatus);
  return {
    id: row.id,
    title: row.title,
    verify: stored(row.verify, isVerify),
    budgetMicroUsd: row.budget_micro_usd,
    status: status === "active" && row.open_tasks === 0 ? "finished" : status,
    pauseReason: row.pause_reason,
    proposedBy: row.proposed_by,
    createdAtMs: row.created_at_ms,
    version: row.version,
  };
}

export function taskOf(row: TaskRow): Task {
  return {
    plan: row.plan,
    id: row.id,
    title: row.title,
    spec: row.spec,
    files: parseTexts(row.files),
    dependsOn: parseTexts(row.depends_on),
    priority: stored(row.priority, isPriority),
    minutes: row.minutes,
    skills: parseTexts(row.skills),
    accept: parseTexts(row.accept),
    parent: row.parent,
    isContainer: row.is_container === 1,
    verify: stored(row.verify, isVerify),
    status: stored(row.status, isTaskStatus),
    unmet: row.unmet,
    dependents: row.dependents,
    notBeforeMs: row.start_ms,
    budgetMicroUsd: row.budget_micro_usd,
    spentMicroUsd: row.spent_micro_usd,
    attempts: row.attempts,
    session: sessionOf(row.session),
    fence: row.fence,
    claimedAtMs: row.claimed_at_ms,
    gitDir: row.git_dir,
    branch: row.branch,
    percent: row.percent,
    note: row.note,
    summary: row.summary,
    commit: row.commit_id,
    integratedCommit: row.integrated_commit,
    reason: row.reason,
    cause: storedOrNull(row.cause, isFailureCause),
    isDeadLetter: row.is_dead_letter === 1,
    feedback: row.feedback,
    avoidSession: sessionOf(row.avoid_session),
    assignedTo: sessionOf(row.assigned_to),
    createdAtMs: row.created_at_ms,
    updatedAtMs: row.updated_at_ms,
    version: row.version,
  };
}

export function candidateOf(row: CandidateRow): Candidate {
  return {
    plan: row.plan,
    id: row.id,
    title: row.title,
    files: parseTexts(row.files),
    skills: parseTexts(row.skills),
    priority: stored(row.priority, isPriority),
    minutes: row.minutes,
    budgetMicroUsd: row.budget_micro_usd,
    scoreTenths: -row.rank,
    age: row.age,
    attempts: row.attempts,
    avoidSession: sessionOf(row.avoid_session),
    assignedTo: sessionOf(row.assigned_to),
    version: row.version,
  };
}

export function attemptOf(row: AttemptRow): Attempt {
  return {
    number: row.number,
    session: stored(row.session, isSessionId),
    fence: row.fence,
    startedAtMs: row.started_at_ms,
    endedAtMs: row.ended_at_ms,
    outcome: storedOrNull(row.outcome, isOutcome),
    cause: storedOrNull(row.cause, isFailureCause),
    summary: row.summary,
    commit: row.commit_id,
    spentMicroUsd: row.spent_micro_usd,
  };
}
