import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createFileDoorbell } from "../../src/adapters/bus/file-doorbell.ts";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { createCoordination, migrations, readHead } from "../../src/core/index.ts";
import type { Coordination } from "../../src/core/index.ts";
import type { Caller, NextTaskRequest } from "../../src/core/dispatch/index.ts";
import type { PlanDraft, TaskDraft } from "../../src/core/plans/index.ts";
import { createMeter, meterStore } from "../../src/core/metrics/index.ts";
import { openSqliteStore } from "../../src/core/store/index.ts";
import type { OpenSqlite } from "../../src/core/store/index.ts";

/** How to open a stand. */
export interface StandOptions {
  readonly file: string;
  readonly synchronous: "full" | "normal";
  readonly openDriver?: OpenSqlite | undefined;
  /** True: its writes are measured, as those of the program are. Default: false. */
  readonly isMetered?: boolean | undefined;
}

/** The whole core over one file, as the program puts it together, with its doorbell. */
export interface Stand extends Coordination {
  close(): Promise<void>;
}

/** Opens the core over a file, without a repository around it. */
export async function openStand({
  file,
  synchronous,
  openDriver,
  isMetered = false,
}: StandOptions): Promise<Stand> {
  const opened = await openSqliteStore({
    file,
    project: "bench",
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: { synchronous },
    openDriver,
  });
  const store = isMetered ? meterStore(opened, createMeter(), systemTimer) : opened;
  const doorbell = createFileDoorbell({
    file: `${file}-doorbell`,
    mark: async () => (await store.read((reader) => readHead(reader))).seq,
  });
  const coordination = createCoordination({
    store,
    doorbell,
    random: systemRandom,
    timer: systemTimer,
    probe: null,
    policy: { caseInsensitive: false },
    pathKind: () => null,
  });
  return {
    ...coordination,
    close: async () => {
      doorbell.close();
      await store.close();
    },
  };
}

/** Runs work with a folder of its own, which is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "skein-bench-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A caller that joins under a name, or comes back by its handle. */
export function aCaller(name: string, handle: string | null = null): Caller {
  return {
    handle,
    externalId: `bench:${name}`,
    parentExternalId: null,
    process: null,
    client: "bench",
    gitDir: null,
    branch: null,
    name: null,
    role: null,
    skills: null,
  };
}

/** Sessions that are known, since each may change things ten times a second only. */
export async function joinMany(stand: Coordination, count: number): Promise<readonly Caller[]> {
  const callers: Caller[] = [];
  for (let at = 0; at < count; at += 1) {
    const name = String(at);
    const { handle } = await stand.dispatch.identify(aCaller(name));
    callers.push(aCaller(name, handle));
  }
  return callers;
}

/** A request for the best ready task. */
export function nextOf(caller: Caller): NextTaskRequest {
  return { caller, plan: null, task: null, waitMs: 0, key: null, signal: null };
}

/** A task with a scope; `odd` changes what matters. */
export function aTask(id: string, odd: Partial<TaskDraft> = {}): TaskDraft {
  return {
    id,
    title: `Task ${id}`,
    spec: `What to do for ${id}, in a sentence or two, as a plan says it.`,
    files: [`src/part-${id}/**`],
    dependsOn: [],
    priority: "medium",
    minutes: 30,
    skills: [],
    accept: [],
    parent: null,
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: false,
    line: null,
    ...odd,
  };
}

/** A plan of some tasks. */
export function aPlan(tasks: readonly TaskDraft[], odd: Partial<PlanDraft> = {}): PlanDraft {
  return { id: "bench", title: "Bench", verify: "none", budgetMicroUsd: null, tasks, ...odd };
}
