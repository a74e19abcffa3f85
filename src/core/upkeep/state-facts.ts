import type { Budget, BudgetTally } from "../costs/index.ts";
import type { ChainPoint, EntityKind, Event, LogCheck } from "../events/index.ts";
import type { JsonObject } from "../base/json.ts";
import type { Lease, PathPolicy } from "../leases/index.ts";
import type { Plan, PlanWaits } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Reader } from "../store/index.ts";
import type { UpkeepDeps } from "./deps.ts";
import { readEvents, readLeases, readTasks } from "./snapshot.ts";
import type { TaskWithAttempts } from "./snapshot.ts";
import { leaseView, planView, sessionView, taskView } from "./views.ts";

/** All that the invariants speak of, read in one snapshot. */
export interface StateFacts {
  readonly nowMs: number;
  readonly policy: PathPolicy;
  readonly sessions: readonly Session[];
  readonly plans: readonly Plan[];
  readonly tasks: readonly TaskWithAttempts[];
  /** All leases, ended ones too. */
  readonly leases: readonly Lease[];
  readonly budgets: readonly Budget[];
  /** What stands in every budget, and what it should be. */
  readonly tally: readonly BudgetTally[];
  /** Who waits for whom, plan by plan, as it is stored and as it should be. */
  readonly waits: readonly PlanWaits[];
  /** The live log, oldest first. */
  readonly events: readonly Event[];
  /** The end of what was archived of the log. */
  readonly archivedTo: ChainPoint;
  /** The check of the stored chain. */
  readonly log: LogCheck;
}

export type FactsDeps = Pick<
  UpkeepDeps,
  "costs" | "events" | "leases" | "plans" | "policy" | "sessions"
>;

/** Reads the facts of one moment. */
export async function readStateFacts(deps: FactsDeps, reader: Reader): Promise<StateFacts> {
  const { sessions, plans, costs, events, policy } = deps;
  return {
    nowMs: reader.nowMs,
    policy,
    sessions: await sessions.list(reader, "all"),
    plans: await plans.listPlans(reader),
    tasks: await readTasks(deps, reader),
    leases: await readLeases(deps, reader),
    budgets: await costs.budgets(reader),
    tally: await costs.tally(reader),
    waits: await plans.waits(reader),
    log: await events.check(reader),
    events: await readEvents(deps, reader),
    archivedTo: await events.archivedTo(reader),
  };
}

/** What the state says of every entity, with the field names of the log. */
export function storedEntities(
  facts: StateFacts,
): ReadonlyMap<EntityKind, ReadonlyMap<string, JsonObject>> {
  return new Map<EntityKind, ReadonlyMap<string, JsonObject>>([
    ["plan", new Map(facts.plans.map((plan) => [plan.id, storedPlan(plan)]))],
    [
      "task",
      new Map(
        facts.tasks.map(({ task, attempts }) => [
          `${task.plan}/${task.id}`,
          taskView(task, attempts),
        ]),
      ),
    ],
    ["session", new Map(facts.sessions.map((session) => [session.id, sessionView(session)]))],
    ["lease", new Map(facts.leases.map((lease) => [lease.id, leaseView(lease)]))],
  ]);
}

/** That a plan is finished is told from its tasks and stands in no event. */
function storedPlan(plan: Plan): JsonObject {
  return planView(plan.status === "finished" ? { ...plan, status: "active" } : plan);
}
