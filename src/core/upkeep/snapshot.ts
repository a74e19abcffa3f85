import type { Json, JsonObject } from "../base/json.ts";
import type { Event } from "../events/index.ts";
import type { Attempt, Plan, Task } from "../plans/index.ts";
import type { Lease } from "../leases/index.ts";
import type { Reader } from "../store/index.ts";
import type { UpkeepDeps } from "./deps.ts";
import { selectAll } from "./table-images.ts";
import type { TableImage } from "./table-images.ts";
import type { StateExport } from "./upkeep.ts";
import * as views from "./views.ts";

/** The version of the export's format. */
export const exportVersion = 1;

/** More rows than any list has: exports are whole. */
const everything = Number.MAX_SAFE_INTEGER;

type ReadDeps = Omit<UpkeepDeps, "store" | "dispatch" | "migrations" | "shelf">;

/** Reads the whole state of a project in one snapshot. */
export async function readExport(
  deps: ReadDeps,
  reader: Reader,
  images: readonly TableImage[],
): Promise<StateExport> {
  const { sessions, messages, costs, approvals } = deps;
  const tables = await readTables(reader, images);
  const texts = new Map((tables["events"] ?? []).map(({ seq, text }) => [seq, textOf(text)]));
  const events = await readEvents(deps, reader);
  return {
    schema_version: exportVersion,
    project: reader.project,
    exported_at: reader.nowMs,
    sessions: (await sessions.list(reader, "all")).map(views.sessionView),
    plans: (await deps.plans.listPlans(reader)).map(views.planView),
    tasks: (await readTasks(deps, reader)).map(({ task, attempts }) =>
      views.taskView(task, attempts),
    ),
    leases: (await readLeases(deps, reader)).map(views.leaseView),
    messages: (await messages.list(reader, { limit: everything })).map(views.messageView),
    approvals: (await approvals.list(reader, everything)).map(views.approvalView).toReversed(),
    events: events.map((event) => views.eventView(event, texts.get(event.seq) ?? "")),
    ledger: (await costs.spends(reader, { limit: everything })).map(views.spendView),
    budgets: (await costs.budgets(reader)).map(views.budgetView),
    tables: withoutEvents(tables),
  };
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** The events stand in their own list, with all that their rows hold. */
function withoutEvents(tables: StateExport["tables"]): StateExport["tables"] {
  return Object.fromEntries(Object.entries(tables).filter(([name]) => name !== "events"));
}

async function readTables(
  reader: Reader,
  images: readonly TableImage[],
): Promise<StateExport["tables"]> {
  const tables: Record<string, readonly JsonObject[]> = {};
  for (const image of images) {
    tables[image.name] = await reader.all<JsonObject>(selectAll(image), [reader.project]);
  }
  return tables;
}

const pageSize = 1_000;

/** All events of the live log. */
export async function readEvents(
  { events }: Pick<UpkeepDeps, "events">,
  reader: Reader,
): Promise<readonly Event[]> {
  const all: Event[] = [];
  let { seq } = await events.archivedTo(reader);
  for (;;) {
    const page = await events.after(reader, seq, pageSize);
    all.push(...page);
    seq = page.at(-1)?.seq ?? seq;
    if (page.length < pageSize) {
      return all;
    }
  }
}

export interface TaskWithAttempts {
  readonly task: Task;
  readonly attempts: readonly Attempt[];
}

/** All tasks, plan by plan, in the order of their files. */
export async function readTasks(
  { plans }: Pick<UpkeepDeps, "plans">,
  reader: Reader,
): Promise<readonly TaskWithAttempts[]> {
  const all: TaskWithAttempts[] = [];
  for (const { id } of await readPlans({ plans }, reader)) {
    const attempts = await plans.attemptsOfPlan(reader, id);
    const tasks = await plans.listTasks(reader, { plan: id, limit: everything });
    all.push(...tasks.map((task) => ({ task, attempts: attempts.get(task.id) ?? [] })));
  }
  return all;
}

function readPlans({ plans }: Pick<UpkeepDeps, "plans">, reader: Reader): Promise<readonly Plan[]> {
  return plans.listPlans(reader);
}

/** All leases, ended ones too. */
export async function readLeases(
  { leases }: Pick<UpkeepDeps, "leases">,
  reader: Reader,
): Promise<readonly Lease[]> {
  const all: Lease[] = [];
  for (;;) {
    const page = await leases.history(reader, { after: all.at(-1)?.id ?? null, limit: pageSize });
    all.push(...page);
    if (page.length < pageSize) {
      return all;
    }
  }
}
