import type { Transaction } from "../store/index.ts";
import type { JsonObject } from "../base/json.ts";
import { usualKeepMs } from "../metrics/index.ts";
import type { UpkeepDeps } from "./deps.ts";
import { readTasks } from "./snapshot.ts";
import { readTableImages, selectAll } from "./table-images.ts";
import type { ArchiveShelf, MaintenanceOptions, MaintenanceReport } from "./upkeep.ts";
import { planView, taskView } from "./views.ts";

/** Expires, charges calls that nobody settled, forgets old metrics, archives, prunes, backs up and tidies, in this order. */
export async function maintain(
  deps: UpkeepDeps,
  options: MaintenanceOptions,
): Promise<MaintenanceReport> {
  const { ended, returnedTasks, releasedLeases } = await deps.dispatch.recover();
  const ageMs = options.metricsAfterMs ?? usualKeepMs;
  const done = await deps.store.write(async (tx) => ({
    settledCalls: await deps.costs.settleAbandonedCalls(tx),
    prunedMetrics: await deps.metrics.prune(tx, tx.nowMs - ageMs),
  }));
  const gone = deps.shelf === null ? nothing : await archive(deps, deps.shelf, options);
  if (options.backupFile !== null) {
    await deps.store.maintenance.backup(options.backupFile);
  }
  if (options.vacuum) {
    await deps.store.maintenance.tidy();
  }
  return {
    expired: ended.length + returnedTasks.length + releasedLeases.length,
    ...done,
    ...gone,
    backup: options.backupFile,
    isTidied: options.vacuum,
  };
}

type Gone = Omit<
  MaintenanceReport,
  "backup" | "expired" | "isTidied" | "prunedMetrics" | "settledCalls"
>;

const nothing: Gone = {
  archivedPlans: 0,
  archivedTasks: 0,
  archivedEvents: 0,
  archives: [],
  prunedSessions: 0,
  prunedLeases: 0,
  prunedMessages: 0,
  prunedApprovals: 0,
  prunedReservations: 0,
  prunedReviews: 0,
  prunedTokens: 0,
};

/**
 * Puts what is old on the shelf, and only then takes it out of the store. Rows and the events that led to them go by the same time, so that
 * the log that stays speaks of nothing that is gone.
 */
async function archive(
  deps: UpkeepDeps,
  shelf: ArchiveShelf,
  { archiveAfterMs }: MaintenanceOptions,
): Promise<Gone> {
  const old = await readOld(deps, archiveAfterMs);
  const archives: string[] = [];
  for (const { name, content } of old.archives) {
    await shelf.put(name, `${JSON.stringify(content, null, 1)}\n`);
    archives.push(name);
  }
  return deps.store.write(async (tx) => ({ ...(await remove(deps, tx, old)), archives }));
}

interface Archive {
  readonly name: string;
  readonly content: JsonObject;
}

interface Old {
  readonly beforeMs: number;
  readonly plans: readonly string[];
  readonly archives: readonly Archive[];
}

async function readOld(deps: UpkeepDeps, ageMs: number): Promise<Old> {
  const eventsImage = readTableImages(deps.migrations).find(({ name }) => name === "events");
  return deps.store.read(async (reader) => {
    const beforeMs = reader.nowMs - ageMs;
    const plans = await deps.plans.finishedBefore(reader, beforeMs);
    const rows =
      eventsImage === undefined
        ? []
        : await reader.all<JsonObject>(selectAll(eventsImage), [reader.project]);
    const last = rows.findLast(({ at_ms: atMs }) => Number(atMs) < beforeMs);
    const events = rows.filter(({ seq }) => Number(seq) <= Number(last?.["seq"] ?? 0));
    const stamp = new Map((await readTasks(deps, reader)).map((one) => [one.task, one.attempts]));
    const tasks = [...stamp].filter(([task]) => plans.includes(task.plan));
    const named = (await deps.plans.listPlans(reader)).filter(({ id }) => plans.includes(id));
    return {
      beforeMs,
      plans,
      archives: [
        ...plansArchive(
          named.map(planView),
          tasks.map(([task, all]) => taskView(task, all)),
          beforeMs,
        ),
        ...eventsArchive(events, (await deps.events.archivedTo(reader)).hash),
      ],
    };
  });
}

function plansArchive(
  plans: readonly JsonObject[],
  tasks: readonly JsonObject[],
  beforeMs: number,
): readonly Archive[] {
  const name = `plans-${String(beforeMs)}.json`;
  return plans.length === 0 ? [] : [{ name, content: { plans, tasks } }];
}

/** With the hash before the first, so that the archive verifies by itself. */
function eventsArchive(events: readonly JsonObject[], prevHash: string): readonly Archive[] {
  const from = Number(events[0]?.["seq"]);
  const to = Number(events.at(-1)?.["seq"]);
  const name = `events-${String(from)}-${String(to)}.json`;
  return events.length === 0 ? [] : [{ name, content: { prev_hash: prevHash, events } }];
}

async function remove(
  deps: UpkeepDeps,
  tx: Transaction,
  { beforeMs, plans }: Old,
): Promise<Omit<Gone, "archives">> {
  let archivedTasks = 0;
  for (const plan of plans) {
    archivedTasks += await deps.plans.prunePlan(tx, plan);
  }
  return {
    archivedPlans: plans.length,
    archivedTasks,
    archivedEvents: await deps.events.archive(tx, beforeMs),
    prunedLeases: await deps.leases.prune(tx, beforeMs),
    prunedMessages: await deps.messages.prune(tx, beforeMs),
    prunedApprovals: await deps.approvals.prune(tx, beforeMs),
    prunedReservations: await deps.costs.prune(tx, beforeMs),
    prunedReviews: await deps.reviews.prune(tx, beforeMs),
    prunedTokens: await deps.access.tokens.prune(tx, beforeMs),
    prunedSessions: await deps.sessions.prune(tx, beforeMs),
  };
}
