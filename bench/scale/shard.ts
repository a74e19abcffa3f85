import type { Assumptions } from "./assumptions.ts";
import { createCalendar } from "./calendar.ts";
import type { Calendar } from "./calendar.ts";
import { createChance } from "./chance.ts";
import type { Chance } from "./chance.ts";
import { callKinds } from "./facts.ts";
import type { CallKind, Facts } from "./facts.ts";
import { createStation } from "./station.ts";
import type { Station } from "./station.ts";

/** One database, the servers in front of it, and the sessions of its projects. */
export interface ShardSetup {
  readonly sessions: number;
  readonly seed: number;
  readonly facts: Facts;
  readonly assumptions: Omit<Assumptions, "sessions">;
  /** How long is looked at, after a beginning that is not counted. */
  readonly lastsMs: number;
  readonly warmUpMs: number;
}

export interface ShardReport {
  readonly projects: number;
  readonly largestProject: number;
  readonly calls: number;
  readonly events: number;
  /** From 0 to 1. */
  readonly utilisation: {
    readonly servers: number;
    readonly connections: number;
    readonly database: number;
    /** Of the lock of the busiest project. */
    readonly busiestLock: number;
  };
  /** From the call to its answer, in milliseconds, in order. */
  readonly latenciesMs: Float64Array;
}

interface Shard {
  readonly calendar: Calendar;
  readonly chance: Chance;
  readonly setup: ShardSetup;
  /** Each server's own core and connections. */
  readonly cores: readonly Station[];
  readonly pools: readonly Station[];
  readonly database: Station;
  readonly mix: readonly (readonly [kind: CallKind, upTo: number])[];
  readonly done: (kind: CallKind, tookMs: number) => void;
}

/** Runs one shard: every session thinks, calls, waits for the answer, and thinks again. */
export function simulateShard(setup: ShardSetup): ShardReport {
  const calendar = createCalendar();
  const chance = createChance(setup.seed);
  const { servers, databaseCores, connectionsPerServer } = setup.assumptions.shard;
  const stations = (of: number): readonly Station[] =>
    Array.from({ length: servers }, () => createStation(calendar, of));
  const latencies: number[] = [];
  let events = 0;
  const shard: Shard = {
    calendar,
    chance,
    setup,
    cores: stations(1),
    pools: stations(connectionsPerServer),
    database: createStation(calendar, databaseCores),
    mix: mixOf(setup.assumptions),
    done: (kind, tookMs) => {
      latencies.push(tookMs);
      events += kind === "read" || kind === "renewal" ? 0 : 1;
    },
  };
  const sizes = projectSizes(setup.sessions, setup.assumptions.project, chance);
  const locks = sizes.map((size) => startProject(shard, size));
  const all = [...shard.cores, ...shard.pools, shard.database, ...locks];
  calendar.runUntil(setup.warmUpMs);
  latencies.length = 0;
  events = 0;
  for (const station of all) {
    station.reset();
  }
  calendar.runUntil(setup.warmUpMs + setup.lastsMs);
  return {
    projects: sizes.length,
    largestProject: Math.max(...sizes),
    calls: latencies.length,
    events,
    utilisation: {
      servers: meanOf(shard.cores.map((station) => station.utilisation())),
      connections: meanOf(shard.pools.map((station) => station.utilisation())),
      database: shard.database.utilisation(),
      busiestLock: locks.reduce((most, lock) => Math.max(most, lock.utilisation()), 0),
    },
    latenciesMs: Float64Array.from(latencies).toSorted(),
  };
}

function meanOf(values: readonly number[]): number {
  return values.reduce((sum, each) => sum + each, 0) / values.length;
}

/** Pareto, cut at the largest, until all sessions have a project. */
function projectSizes(
  sessions: number,
  { leastSessions, shape, mostSessions }: Assumptions["project"],
  chance: Chance,
): readonly number[] {
  const sizes: number[] = [];
  for (let left = sessions; left > 0;) {
    const drawn = Math.round(leastSessions * (1 - chance.next()) ** (-1 / shape));
    const size = Math.min(left, mostSessions, drawn);
    sizes.push(size);
    left -= size;
  }
  return sizes;
}

function mixOf({ callsPerMinute }: ShardSetup["assumptions"]): Shard["mix"] {
  const total = callKinds.reduce((sum, kind) => sum + callsPerMinute[kind], 0);
  let upTo = 0;
  return callKinds.map((kind) => {
    upTo += callsPerMinute[kind] / total;
    return [kind, upTo] as const;
  });
}

function startProject(shard: Shard, sessions: number): Station {
  const { calendar, chance, setup } = shard;
  const lock = createStation(calendar, 1);
  const { callsPerMinute } = setup.assumptions;
  const thinkMs = 60_000 / callKinds.reduce((sum, kind) => sum + callsPerMinute[kind], 0);
  for (let session = 0; session < sessions; session += 1) {
    const live = (): void => {
      const startedMs = calendar.nowMs();
      const kind = kindOf(shard);
      call(shard, { kind, lock }, () => {
        shard.done(kind, calendar.nowMs() - startedMs);
        calendar.after(chance.exponential(thinkMs), live);
      });
    };
    // Somebody who thinks for so long on average is met in the midst of it: the rate is the same from the first moment on.
    calendar.after(chance.exponential(thinkMs), live);
  }
  return lock;
}

function kindOf({ chance, mix }: Shard): CallKind {
  const drawn = chance.next();
  return mix.find(([, upTo]) => drawn < upTo)?.[0] ?? "read";
}

interface Call {
  readonly kind: CallKind;
  readonly lock: Station;
}

/**
 * One call: the server's core, a connection, the project's lock where it writes, the database's cores and the ways there, the disk. A writer that waits
 * for the lock keeps its connection: so it is in the program.
 */
function call(shard: Shard, { kind, lock }: Call, then: () => void): void {
  const { calendar, chance, setup, cores, pools, database } = shard;
  const { serverMs, databaseMs, roundTrips } = setup.facts[kind];
  const { networkRoundTripMs, flushMs } = setup.assumptions;
  const server = Math.floor(chance.next() * cores.length);
  const [core, pool] = [stationAt(cores, server), stationAt(pools, server)];
  const isWrite = kind !== "read";
  const waysMs = roundTrips * networkRoundTripMs + (isWrite ? flushMs : 0);
  const work = (end: () => void): void => {
    database.serve(databaseMs, () => {
      calendar.after(waysMs, end);
    });
  };
  const leavePool = (): void => {
    pool.leave();
    then();
  };
  core.serve(serverMs, () => {
    pool.enter(() => {
      if (!isWrite) {
        work(leavePool);
        return;
      }
      lock.enter(() => {
        work(() => {
          lock.leave();
          leavePool();
        });
      });
    });
  });
}

function stationAt(stations: readonly Station[], at: number): Station {
  const station = stations[at];
  if (station === undefined) {
    throw new Error(`there is no station ${String(at)}`);
  }
  return station;
}
