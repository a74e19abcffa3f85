import { spawn } from "node:child_process";
import type { ChildProcessWithoutNullStreams } from "node:child_process";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createTimeSource, systemRandom } from "../../src/adapters/process/clock.ts";
import { migrations } from "../../src/core/index.ts";
import type { TaskDraft } from "../../src/core/plans/index.ts";
import {
  createPostgresPool,
  isDatabaseUrl,
  openPostgresStore,
  openSqliteStore,
} from "../../src/core/store/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import type { StateFacts } from "../../src/core/upkeep/index.ts";
import { bundled } from "../support/bundled.ts";
import { aPlan, createStand } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import { fasterClock, withServerClock } from "../support/postgres-clock.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import { createVirtualTime } from "../support/virtual-time.ts";

/** What an agent answered; `from` and `to` are microseconds of the clock that all processes share. */
export interface Answer {
  readonly id: number;
  readonly from: number;
  readonly to: number;
  readonly ok?: Readonly<Record<string, unknown>>;
  readonly code?: string;
  readonly text?: string;
}

/** A line that an agent wrote without being asked: what it was told is done. */
export interface Ack {
  readonly ack: "claimed" | "finished";
  readonly task: string;
  readonly fence: number;
}

/** An agent in a process of its own. */
export interface Agent {
  readonly name: string;
  readonly pid: number;
  readonly acks: readonly Ack[];
  /** Asks for one thing; null when the process died before it answered. */
  ask(order: Readonly<Record<string, unknown>>): Promise<Answer | null>;
  signal(name: NodeJS.Signals): void;
  /** Kills it and waits until it is gone. */
  kill(): Promise<void>;
  /** Waits until it is gone. */
  readonly ended: Promise<void>;
}

/** A shared file with a plan in it, and the agents that work on it. */
export interface Field {
  readonly file: string;
  readonly start: (name: string, odd?: AgentOptions) => Promise<Agent>;
  /** Reads the state and what is wrong with it. */
  readonly inspect: () => Promise<Inspection>;
  /** Kills the agents and removes the file. */
  clear(): Promise<void>;
}

export interface Inspection {
  readonly facts: StateFacts;
  readonly violations: readonly string[];
}

export interface AgentOptions {
  /** How much faster than the world its clock runs. Default 1. */
  readonly speed?: number;
  /** How far its wall clock is off. Default 0. */
  readonly skewMs?: number;
  /** Whose end is that of its session: its own process (default), or the one that started it. */
  readonly life?: "own" | "host";
}

/** Where fields are made: in a file, and in a PostgreSQL server where one is at hand (see `SKEIN_TEST_POSTGRES`), each by its address. */
export const fieldPlaces: readonly (readonly [name: string, url: string | null])[] = [
  ["a file", null],
  ...(postgresUrl === null ? [] : [["PostgreSQL", postgresUrl] as const]),
];

