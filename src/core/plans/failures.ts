import type { Random } from "../base/clock.ts";
import type { Transaction } from "../store/index.ts";
import { attemptViews, record, taskChange } from "./changes.ts";
import type { PlanLog } from "./changes.ts";
import { endAttempt, endClaim } from "./claim-end.ts";
import type { ClaimEnd } from "./claim-end.ts";
import { needPlanRow, needTask, needTaskRow, staleFence, wrongState } from "./lookups.ts";
import { stopDependents } from "./propagation.ts";
import { parseFailures } from "./records.ts";
import type { By, FailOutcome, FailTask, TaskKey, UnderClaim } from "./requests.ts";
import { decideRetry, isFailing } from "./retry.ts";
import type { RetryDecision } from "./retry.ts";
import * as sql from "./statements.ts";
import type { TaskRow } from "./tables.ts";
import type { FailureCause } from "./task.ts";

export interface FailureDeps {
  readonly events: PlanLog;
  readonly random: Random;
}

/** A claim that ended with its session, or because its time ran out. */
export interface LoseTask extends UnderClaim {
  readonly failure: "session_lost" | "timeout";
  readonly summary: string;
  /** As at `FailTask`. */
  readonly mayRetry?: boolean | undefined;
}

/** A submitted task whose commit cannot be integrated as it is. */
export interface RejectTask extends By {
  readonly task: TaskKey;
  readonly failure: FailureCause;
  /** What the next attempt must know. */
  readonly summary: string;
  /** As at `FailTask`. */
  readonly mayRetry?: boolean | undefined;
}

interface Ending {
  readonly row: TaskRow;
  readonly by: By;
  readonly failure: FailureCause;
  readonly summary: string;
  readonly outcome: "failed" | "lost";
  readonly mayRetry: boolean;
}

/** Ends a claim with a failure: its cause decides whether the task is tried again. */
export async function failTask(
  deps: FailureDeps,
  tx: Transaction,
  request: FailTask,
): Promise<FailOutcome> {
  const row = await needClaim(tx, request);
  const { failure, summary, mayRetry = true } = request;
  return endBadly(deps, tx, { row, by: request, failure, summary, outcome: "failed", mayRetry });
}

/** Takes a task back from a session that is gone. */
export async function loseTask(
  deps: FailureDeps,
  tx: Transaction,
  request: LoseTask,
): Promise<FailOutcome> {
  const row = await needClaim(tx, request);
  const { failure, summary, mayRetry = true } = request;
  return endBadly(deps, tx, { row, by: request, failure, summary, outcome: "lost", mayRetry });
}

/** Sends a submitted task back: its commit conflicts, or its check fails. */
export async function rejectTask(
  deps: FailureDeps,
  tx: Transaction,
  request: RejectTask,
): Promise<FailOutcome> {
  const row = await needTaskRow(tx, request.task);
  if (row.status !== "submitted") {
    throw wrongState(row, "Only a submitted task can be sent back.");
  }
  const { failure, summary, mayRetry = true } = request;
  return endBadly(deps, tx, { row, by: request, failure, summary, outcome: "failed", mayRetry });
}

async function needClaim(tx: Transaction, under: UnderClaim): Promise<TaskRow> {
  const row = await needTaskRow(tx, under.task);
  const isCurrent = row.session === under.session && row.fence === under.fence;
  if (row.status !== "claimed" || !isCurrent) {
    throw await staleFence(tx, under);
  }
  return row;
}

