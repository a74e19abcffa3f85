import type { Price } from "../../costs/index.ts";
import type { Lease } from "../../leases/index.ts";
import type { OverlapSearch } from "../../plans/index.ts";
import type { DraftPlan } from "../draft.ts";
import { collisionsOf } from "./collisions.ts";
import type { Collision } from "./collisions.ts";
import { estimatePlan } from "./estimate.ts";
import type { Estimate } from "./estimate.ts";
import { scheduleOf } from "./schedule.ts";
import type { Schedule } from "./schedule.ts";
import { treeLines } from "./tree-lines.ts";

/** What a person looks at before they approve. */
export interface PlanPreview {
  readonly tree: readonly string[];
  readonly schedule: Schedule;
  readonly estimate: Estimate;
  readonly collisions: readonly Collision[];
}

export interface PreviewDeps {
  readonly price: Price | null;
  readonly leases: readonly Lease[];
  readonly search: OverlapSearch;
}

/** Shows what a plan would come to. */
export function previewOf(plan: DraftPlan, { price, leases, search }: PreviewDeps): PlanPreview {
  return {
    tree: treeLines(plan.tasks),
    schedule: scheduleOf(plan.tasks),
    estimate: estimatePlan(plan, price),
    collisions: collisionsOf(plan.tasks, { leases, plan: plan.id, search }),
  };
}
