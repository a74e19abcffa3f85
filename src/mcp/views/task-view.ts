import type { Claim, NextTaskOutcome, WaitingSummary } from "../../core/dispatch/index.ts";
import type { Message } from "../../core/messages/index.ts";
import type { Task } from "../../core/plans/index.ts";
import { leaseViews } from "./lease-view.ts";
import type { LeaseView } from "./lease-view.ts";
import { inboxView } from "./message-view.ts";
import type { MessageView } from "./message-view.ts";
import {
  bytesOf,
  clip,
  clipToBytes,
  isoFromOrNull,
  isoOrNull,
  longestAnswerBytes,
  withinBytes,
} from "./text.ts";

/** A task as whoever works on it sees it. `spec`, `accept`, `results` and `feedback` are quoted text. */
export interface WorkView {
  readonly id: string;
  readonly plan: string;
  readonly title: string;
  readonly spec: string;
  readonly files: readonly string[];
  readonly accept: readonly string[];
  readonly priority: string;
  readonly minutes: number;
  readonly attempt: number;
  /** What the work of its dependencies came to. */
  readonly results: readonly ResultView[];
  /** HEAD must contain these before work begins. */
  readonly base_commits: readonly string[];
  readonly feedback: string | null;
}

export interface ResultView {
  readonly task: string;
  readonly summary: string | null;
  readonly commit: string | null;
}

/** What `next_task` answers, and `finish_task` with `claim_next`. */
export interface NextTaskView {
  readonly task: WorkView | null;
  readonly fence: number | null;
  readonly leases: readonly LeaseView[];
  readonly expires_at: string | null;
  readonly inbox: readonly MessageView[];
  /** Null with a task: else what the others wait for. */
  readonly waiting: WaitingView | null;
  readonly next: string;
}

export interface WaitingView {
  readonly ready: number;
  readonly on_dependencies: number;
  readonly on_pause: number;
  readonly on_paths: number;
  readonly on_others: number;
  readonly on_time: number;
  readonly claimed: number;
  readonly submitted: number;
  readonly done: number;
  readonly ended: number;
  readonly reasons: readonly string[];
  readonly retry_at: string | null;
}

/** `besideBytes`: what else stands in the same answer. */
export function nextTaskView(
  { claim, inbox, waiting }: NextTaskOutcome,
  besideBytes = 200,
): NextTaskView {
  if (claim !== null) {
    return claimView(claim, inbox, besideBytes);
  }
  return {
    task: null,
    fence: null,
    leases: [],
    expires_at: null,
    inbox: inboxView(inbox, 4_000),
    waiting: waiting === null ? null : waitingView(waiting),
    next: idleHint(waiting),
  };
}

function claimView(claim: Claim, inbox: readonly Message[], besideBytes: number): NextTaskView {
  const view = {
    fence: claim.fence,
    leases: leaseViews(claim.leases, 900),
    expires_at: isoOrNull(claim.expiresAtMs),
    inbox: inboxView(inbox, 1_200),
    waiting: null,
    next: workHint(claim),
  };
  return { task: workView(claim, besideBytes + bytesOf(view)), ...view };
}

/** The spec gets the room that everything else leaves. */
function workView({ task, results, baseCommits, feedback }: Claim, takenBytes: number): WorkView {
  const rest = {
    id: task.id,
    plan: task.plan,
    title: clipToBytes(task.title, 200),
    files: withinBytes(task.files, 900),
    accept: withinBytes(task.accept, 700, 300),
    priority: task.priority,
    minutes: task.minutes,
    attempt: task.attempts,
    results: results.slice(0, mostResults).map(({ task: id, summary, commit }) => ({
      task: id,
      summary:
        summary === null ? null : clipToBytes(summary, Math.floor(600 / results.length) + 20),
      commit,
    })),
    base_commits: baseCommits.slice(0, 10),
    feedback: feedback === null ? null : clipToBytes(feedback, 500),
  };
  const room = longestAnswerBytes - takenBytes - bytesOf(rest) - '"task":,"spec":,'.length;
  return { ...rest, spec: clipToBytes(task.spec, Math.max(100, room)) };
}

