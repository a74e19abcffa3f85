import type { Random } from "../base/clock.ts";
import type { MicroUsd, SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { prunePlan, readFinished } from "./archiving.ts";
import type { PlanLog } from "./changes.ts";
import { claimTask, claimTasks, noteProgress, releaseTask, submitTask } from "./claims.ts";
import type { ReleaseTask } from "./claims.ts";
import { completeTask, markIntegrated } from "./completion.ts";
import type { IntegratedTask } from "./completion.ts";
import { failTask, loseTask, rejectTask } from "./failures.ts";
import type { LoseTask, RejectTask } from "./failures.ts";
import { importPlan } from "./imports.ts";
import { needPlan, needTask, resolveTask } from "./lookups.ts";
import type { OverlapSearch } from "./overlaps.ts";
import { limitParallel, readFullPlans, readParallelLimit } from "./parallel-limit.ts";
import type { FullPlan, ParallelLimit } from "./parallel-limit.ts";
import { cancelPlan, editPlan, pausePlan, resumePlan } from "./plan-acts.ts";
import type { PlanAct, PlanChange } from "./plan-acts.ts";
import type { Plan, PlanDraft } from "./plan.ts";
import * as candidates from "./candidates.ts";
import * as reads from "./reads.ts";
import type {
  By,
  CancelOutcome,
  Candidate,
  CandidatePage,
  ClaimedTask,
  ClaimTask,
  Delayed,
  DoneOutcome,
  FailOutcome,
  FailTask,
  ImportOptions,
  ImportResult,
  Obstacle,
  ProgressTask,
  RetryOutcome,
  SubmitTask,
  SubmittedWork,
  TaskCounts,
  TaskEnds,
  TaskFilter,
  TaskKey,
} from "./requests.ts";
import * as sql from "./statements.ts";
import { cancelTask, retryTask } from "./task-acts.ts";
import type { TaskAct } from "./task-acts.ts";
import type { Attempt, Task, TaskAttempt } from "./task.ts";
import { readWaits } from "./waits.ts";
import type { PlanWaits } from "./waits.ts";

export interface PlansDeps {
  /** The project's log; `Events` is one. */
  readonly events: PlanLog;
  /** Spreads the delays of retries. */
  readonly random: Random;
  /** Tells whether two scopes, as written, share a path; warns of overlaps at an import. */
  readonly overlaps: OverlapSearch;
  /** The most open tasks of the project. Default null: no limit. */
  readonly mostOpenTasks?: number | null | undefined;
}

/** Money spent under a claim. */
export interface TaskSpend {
  readonly task: TaskKey;
  /** The attempt's fence. */
  readonly fence: number;
  readonly microUsd: MicroUsd;
}

/**
 * Plans, their tasks and every attempt at them. Each writing operation takes part in the caller's transaction and appends its own events,
 * but for `claim`, whose event the caller appends because it mints the fence.
 */
export interface Plans {
  /** Takes a plan file into the store, all or nothing; the same content again changes nothing and appends no event. */
  importPlan(tx: Transaction, draft: PlanDraft, options: ImportOptions): Promise<ImportResult>;
  /** Ready tasks of active plans, by score and then by age; their paths may be leased. */
  candidates(reader: Reader, page: CandidatePage): Promise<readonly Candidate[]>;
  /** The first page of them, which a store may be asked for before its work begins: `firstCandidatesQuery`. */
  firstCandidates(
    reader: Reader,
    page: Pick<CandidatePage, "plan" | "limit">,
  ): Promise<readonly Candidate[]>;
  /** How many tasks of each plan may be claimed at once; null: as many as there are. */
  parallelLimit(reader: Reader): Promise<ParallelLimit | null>;
  /** Plans of which no further task may be claimed now; exact in the transaction that claims. */
  full(reader: Reader): Promise<readonly FullPlan[]>;
  /** Tasks that wait for their time alone, of one plan or of all. */
  delayed(reader: Reader, plan: string | null): Promise<Delayed>;
  /** Since when the task that is ready for longest is so; null when none is ready. */
  oldestReadyMs(reader: Reader): Promise<number | null>;
  /** By `PLAN/T1` or `T1`. @throws {SkeinError} SKN-5402 none, SKN-5403 several. */
  resolve(reader: Reader, name: string, session: SessionId | null): Promise<Task>;
  find(reader: Reader, task: TaskKey): Promise<Task | null>;
  /** @throws {SkeinError} SKN-5402 */
  get(reader: Reader, task: TaskKey): Promise<Task>;
  /** @throws {SkeinError} SKN-5401 */
  getPlan(reader: Reader, id: string): Promise<Plan>;
  findPlan(reader: Reader, id: string): Promise<Plan | null>;
  listPlans(reader: Reader): Promise<readonly Plan[]>;
  listTasks(reader: Reader, filter: TaskFilter): Promise<readonly Task[]>;
  attemptsOf(reader: Reader, task: TaskKey): Promise<readonly Attempt[]>;
  /** All attempts of a session, in the order in which they began. */
  attemptsBy(reader: Reader, session: SessionId): Promise<readonly TaskAttempt[]>;
  /** Those that ended at a time or later or that go on, in the order in which they began. */
  attemptsSince(reader: Reader, sinceMs: number): Promise<readonly TaskAttempt[]>;
  /** How many tasks reached an end since a time, by day. */
  endsByDay(reader: Reader, sinceMs: number): Promise<readonly TaskEnds[]>;
  /** By task id. */
  attemptsOfPlan(reader: Reader, plan: string): Promise<ReadonlyMap<string, readonly Attempt[]>>;
  /** The unfinished claim of a session, or null. */
  taskHeldBy(reader: Reader, session: SessionId): Promise<Task | null>;
  tasksHeldBy(reader: Reader, session: SessionId): Promise<readonly Task[]>;
  /** Of one plan, or of all with null. */
  counts(reader: Reader, plan: string | null): Promise<TaskCounts>;
  /** What was submitted of one plan, or of all with null. */
  submitted(
    reader: Reader,
    page: { readonly plan: string | null; readonly limit: number },
  ): Promise<SubmittedWork>;
  /** The first tasks that failed for good, of one plan, or of all with null. */
  failed(
    reader: Reader,
    page: { readonly plan: string | null; readonly limit: number },
  ): Promise<readonly TaskKey[]>;
  obstacles(reader: Reader, task: TaskKey): Promise<readonly Obstacle[]>;
  /** Who waits for whom, as the pick goes by and as it should be, of all tasks. */
  waits(reader: Reader): Promise<readonly PlanWaits[]>;
  /** A stored plan as its file would say it. */
  draftOf(reader: Reader, plan: string): Promise<PlanDraft>;

  /** Null when the task changed since it was read or is not free to be claimed. */
  claim(tx: Transaction, claim: ClaimTask): Promise<ClaimedTask | null>;
  /** The same for several tasks at once, in their order. */
  claimAll(tx: Transaction, claims: readonly ClaimTask[]): Promise<readonly (ClaimedTask | null)[]>;
  /** @throws {SkeinError} SKN-4401 under a stale fence, as do the next four. */
  progress(tx: Transaction, request: ProgressTask): Promise<Task>;
  submit(tx: Transaction, request: SubmitTask): Promise<Task>;
  release(tx: Transaction, request: ReleaseTask): Promise<Task>;
  fail(tx: Transaction, request: FailTask): Promise<FailOutcome>;
  /** Takes a task back from a dead session or an expired claim. */
  lose(tx: Transaction, request: LoseTask): Promise<FailOutcome>;
  /** Sends a submitted task back. @throws {SkeinError} SKN-4403 when it is not submitted, as do the next two. */
  reject(tx: Transaction, request: RejectTask): Promise<FailOutcome>;
  /** Notes the commit that stands on the integration branch; `done` is for the caller to decide by `verify`. */
  integrated(tx: Transaction, request: IntegratedTask): Promise<Task>;
  done(tx: Transaction, request: By & { readonly task: TaskKey }): Promise<DoneOutcome>;

  /** @throws {SkeinError} SKN-4403 when the state does not allow it, as do all below. */
  cancelTask(tx: Transaction, act: TaskAct): Promise<CancelOutcome>;
  retryTask(tx: Transaction, act: By & { readonly task: TaskKey }): Promise<RetryOutcome>;
  /** Keeps a pending task for one session, or for any with null. False when it is not pending. */
  assign(tx: Transaction, task: TaskKey, to: SessionId | null): Promise<boolean>;
  /** Frees what was kept for a session that is gone. */
  unassign(tx: Transaction, session: SessionId): Promise<number>;
  pausePlan(tx: Transaction, act: PlanAct): Promise<Plan>;
  resumePlan(tx: Transaction, act: PlanAct): Promise<Plan>;
  /** Sets how many tasks of each plan may be claimed at once, or takes the limit away. What is claimed stays claimed. */
  limitParallel(tx: Transaction, act: By & { readonly limit: ParallelLimit | null }): Promise<void>;
  cancelPlan(tx: Transaction, act: PlanAct): Promise<CancelOutcome>;
  /** @throws {SkeinError} SKN-4402 when the plan is not at that version any more. */
  editPlan(tx: Transaction, change: PlanChange): Promise<Plan>;
  addSpend(tx: Transaction, spend: TaskSpend): Promise<void>;
  /** Plans in which nothing is left to do and nothing has changed since a time. */
  finishedBefore(reader: Reader, beforeMs: number): Promise<readonly string[]>;
  /** Deletes a finished plan with its tasks and attempts, without an event; tells how many tasks went. */
  prunePlan(tx: Transaction, plan: string): Promise<number>;
}

const looks = {
  candidates: candidates.readCandidates,
  firstCandidates: candidates.readFirstCandidates,
  parallelLimit: readParallelLimit,
  full: readFullPlans,
  delayed: candidates.readDelayed,
  oldestReadyMs: candidates.readOldestReady,
  resolve: resolveTask,
  find: reads.findTask,
  get: needTask,
  getPlan: needPlan,
  findPlan: reads.findPlan,
  listPlans: reads.listPlans,
  listTasks: reads.listTasks,
  attemptsOf: reads.readAttempts,
  attemptsBy: reads.readAttemptsBy,
  attemptsSince: reads.readAttemptsSince,
  endsByDay: reads.readEndsByDay,
  attemptsOfPlan: reads.readAttemptsOfPlan,
  taskHeldBy: reads.readHeld,
  tasksHeldBy: reads.readAllHeld,
  counts: candidates.countTasks,
  submitted: candidates.readSubmitted,
  failed: candidates.readFailed,
  obstacles: reads.readObstacles,
  waits: readWaits,
  draftOf: reads.readDraft,
} as const;

export function createPlans(deps: PlansDeps): Plans {
  const { events } = deps;
  return {
    ...looks,
    importPlan: (tx, draft, options) => importPlan(deps, tx, { draft, options }),
    claim: claimTask,
    claimAll: claimTasks,
    progress: (tx, request) => noteProgress(events, tx, request),
    submit: (tx, request) => submitTask(events, tx, request),
    release: (tx, request) => releaseTask(events, tx, request),
    fail: (tx, request) => failTask(deps, tx, request),
    lose: (tx, request) => loseTask(deps, tx, request),
    reject: (tx, request) => rejectTask(deps, tx, request),
    integrated: (tx, request) => markIntegrated(events, tx, request),
    done: (tx, request) => completeTask(events, tx, request),
    cancelTask: (tx, act) => cancelTask(events, tx, act),
    retryTask: (tx, act) => retryTask(events, tx, act),
    assign: assignTask,
    unassign: (tx, session) => tx.run(sql.clearAssignments, [tx.project, session]),
    pausePlan: (tx, act) => pausePlan(events, tx, act),
    resumePlan: (tx, act) => resumePlan(events, tx, act),
    limitParallel: (tx, act) => limitParallel(events, tx, act),
    cancelPlan: (tx, act) => cancelPlan(events, tx, act),
    editPlan: (tx, change) => editPlan(events, tx, change),
    addSpend,
    finishedBefore: readFinished,
    prunePlan,
  };
}

async function assignTask(
  tx: Transaction,
  { plan, id }: TaskKey,
  to: SessionId | null,
): Promise<boolean> {
  return (await tx.run(sql.assignTask, [to, tx.nowMs, tx.project, plan, id])) === 1;
}

async function addSpend(tx: Transaction, { task, fence, microUsd }: TaskSpend): Promise<void> {
  await tx.put(sql.addTaskSpend, [microUsd, tx.project, task.plan, task.id]);
  await tx.put(sql.addAttemptSpend, [microUsd, tx.project, task.plan, task.id, fence]);
}
