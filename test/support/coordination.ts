import { createCoordination, migrations } from "../../src/core/index.ts";
import type { Coordination, CoordinationDeps } from "../../src/core/index.ts";
import type { Caller, FinishTaskRequest, NextTaskRequest } from "../../src/core/dispatch/index.ts";
import type { PlanDraft, TaskDraft } from "../../src/core/plans/index.ts";
import { createReviews } from "../../src/core/review/index.ts";
import type { Reviews } from "../../src/core/review/index.ts";
import type { ProcessProbe, ProcessStamp } from "../../src/core/sessions/index.ts";
import { aTask as buildTask } from "../core/plans/builders.ts";
import type { OpenTestStore } from "./stores.ts";
import { createSeededRandom } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** Coordination over a test's store, with a clock and processes that the test turns by hand. */
export interface CoordinationStand extends Coordination {
  readonly reviews: Reviews;
  readonly time: VirtualTime;
  /** Process numbers that the probe calls dead. */
  readonly deadProcesses: Set<number>;
}

export const host = { host: "laptop", bootId: "boot-1", namespace: "", startedAt: "0" };

/** `seed` tells the random bytes of stands over one store apart, as those of two processes are. */
export async function createStand(
  open: OpenTestStore,
  seed = 1,
  odd: Partial<CoordinationDeps> = {},
): Promise<CoordinationStand> {
  const { store, time } = await open({ migrations });
  const deadProcesses = new Set<number>();
  const probe: ProcessProbe = {
    self: () => ({ ...host, pid: 1 }),
    stampOf: (pid) => ({ ...host, pid }),
    isAlive: ({ pid }) => !deadProcesses.has(pid),
  };
  const coordination = createCoordination({
    store,
    doorbell: createTestDoorbell(),
    random: createSeededRandom(seed),
    timer: { nowMs: () => time.monotonicMs(), sleep: () => Promise.resolve(time.advance(1_000)) },
    probe,
    policy: { caseInsensitive: false },
    pathKind: () => null,
    ...odd,
  });
  return { ...coordination, reviews: createReviews(coordination), time, deadProcesses };
}

function createTestDoorbell(): Parameters<typeof createCoordination>[0]["doorbell"] {
  const listeners = new Set<() => void>();
  return {
    ring: () => {
      for (const listener of listeners) {
        listener();
      }
    },
    watch: (onRing) => {
      listeners.add(onRing);
      return () => listeners.delete(onRing);
    },
    close: () => {
      listeners.clear();
    },
  };
}

/** A caller known by its host's id; a new one joins. */
export function aCaller(name: string, odd: Partial<Caller> = {}): Caller {
  return {
    handle: null,
    externalId: `test:${name}`,
    parentExternalId: null,
    process: null,
    client: "test",
    gitDir: null,
    branch: null,
    name,
    role: null,
    skills: null,
    ...odd,
  };
}

export function aProcess(pid: number): ProcessStamp {
  return { ...host, pid };
}

/** A task by its id, with what is odd about it. */
export function aTask(id: string, odd: Partial<TaskDraft> = {}): TaskDraft {
  return buildTask({ id, title: `Do ${id}`, ...odd });
}

export function aPlan(tasks: readonly TaskDraft[], odd: Partial<PlanDraft> = {}): PlanDraft {
  return { id: "demo", title: "Demo", verify: "none", budgetMicroUsd: null, tasks, ...odd };
}

export function next(caller: Caller, odd: Partial<NextTaskRequest> = {}): NextTaskRequest {
  return { caller, plan: null, task: null, waitMs: 0, key: null, signal: null, ...odd };
}

export function finish(
  caller: Caller,
  claim: { readonly task: string; readonly fence: number },
  odd: Partial<FinishTaskRequest> = {},
): FinishTaskRequest {
  return {
    caller,
    ...claim,
    outcome: "submitted",
    summary: "done",
    cause: null,
    commit: null,
    usage: [],
    claimNext: false,
    key: null,
    ...odd,
  };
}
