import { findOverlaps } from "../../plans/index.ts";
import type { OverlapReport, OverlapSearch } from "../../plans/index.ts";
import { leavesOf } from "../draft.ts";
import type { DraftPlan } from "../draft.ts";
import { graphOf } from "../graph.ts";
import type { DraftFault } from "./fault.ts";

/** Tasks that may run at the same time though their scopes overlap; nothing where the order is broken itself. Exact, and bounded. */
export function overlapsOf({ tasks }: DraftPlan, search: OverlapSearch): OverlapReport {
  const graph = graphOf(tasks);
  const open = leavesOf(tasks).filter(({ isDone }) => !isDone);
  return graph === null
    ? { overlaps: [], isComplete: true }
    : findOverlaps(
        open.map(({ id, scope }) => ({ id, files: scope })),
        graph,
        search(),
      );
}

/** The same as faults, for whoever has to mend them. */
export function checkOverlaps(plan: DraftPlan, search: OverlapSearch): readonly DraftFault[] {
  return overlapsOf(plan, search).overlaps.map(({ tasks: [one, other], files: [left, right] }) => ({
    rule: "overlap",
    tasks: [one, other],
    message: `${one} (${left}) and ${other} (${right}) share paths and could run at the same time. Let one depend on the other, or merge them.`,
  }));
}