async function endBadly(deps: FailureDeps, tx: Transaction, ending: Ending): Promise<FailOutcome> {
  const { row, by, failure } = ending;
  const failures = new Map(parseFailures(row.failures));
  failures.set(failure, (failures.get(failure) ?? 0) + 1);
  const count = failures.get(failure) ?? 1;
  const usual = decideRetry({ cause: failure, count, random01: random01(deps.random) });
  const decision: RetryDecision =
    ending.mayRetry || usual.kind !== "retry" ? usual : { kind: "person" };
  const retryAtMs = decision.kind === "retry" ? tx.nowMs + decision.afterMs : null;
  await writeEnding(tx, ending, { decision, failures, retryAtMs });
  const status = decision.kind === "retry" ? "pending" : "failed";
  const attempts = await attemptViews(tx, row);
  const seq = await record(deps.events, tx, {
    kind: ending.outcome === "lost" ? "task.lost" : "task.failed",
    by,
    data: {
      session: row.session,
      fence: row.fence,
      failure,
      decision: decision.kind,
      retry_at: retryAtMs,
    },
    changes: [
      taskChange(row, {
        status,
        session: null,
        fence: null,
        percent: null,
        commit: null,
        integrated_commit: null,
        reason: decision.kind === "retry" ? null : ending.summary,
        attempts,
      }),
    ],
  });
  const because = { actor: by.actor, cause: seq };
  const stopped =
    decision.kind === "retry"
      ? { blocked: [], canceled: [] }
      : await stopDependents(deps.events, tx, { ...because, root: row, how: "failed" });
  const isPlanPaused = await pauseIfFailing(deps.events, tx, { ...because, plan: row.plan });
  return { task: await needTask(tx, row), decision, retryAtMs, ...stopped, isPlanPaused };
}

interface Consequence {
  readonly decision: RetryDecision;
  readonly failures: ReadonlyMap<string, number>;
  readonly retryAtMs: number | null;
}

async function writeEnding(tx: Transaction, ending: Ending, next: Consequence): Promise<void> {
  const { row, failure, outcome } = ending;
  await endClaim(tx, row, claimEndOf(ending, next));
  if (next.decision.kind !== "retry") {
    await tx.put(sql.countOpen, [-1, tx.project, row.plan]);
  }
  const isSubmitted = row.status === "submitted";
  if (isSubmitted) {
    await tx.put(sql.failSubmittedAttempt, [failure, tx.project, row.plan, row.id, row.fence]);
  } else {
    await endAttempt(tx, row, { outcome, cause: failure, summary: ending.summary });
  }
  if (outcome === "failed" && failure !== "file_locked") {
    await tx.put(sql.countAttempt, [isSubmitted ? 0 : 1, 1, tx.project, row.plan]);
  }
}

function claimEndOf(ending: Ending, { decision, failures, retryAtMs }: Consequence): ClaimEnd {
  const { row, failure, summary } = ending;
  const common = { cause: failure, failures: JSON.stringify(Object.fromEntries(failures)) };
  if (decision.kind !== "retry") {
    return { ...common, status: "failed", reason: summary, isDeadLetter: true, feedback: summary };
  }
  return {
    ...common,
    status: "pending",
    feedback: decision.withFeedback ? summary : row.feedback,
    avoidSession: decision.avoidsSession ? row.session : null,
    startMs: laterOf(row.start_ms, retryAtMs),
  };
}

function laterOf(left: number | null, right: number | null): number | null {
  return left === null || right === null ? (left ?? right) : Math.max(left, right);
}

async function pauseIfFailing(
  log: PlanLog,
  tx: Transaction,
  because: By & { readonly plan: string },
): Promise<boolean> {
  const plan = await needPlanRow(tx, because.plan);
  const counts = { ended: plan.ended_attempts, failed: plan.failed_attempts };
  if (plan.status !== "active" || !isFailing(counts)) {
    return false;
  }
  const reason = `${counts.failed} of ${counts.ended} attempts failed, more than 15 %`;
  await tx.put(sql.updatePlanStatus, ["paused", reason, tx.project, plan.id]);
  await tx.put(sql.updateTasksOfPlanActive, [0, tx.project, plan.id]);
  await record(log, tx, {
    kind: "plan.paused",
    by: { actor: "system", cause: because.cause },
    data: { reason, ...counts },
    changes: [{ entity: "plan", id: plan.id, set: { status: "paused", pause_reason: reason } }],
  });
  return true;
}

function random01(random: Random): number {
  const [high = 0, low = 0] = random.bytes(2);
  return (high * 256 + low) / 65_536;
}
