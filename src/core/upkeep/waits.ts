import type { PlanStatus, PlanWaits, StoredWaits, TrueWaits } from "../plans/index.ts";
import type { StateFacts } from "./state-facts.ts";
import type { Violation } from "./upkeep.ts";

/**
 * 11: what the pick goes by says what the tasks and their states say. Where it does not, a task that is ready is never handed out, or one
 * that is not is.
 */
export function checkWaits({ waits, plans }: Pick<StateFacts, "waits" | "plans">): Violation[] {
  const statuses = new Map(plans.map(({ id, status }) => [id, status]));
  return waits.flatMap((plan) => [
    ...checkOpen(plan),
    ...checkTasks(plan, statuses.get(plan.plan) ?? null),
  ]);
}

function checkOpen({ plan, openTasks, trueOpenTasks }: PlanWaits): Violation[] {
  const counted = `counts ${String(openTasks)} open tasks and has ${String(trueOpenTasks)}`;
  return openTasks === trueOpenTasks
    ? []
    : [{ invariant: 11, text: `${plan} ${counted}.`, facts: { plan } }];
}

function checkTasks(waits: PlanWaits, status: PlanStatus | null): Violation[] {
  const { plan, stored, cycle } = waits;
  if (cycle !== null) {
    const text = `${plan} has tasks that wait for each other: ${cycle.join(" -> ")}.`;
    return [{ invariant: 11, text, facts: { plan, cycle } }];
  }
  return stored.flatMap((task) => checkTask(task, waits.true.get(task.id) ?? null, status));
}

function fault(name: string, text: string): Violation {
  return { invariant: 11, text: `${name} ${text}`, facts: { task: name } };
}

function checkTask(
  task: StoredWaits,
  should: TrueWaits | null,
  plan: PlanStatus | null,
): Violation[] {
  const name = `${task.plan}/${task.id}`;
  const isActive = plan === "active" || plan === "finished";
  return [
    ...checkEdges(name, task, should),
    ...(task.isPlanActive === isActive
      ? []
      : [fault(name, `is marked as of a plan that is ${isActive ? "not " : ""}active.`)]),
    ...(should === null || task.isContainer === should.isContainer
      ? []
      : [fault(name, `is marked as ${should.isContainer ? "no" : "a"} container.`)]),
    ...(should === null || !isCounted(task, plan) || task.unmet === should.unmet
      ? []
      : [fault(name, `waits for ${String(should.unmet)} and counts ${String(task.unmet)}.`)]),
  ];
}

/** What is done waits for nothing; a container that was canceled with its plan is counted anew by the import that brings it back. */
function isCounted({ status, isContainer }: StoredWaits, plan: PlanStatus | null): boolean {
  return status !== "done" && !(isContainer && plan === "canceled");
}

function checkEdges(name: string, { edges }: StoredWaits, should: TrueWaits | null): Violation[] {
  const wanted = should?.edges ?? new Set<string>();
  const missing = [...wanted].filter((id) => !edges.includes(id));
  const extra = edges.filter((id) => !wanted.has(id));
  return [
    ...(missing.length === 0 ? [] : [fault(name, `has no edge to ${some(missing)}.`)]),
    ...(extra.length === 0
      ? []
      : [fault(name, `has an edge to ${some(extra)}, for which it does not wait.`)]),
  ];
}

/** The first few of many. */
function some(ids: readonly string[]): string {
  const rest = ids.length - 5;
  return ids.slice(0, 5).join(", ") + (rest > 0 ? ` and ${String(rest)} more` : "");
}
