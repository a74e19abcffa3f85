import { readFileSync, readdirSync } from "node:fs";
import { createTimeSource, systemRandom } from "../src/adapters/process/clock.ts";
import { systemTimer } from "../src/adapters/process/timer.ts";
import { createCoordination, migrations, sessionActor } from "../src/core/index.ts";
import type { Coordination } from "../src/core/index.ts";
import type { Caller } from "../src/core/dispatch/index.ts";
import { openPostgresStore } from "../src/core/store/index.ts";
import type { PostgresPool } from "../src/core/store/index.ts";
import { createPostgresPlace, postgresUrl } from "../test/support/postgres.ts";
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
  if (postgresUrl === null) {
    throw new Error("There is no PostgreSQL on this machine (see SKEIN_TEST_POSTGRES).");
  }
  const place = await createPostgresPlace(postgresUrl);
  try {
    const counted = countQueries(place.pool);
    const writing = await openHere(counted.pool, "writing");
    const reading = await openHere(counted.pool, "reading");
    const written = await measureWrites(writing, counted.count);
    await startProject(reading);
    const read = await measure(counted.count, async () => readBoard(reading));
    const figures = [...written, ...figuresOf("read", read)];
    console.log(callTable(figures));
    report(figures);
    await writing.store.close();
    await reading.store.close();
  } finally {
    await place.remove();
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

async function measureWrites(
  stand: Coordination,
  queries: () => Count,
): Promise<readonly Figure[]> {
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
    const cost = await measure(queries, async (at) => acts[kind](callers[at] ?? nobody(), at));
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

async function measure(queries: () => Count, act: (at: number) => Promise<unknown>): Promise<Cost> {
  for (let at = 0; at < warmUp; at += 1) {
    await act(at);
  }
  const [before, cpuBefore, databaseBefore] = [queries(), process.cpuUsage(), databaseCpuMs()];
  for (let at = warmUp; at < warmUp + rounds; at += 1) {
    await act(at);
  }
  const { user, system } = process.cpuUsage(cpuBefore);
  const { statements, waits } = queries();
  return {
    serverMs: (user + system) / 1_000 / rounds,
    databaseMs: (databaseCpuMs() - databaseBefore) / rounds,
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

/** The time of all processes of PostgreSQL on this machine so far; Linux counts it in hundredths of a second. */
function databaseCpuMs(): number {
  const ticks = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .map((pid) => {
      try {
        const [, name = "", rest = ""] =
          /^\d+ \((?<name>.*)\) (?<rest>.*)$/su.exec(readFileSync(`/proc/${pid}/stat`, "utf8")) ??
          [];
        const fields = rest.split(" ");
        return name.startsWith("postgres") ? Number(fields[11]) + Number(fields[12]) : 0;
      } catch {
        // It ended while it was looked at.
        return 0;
      }
    });
  return ticks.reduce((sum, each) => sum + each, 0) * 10;
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
          // Without it no statements would be sent together.
          ...(client.connection === undefined ? {} : { connection: client.connection }),
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
