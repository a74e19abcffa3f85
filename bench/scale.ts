import { join } from "node:path";
import { assumptions } from "./scale/assumptions.ts";
import { readFacts } from "./scale/facts.ts";
import type { Facts } from "./scale/facts.ts";
import { costOf } from "./scale/cost.ts";
import { simulateShard } from "./scale/shard.ts";
import { scaleTables } from "./scale/tables.ts";
import type { ShardReport, ShardSetup } from "./scale/shard.ts";
import { isQuick, report } from "./support/figure.ts";
import type { Figure } from "./support/figure.ts";
import { rounded } from "./support/statistics.ts";

/**
 * A million sessions over shards, as a model: each call waits for a server's core, a connection, its project's lock and the database's cores. What
 * calls cost is measured (`bench/shard.ts`), how agents behave and what machines cost is assumed (`scale/assumptions.ts`). A seed decides all.
 */
const seed = 20_261_128;
const lastsMs = isQuick ? 20_000 : 60_000;
const warmUpMs = isQuick ? 10_000 : 30_000;

/** Sessions of one shard: from far below what it serves to beyond. */
const sizes = isQuick
  ? [5_000, 20_000, 40_000]
  : [5_000, 20_000, 80_000, 120_000, 160_000, 240_000, 320_000];

/** Sessions of one project alone on a shard: how far one ledger goes. */
const lonely = isQuick ? [100, 1_000] : [100, 500, 1_000, 2_000, 4_000, 8_000];

function main(): void {
  const { facts, file } = readFacts(join(import.meta.dirname, "results"));
  console.log(`What calls cost is taken from bench/results/${file}.`);
  const run = (sessions: number, shard: number, given: ShardSetup["assumptions"] = assumptions) =>
    simulateShard({ sessions, seed: seed + shard, facts, assumptions: given, lastsMs, warmUpMs });
  const alone = lonely.flatMap((sessions) => {
    const project = { leastSessions: sessions, shape: 1.5, mostSessions: sessions };
    return figuresOf(
      `one project of ${thousands(sessions)}`,
      run(sessions, 0, { ...assumptions, project }),
    );
  });
  const swept = sizes.map((sessions) => ({ sessions, shard: run(sessions, 0) }));
  const largest = swept.findLast(({ shard }) => isGood(shard));
  const figures = swept.flatMap(({ sessions, shard }) =>
    figuresOf(`${thousands(sessions)} a shard`, shard),
  );
  if (largest === undefined) {
    report(figures);
    throw new Error("Even the smallest shard is too large for these assumptions.");
  }
  const shards = Math.ceil(assumptions.sessions / largest.sessions);
  const each = Math.ceil(assumptions.sessions / shards);
  const all = Array.from({ length: shards }, (_, shard) => run(each, shard));
  const told = [
    ...alone,
    ...figures,
    ...figuresOf("a million", merge(all)),
    figure("a million, shards", shards, ""),
    figure("a million, sessions of a shard", each, ""),
    ...costFigures(merge(all), shards, facts),
  ];
  console.log(scaleTables(told, { sizes: sizes.map(thousands), lonely: lonely.map(thousands) }));
  report(told);
}

/** Nobody waits for a lock, a core or a connection for long. */
function isGood(shard: ShardReport): boolean {
  const { servers, connections, database } = shard.utilisation;
  const isFree = Math.max(servers, connections, database) <= assumptions.headroom;
  return isFree && latency(shard, 0.99) <= 100;
}

function thousands(sessions: number): string {
  return sessions.toLocaleString("en");
}

function latency({ latenciesMs }: ShardReport, share: number): number {
  return latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))] ?? 0;
}

function figuresOf(name: string, shard: ShardReport): readonly Figure[] {
  const { utilisation } = shard;
  return [
    figure(`${name}, calls`, (shard.calls / lastsMs) * 1_000, "/s"),
    figure(`${name}, p50`, latency(shard, 0.5), "ms"),
    figure(`${name}, p95`, latency(shard, 0.95), "ms"),
    figure(`${name}, p99`, latency(shard, 0.99), "ms"),
    figure(`${name}, use of servers' cores`, utilisation.servers, ""),
    figure(`${name}, use of connections`, utilisation.connections, ""),
    figure(`${name}, use of the database's cores`, utilisation.database, ""),
    figure(`${name}, use of the busiest project's lock`, utilisation.busiestLock, ""),
    figure(`${name}, events to be rung for`, (shard.events / lastsMs) * 1_000, "/s"),
  ];
}

function figure(name: string, value: number, unit: string): Figure {
  return { name, value: rounded(value), unit, target: null };
}

function merge(shards: readonly ShardReport[]): ShardReport {
  const sum = (of: (shard: ShardReport) => number): number =>
    shards.reduce((total, shard) => total + of(shard), 0);
  const most = (of: (shard: ShardReport) => number): number =>
    shards.reduce((largest, shard) => Math.max(largest, of(shard)), 0);
  return {
    projects: sum(({ projects }) => projects),
    largestProject: most(({ largestProject }) => largestProject),
    calls: sum(({ calls }) => calls),
    events: sum(({ events }) => events),
    utilisation: {
      servers: sum(({ utilisation }) => utilisation.servers) / shards.length,
      connections: sum(({ utilisation }) => utilisation.connections) / shards.length,
      database: sum(({ utilisation }) => utilisation.database) / shards.length,
      busiestLock: most(({ utilisation }) => utilisation.busiestLock),
    },
    latenciesMs: concat(shards.map(({ latenciesMs }) => latenciesMs)).toSorted(),
  };
}

function concat(parts: readonly Float64Array[]): Float64Array {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function costFigures(all: ShardReport, shards: number, facts: Facts): readonly Figure[] {
  const eventsPerSecond = (all.events / lastsMs) * 1_000;
  const cost = costOf({ shards, eventsPerSecond, facts, assumptions });
  return [
    figure("a million, projects", all.projects, ""),
    figure("a million, servers' cores bought", cost.serverCores, ""),
    figure("a million, databases' cores bought", cost.databaseCores, ""),
    figure("a million, servers", cost.serversUsd, "USD/month"),
    figure("a million, databases", cost.databasesUsd, "USD/month"),
    figure("a million, storage", cost.storageUsd, "USD/month"),
    figure("a million, one session", cost.perSessionUsd, "USD/month"),
  ];
}

main();
