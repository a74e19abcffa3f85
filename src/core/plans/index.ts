export { attemptView } from "./changes.ts";
export type { PlanLog } from "./changes.ts";
export type { ReleaseTask } from "./claims.ts";
export type { IntegratedTask } from "./completion.ts";
export { editWithReload } from "./edit-with-reload.ts";
export type { ReloadingEdit } from "./edit-with-reload.ts";
export { planErrors } from "./errors.ts";
export type { LoseTask, RejectTask } from "./failures.ts";
export { readJson } from "./json-tree.ts";
export { findCycle, inOrder, linkTasks } from "./graph.ts";
export type { TaskGraph } from "./graph.ts";
export { comparisonsOf } from "./overlaps.ts";
export type { OverlapSearch, ScopeSearch } from "./overlaps.ts";
export { planLimits, usualMinutes } from "./decode.ts";
export { formatOf, parsePlan, parsePlanJson, parsePlanMarkdown, parsePlanYaml } from "./parse.ts";
export type { PlanFormat, PlanText } from "./parse.ts";
export { planToJson, planToMarkdown, planToYaml } from "./plan-text.ts";
export type { PlanAct, PlanChange } from "./plan-acts.ts";
export type { Plan, PlanDraft, PlanStatus, Priority, TaskDraft, Verify } from "./plan.ts";
export { createPlans } from "./plans.ts";
export { planProbes } from "./probes.ts";
export { firstCandidatesQuery } from "./candidates.ts";
export type { Plans, PlansDeps, TaskSpend } from "./plans.ts";
export { isTaskStatus } from "./records.ts";
export { tablesOfPlans } from "./tables.ts";
export type {
  By,
  CancelOutcome,
  Candidate,
  CandidateCursor,
  CandidatePage,
  ClaimedTask,
  ClaimTask,
  DoneOutcome,
  EndedClaim,
  FailOutcome,
  FailTask,
  ImportOptions,
  ImportResult,
  Obstacle,
  PlanEdit,
  ProgressTask,
  RetryOutcome,
  ScopeOverlap,
  SubmittedTask,
  SubmittedWork,
  SubmitTask,
  TaskCounts,
  TaskEnds,
  TaskFilter,
  TaskKey,
  UnderClaim,
} from "./requests.ts";
export { decideRetry } from "./retry.ts";
export type { Failure, RetryDecision } from "./retry.ts";
export { scoreOf } from "./score.ts";
export type { ScoreFacts } from "./score.ts";
export { fullPlanText, isSameLimit } from "./parallel-limit.ts";
export type { FullPlan, ParallelLimit } from "./parallel-limit.ts";
export { planLimitsMigration, plansMigration } from "./tables.ts";
export type { TaskAct } from "./task-acts.ts";
export type {
  Attempt,
  AttemptOutcome,
  FailureCause,
  Task,
  TaskAttempt,
  TaskRef,
  TaskStatus,
} from "./task.ts";
export { canMove } from "./task-machine.ts";
export type { PlanWaits, StoredWaits, TrueWaits } from "./waits.ts";
