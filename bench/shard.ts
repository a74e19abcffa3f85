import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { createTimeSource, systemRandom } from "../src/adapters/process/clock.ts";
import { systemTimer } from "../src/adapters/process/timer.ts";
import { createCoordination, migrations, sessionActor } from "../src/core/index.ts";
import type { Coordination } from "../src/core/index.ts";
import type { Caller } from "../src/core/dispatch/index.ts";
import { createPostgresPool, openPostgresStore } from "../src/core/store/index.ts";
import type { PostgresPool } from "../src/core/store/index.ts";
import { createPostgresCluster } from "../test/support/postgres-cluster.ts";
import { figureNames } from "./scale/facts.ts";
import type { CallCost, CallKind } from "./scale/facts.ts";
import { callTable } from "./scale/tables.ts";
import { isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { aPlan, aTask, joinMany, nextOf } from "./support/stand.ts";
import { rounded } from "./support/statistics.ts";

/**
 * What one call costs a server and its PostgreSQL, each without anybody beside it: the facts of `bench/scale.ts`. The database's work is the
 * time of its processes on this machine as the system counts it.
 */
const rounds = isQuick ? 200 : 2_000;
const warmUp = 50;

async function main(): Promise<void> {
  // Others' work on a server of this machine would count as ours.
  const cluster = await createPostgresCluster();
  const pool = await createPostgresPool({ url: cluster.url, maxConnections: 20 });
  try {
    const counted = countQueries(pool);
    const meters = { count: counted.count, databaseMs: createDatabaseClock(cluster.dir) };
    const writing = await openHere(counted.pool, "writing");
    const reading = await openHere(counted.pool, "reading");
    const written = await measureWrites(writing, meters);
    await startProject(reading);
    const read = await measure(meters, async () => readBoard(reading));
    const figures = [...written, ...figuresOf("read", read)];
    console.log(callTable(figures));
    report(figures);
    await writing.store.close();
    await reading.store.close();
  } finally {
    await pool.end().catch(() => {});
    await cluster.remove();
  }
}

async function openHere(pool: PostgresPool, project: string): Promise<Coordination> {
  const store = await openPostgresStore({
    pool,
    project,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
  });
  return createCoordination({
    store,
    doorbell: silentDoorbell,
    random: systemRandom,
    timer: systemTimer,
    probe: null,
    policy: { caseInsensitive: false },
    pathKind: () => null,
  });
}

/** Nobody listens: a ring costs nothing. */
const silentDoorbell: Parameters<typeof createCoordination>[0]["doorbell"] = {
  ring: () => {},
  watch: () => () => {},
  close: () => {},
};

/** A board as most see it: 30 sessions, each with a task. */
async function startProject(stand: Coordination): Promise<void> {
  const tasks = Array.from({ length: 200 }, (_, at) => aTask(`T${String(at + 1)}`));
  await stand.dispatch.importPlan(aPlan(tasks), { actor: "system" });
  for (const caller of await joinMany(stand, 30)) {
    await stand.dispatch.nextTask(nextOf(caller));
  }
}

type WriteKind = Exclude<CallKind, "read">;

async function measureWrites(stand: Coordination, meters: Meters): Promise<readonly Figure[]> {
  const tasks = Array.from({ length: rounds + warmUp }, (_, at) => aTask(`T${String(at + 1)}`));
  const budget = { budgetMicroUsd: 10_000_000_000 };
  await stand.dispatch.importPlan(aPlan(tasks, budget), { actor: "system" });
  // Each may change things ten times a second only.
  const callers = await joinMany(stand, rounds + warmUp);
  const held: Held[] = [];
  const acts: Readonly<Record<WriteKind, (caller: Caller, at: number) => Promise<unknown>>> = {
    claim: async (caller, at) => {
      const { claim } = await stand.dispatch.nextTask(nextOf(caller));
      held[at] = { task: `bench/${claim?.task.id ?? ""}`, fence: claim?.fence ?? 0 };
    },
    renewal: async (caller, at) =>
      stand.dispatch.updateTask({
        ...heldBy(held[at]),
        caller,
        note: null,
        percent: at % 100,
        addPaths: [],
      }),
    message: async (caller) => send(stand, caller),
    finish: async (caller, at) =>
      stand.dispatch.finishTask({
        ...heldBy(held[at]),
        caller,
        outcome: "submitted",
        summary: "done",
        cause: null,
        commit: null,
        claimNext: false,
      }),
  };
  const figures: Figure[] = [];
  for (const kind of ["claim", "renewal", "message", "finish"] as const) {
    const cost = await measure(meters, async (at) => acts[kind](callers[at] ?? nobody(), at));
    figures.push(...figuresOf(kind, cost));
  }
  return figures;
}

function nobody(): never {
  throw new Error("there are fewer sessions than rounds");
}

interface Held {
  readonly task: string;
  readonly fence: number;
}

function heldBy(held: Held | undefined) {
  const usage: readonly never[] = [];
  return { task: held?.task ?? "", fence: held?.fence ?? 0, usage, key: null };
}

async function send({ dispatch, messages, store }: Coordination, caller: Caller): Promise<void> {
  const { session } = await dispatch.identify(caller);
  await store.write(async (tx) =>
    messages.send(tx, {
      from: session.id,
      fromName: session.name,
      actor: sessionActor(session.id),
      to: { kind: "session", session: session.id },
      text: "The interface of part 12 has a new parameter, see the commit.",
      thread: null,
      expiresInMs: null,
      cause: null,
    }),
  );
}

/** What `look` shows of a board. */
async function readBoard({ store, plans, sessions, leases }: Coordination): Promise<void> {
  await store.read(async (reader) => {
    await plans.counts(reader, null);
    await plans.listTasks(reader, { status: "claimed", limit: 20 });
    await leases.list(reader);
    await sessions.list(reader, "living");
  });
}

interface Meters {
  readonly count: () => Count;
  /** The time of the database's processes so far. */
  readonly databaseMs: () => number;
}

async function measure(
  { count, databaseMs }: Meters,
  act: (at: number) => Promise<unknown>,
): Promise<Cost> {
  for (let at = 0; at < warmUp; at += 1) {
    await act(at);
  }
  const [before, cpuBefore, databaseBefore] = [count(), process.cpuUsage(), databaseMs()];
  for (let at = warmUp; at < warmUp + rounds; at += 1) {
    await act(at);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const { statements, waits } = count();
  return {
    serverMs: (user + system) / 1_000 / rounds,
    databaseMs: (databaseMs() - databaseBefore) / rounds,
    roundTrips: (waits - before.waits) / rounds,
    statements: (statements - before.statements) / rounds,
  };
}

interface Cost extends CallCost {
  readonly statements: number;
}

function figuresOf(kind: CallKind, cost: Cost): readonly Figure[] {
  const names = figureNames(kind);
  return (["serverMs", "databaseMs", "roundTrips", "statements"] as const).map((part) => ({
    name: names[part],
    value: rounded(cost[part]),
    unit: part.endsWith("Ms") ? "ms" : "",
    target: null,
  }));
}

/**
 * Tells the time of a server's processes so far; Linux counts it in hundredths of a second. That of those that have ended is in it: the first
 * process takes over what its children used.
 */
function createDatabaseClock(dir: string): () => number {
  const first = readFileSync(join(dir, "postmaster.pid"), "utf8").split("\n", 1)[0] ?? "";
  return () => {
    const ticks = readdirSync("/proc")
      .filter((name) => /^\d+$/u.test(name))
      .map((pid) => {
        const fields = statOf(pid);
        const own = ticksOf(fields.slice(11, 13));
        if (pid === first) {
          return own + ticksOf(fields.slice(13, 15));
        }
        return fields[1] === first ? own : 0;
      });
    return ticks.reduce((sum, each) => sum + each, 0) * 10;
  };
}

/** What the system tells of a process behind its name: state, parent, …; nothing when it has ended. */
function statOf(pid: string): readonly string[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  } catch {
    return [];
  }
}

function ticksOf(fields: readonly string[]): number {
  return fields.reduce((sum, field) => sum + Number(field), 0);
}

/** What was sent so far. */
interface Count {
  readonly statements: number;
  /** How often something was sent while nothing was under way on its connection: a way there and back each. */
  readonly waits: number;
}

interface Counted {
  readonly pool: PostgresPool;
  readonly count: () => Count;
}

function countQueries(pool: PostgresPool): Counted {
  let [statements, waits] = [0, 0];
  return {
    count: () => ({ statements, waits }),
    pool: {
      end: async () => pool.end(),
      connect: async () => {
        const client = await pool.connect();
        let underWay = 0;
        return {
          query: async (query) => {
            statements += 1;
            waits += underWay === 0 ? 1 : 0;
            underWay += 1;
            try {
              return await client.query(query);
            } finally {
              underWay -= 1;
            }
          },
          release: (isBroken) => {
            client.release(isBroken);
          },
        };
      },
    },
  };
}

await main();
