export type { PlannerModels } from "./asking/asking.ts";
export type { DraftTask, PlanSource, SourceKind } from "./draft.ts";
export { plannerErrors } from "./errors.ts";
export type { Approval, ApproveRequest } from "./keeping/approve.ts";
export { createPlanner, mostSourceChars } from "./planner.ts";
export type { Base, DraftRequest, DraftResult, Planner, PlannerDeps } from "./planner.ts";
export { estimateTask } from "./preview/estimate.ts";
export { sizeOf } from "./preview/tree-lines.ts";
export { plannerMigration } from "./tables.ts";
