import type { Reader } from "../store/index.ts";
import { findCycle, linkTasks } from "./graph.ts";
import type { GraphTask } from "./graph.ts";
import { isOpen } from "./merge.ts";
import { isMet } from "./merge-state.ts";
import { parseTexts, taskStatusOf } from "./records.ts";
import * as sql from "./statements.ts";
import type { EdgeRow, PlanRow, WaitsRow } from "./tables.ts";
import type { TaskKey } from "./requests.ts";
import type { TaskStatus } from "./task.ts";

/** What the row of a task and its edges say of what it waits for: what the pick goes by. */
export interface StoredWaits extends TaskKey, GraphTask {
  readonly status: TaskStatus;
  readonly isContainer: boolean;
  readonly isPlanActive: boolean;
  /** True when its plan's file no longer has it: it has no place in the order then. */
  readonly isLeftOut: boolean;
  readonly blockedBy: string | null;
  readonly unmet: number;
  /** The stored edges. */
  readonly edges: readonly string[];
}

/** What follows from what the tasks of a plan say of each other and from their states. */
export interface TrueWaits {
  readonly isContainer: boolean;
  readonly unmet: number;
  readonly edges: ReadonlySet<string>;
}

/** The tasks of one plan, as they are stored and by id as they should be, or the circle in which they wait for each other. */
export interface PlanWaits {
  readonly plan: string;
  readonly stored: readonly StoredWaits[];
  /** How many open tasks the plan's row counts: with none left it is finished, and goes to the archive in time. */
  readonly openTasks: number;
  /** How many there are. */
  readonly trueOpenTasks: number;
  readonly cycle: readonly string[] | null;
  /** Empty where there is a circle. */
  readonly true: ReadonlyMap<string, TrueWaits>;
}

/** Reads what is stored of who waits for whom, plan by plan. */
export async function readWaits(reader: Reader): Promise<readonly PlanWaits[]> {
  const edges = await readEdges(reader);
  const plans = new Map<string, StoredWaits[]>();
  for (const row of await reader.all<WaitsRow>(sql.selectWaitsOfAll, [reader.project])) {
    const tasks = plans.get(row.plan) ?? [];
    tasks.push(waitsOf(row, edges.get(`${row.plan}/${row.id}`) ?? []));
    plans.set(row.plan, tasks);
  }
  const counted = await reader.all<OpenRow>(sql.selectOpenOfAll, [reader.project]);
  const open = new Map(counted.map((row) => [row.id, row.open_tasks]));
  return [...plans].map(([plan, stored]) => ({
    plan,
    stored,
    openTasks: open.get(plan) ?? 0,
    trueOpenTasks: stored.filter((task) => !task.isContainer && isOpen(task.status)).length,
    ...trueWaits(stored),
  }));
}

type OpenRow = Pick<PlanRow, "id" | "open_tasks">;

/** The stored edges by `PLAN/TASK`. */
async function readEdges(reader: Reader): Promise<ReadonlyMap<string, readonly string[]>> {
  const byTask = new Map<string, string[]>();
  const rows = await reader.all<EdgeRow & { readonly plan: string }>(sql.selectEdgesOfAll, [
    reader.project,
  ]);
  for (const { plan, task, depends_on } of rows) {
    const name = `${plan}/${task}`;
    const edges = byTask.get(name) ?? [];
    edges.push(depends_on);
    byTask.set(name, edges);
  }
  return byTask;
}

function waitsOf(row: WaitsRow, edges: readonly string[]): StoredWaits {
  return {
    plan: row.plan,
    id: row.id,
    dependsOn: parseTexts(row.depends_on),
    parent: row.parent,
    status: taskStatusOf(row.status),
    isContainer: row.is_container === 1,
    isPlanActive: row.is_plan_active === 1,
    isLeftOut: row.is_left_out !== 0,
    blockedBy: row.blocked_by,
    unmet: row.unmet,
    edges,
  };
}

/** Links the tasks of a plan anew, as an import does: those that a file left out have no place. */
function trueWaits(tasks: readonly StoredWaits[]): Pick<PlanWaits, "cycle" | "true"> {
  const placed = new Map(
    tasks.filter(({ isLeftOut }) => !isLeftOut).map((task) => [task.id, task]),
  );
  const linked = [...placed.values()].map(({ id, dependsOn, parent }) => ({
    id,
    dependsOn: dependsOn.filter((other) => placed.has(other)),
    parent: parent !== null && placed.has(parent) ? parent : null,
  }));
  const cycle = findCycle(linked);
  if (cycle !== null) {
    return { cycle, true: new Map() };
  }
  const graph = linkTasks(linked);
  const waits = [...graph.edges].map(([id, edges]): [string, TrueWaits] => {
    const isContainer = graph.containers.has(id);
    const unmet = [...edges].filter((other) => {
      const task = placed.get(other);
      return task === undefined || !isMet(task, isContainer);
    });
    return [id, { isContainer, unmet: unmet.length, edges }];
  });
  return { cycle: null, true: new Map(waits) };
}