/** Tasks with more dependencies than these are rare; `base_commits` has their work all the same. */
const mostResults = 8;

function waitingView(waiting: WaitingSummary): WaitingView {
  return {
    ready: waiting.ready,
    on_dependencies: waiting.onDependencies,
    on_pause: waiting.onPause,
    on_paths: waiting.onPaths,
    on_others: waiting.onOthers,
    on_time: waiting.onTime,
    claimed: waiting.claimed,
    submitted: waiting.submitted,
    done: waiting.done,
    ended: waiting.ended,
    reasons: waiting.reasons.slice(0, 5).map((reason) => clip(reason, 240)),
    retry_at: isoFromOrNull(waiting.retryAtMs),
  };
}

function workHint({ task, fence, baseCommits, isHeld, warnings }: Claim): string {
  const call = `finish_task {task: "${task.plan}/${task.id}", fence: ${String(fence)}, outcome: "submitted", commit, summary}`;
  const first = baseCommits.length === 0 ? "" : "First bring HEAD to contain base_commits. ";
  const held = isHeld ? "You hold this claim already. " : "";
  const money = warnings.length === 0 ? "" : `${clipToBytes(warnings.join(" "), 400)} `;
  return `${held}${money}${first}Edit only the leased paths, commit, then ${call}. Need more paths: update_task add_paths.`;
}

function idleHint(waiting: WaitingSummary | null): string {
  if (waiting === null) {
    return "Nothing to do now. Call next_task with wait_seconds: 45.";
  }
  const { ready, onDependencies, onPause, onPaths, onOthers, onTime } = waiting;
  const open = ready + onDependencies + onPause + onPaths + onOthers + onTime;
  const left = open + waiting.claimed + waiting.submitted;
  const others = awaitedText(waiting.awaited);
  if (left === 0) {
    return endedHint(waiting, others);
  }
  if (left === onPause) {
    return "All that is left is paused until a person resumes it (see waiting.reasons); tell your person, or call next_task with wait_seconds: 45.";
  }
  const isAllAwaited = others !== "" && waiting.claimed === waiting.awaited.toAnswer;
  const first = `Nothing is free now${others}.`;
  return isAllAwaited
    ? `${first} No other task is in work: tell your person, or call next_task with wait_seconds: 45.`
    : `${first} Call next_task with wait_seconds: 45, or look at the board.`;
}

function endedHint({ done, ended, awaited }: WaitingSummary, others: string): string {
  if (awaited.toRetry > 0) {
    return `All tasks that may run have ended${others}. Tell your person.`;
  }
  return done + ended === 0
    ? "There is no plan yet. Propose one with propose_plan."
    : "All tasks have ended. Nothing is left to do.";
}

/** What others have to do, in half a sentence; empty: nothing. */
function awaitedText({
  toIntegrate,
  toAccept,
  toAnswer,
  toRetry,
}: WaitingSummary["awaited"]): string {
  const parts = [
    ...counted(toIntegrate, "submitted task", "to be integrated"),
    ...counted(toAccept, "integrated task", "to be accepted"),
    ...counted(toAnswer, "claimed task", "for a person's answer"),
    ...counted(toRetry, "failed task", "for a person to retry"),
  ];
  return parts.length === 0 ? "" : `: ${parts.join(", ")} (see waiting.reasons)`;
}

function counted(count: number, noun: string, what: string): readonly string[] {
  if (count === 0) {
    return [];
  }
  return [count === 1 ? `1 ${noun} waits ${what}` : `${String(count)} ${noun}s wait ${what}`];
}

/** A task in one row. */
export interface TaskRow {
  readonly id: string;
  readonly status: string;
  readonly title: string;
  readonly by: string | null;
}

export function taskRow(task: Task, withPlan: boolean): TaskRow {
  return {
    id: withPlan ? `${task.plan}/${task.id}` : task.id,
    status: task.isDeadLetter ? "failed (needs a person)" : task.status,
    title: clip(task.title, 48),
    by: task.session,
  };
}