/** Makes a file with a plan in it, or a schema of a PostgreSQL server where one is named. */
export async function openField(
  tasks: readonly TaskDraft[],
  serverUrl: string | null = null,
): Promise<Field> {
  const directory = makeTemporaryDirectory();
  const place = serverUrl === null ? null : await createPostgresPlace(serverUrl);
  const file = place?.url ?? join(directory, "skein", "skein.db");
  const agents: Agent[] = [];
  let fastest = 1;
  await inStand({ file, speed: 1 }, async (stand) =>
    stand.dispatch.importPlan(aPlan(tasks, { budgetMicroUsd: 100_000_000_000 }), {
      actor: "person:ana",
    }),
  );
  return {
    file,
    start: async (name, odd = {}) => {
      fastest = Math.max(fastest, odd.speed ?? 1);
      const agent = await startAgent(file, name, odd);
      agents.push(agent);
      return agent;
    },
    inspect: async () =>
      inStand({ file, speed: fastest }, async (stand) => {
        const policy = { caseInsensitive: false };
        const facts = await stand.store.read((reader) =>
          readStateFacts({ ...stand, policy }, reader),
        );
        return { facts, violations: checkInvariants(facts).map(({ text }) => text) };
      }),
    clear: async () => {
      await Promise.all(agents.map(async (agent) => agent.kill()));
      await place?.remove();
      rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** `speed` is that of the agents, whose times a look at the state must not lie before. */
async function inStand<T>(
  { file, speed }: { readonly file: string; readonly speed: number },
  work: (stand: CoordinationStand) => Promise<T>,
): Promise<T> {
  const shared = { project: "demo", migrations, time: createTimeSource(), random: systemRandom };
  const settings = { waitMs: 60_000 };
  const pool = isDatabaseUrl(file) ? await createPostgresPool({ url: file }) : null;
  const store =
    pool === null
      ? await openSqliteStore({ ...shared, file, settings })
      : await openPostgresStore({
          ...shared,
          pool: withServerClock(pool, fasterClock(speed)),
          settings,
        });
  const stand = await createStand(async () => ({ store, time: createVirtualTime() }));
  try {
    return await work(stand);
  } finally {
    await store.close();
    await pool?.end();
  }
}

const program = join(import.meta.dirname, "agent.ts");

/** Where a bug is planted, each process loads the sources itself. */
function programNow(): string {
  return process.env["SKEIN_PLANT_OPTIONS"] === undefined ? bundled(program) : program;
}

async function startAgent(file: string, name: string, odd: AgentOptions): Promise<Agent> {
  const { speed = 1, skewMs = 0, life = "own" } = odd;
  const args = [programNow(), file, name, String(speed), String(skewMs), life];
  const child = spawn(process.execPath, ["--no-warnings", ...args], { env: childEnv() });
  const acks: Ack[] = [];
  const waiting = new Map<number, (answer: Answer | null) => void>();
  const errors: string[] = [];
  child.stderr.on("data", (chunk) => errors.push(String(chunk)));
  const ended = new Promise<void>((resolve) => {
    child.on("close", () => {
      for (const answer of waiting.values()) {
        answer(null);
      }
      resolve();
    });
  });
  child.stdin.on("error", () => {});
  await listen(child, { acks, waiting, errors });
  let last = 0;
  return {
    name,
    pid: child.pid ?? 0,
    acks,
    ended,
    ask: async (order) =>
      new Promise((resolve) => {
        last += 1;
        if (child.exitCode !== null || child.signalCode !== null) {
          resolve(null);
          return;
        }
        waiting.set(last, resolve);
        child.stdin.write(`${JSON.stringify({ id: last, ...order })}\n`);
      }),
    signal: (signal) => child.kill(signal),
    kill: async () => {
      child.kill("SIGCONT");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A plant for a mutated source reaches the children, too; the rest of the environment is no agent's business. */
function childEnv(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_OPTIONS: process.env["SKEIN_PLANT_OPTIONS"] ?? "" };
}

interface Listening {
  readonly acks: Ack[];
  readonly waiting: Map<number, (answer: Answer | null) => void>;
  readonly errors: readonly string[];
}

async function listen(child: ChildProcessWithoutNullStreams, to: Listening): Promise<void> {
  const { acks, waiting, errors } = to;
  const ready = new Promise<boolean>((resolve) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said: Partial<Answer & Ack> & { readonly ready?: number } = JSON.parse(line);
      const { id = 0, ack, task = "", fence = 0, from = 0, to: until = 0 } = said;
      if (said.ready !== undefined) {
        resolve(true);
      } else if (ack === undefined) {
        waiting.get(id)?.({ ...said, id, from, to: until });
        waiting.delete(id);
      } else {
        acks.push({ ack, task, fence });
      }
    });
    child.on("close", () => {
      resolve(false);
    });
  });
  if (!(await ready)) {
    throw new Error(`An agent ended at its start: ${errors.join("")}`);
  }
}
