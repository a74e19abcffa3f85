import { describe, expect, test } from "vitest";
import { migrations, readAlerts, readHistory, readKpis, readSteps } from "../../src/core/index.ts";
import { createMeter, distributionOf, percentileOf } from "../../src/core/metrics/index.ts";
import type { Kpi, MetricSeries, Sample } from "../../src/core/metrics/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import type { Finding } from "../../src/core/review/index.ts";
import type { Upkeep } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { aFinding, aResult } from "../support/review.ts";
import { eachStore } from "../support/stores.ts";

const policy = { caseInsensitive: false };
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;
const ada = aCaller("ada");
const bob = aCaller("bob");

function someCalls(values: readonly number[], outcome = "ok"): readonly Sample[] {
  const meter = createMeter();
  for (const value of values) {
    meter.note("model_call", { provider: "claude", model: "sonnet", outcome }, value);
  }
  return meter.take();
}

async function add(stand: CoordinationStand, samples: readonly Sample[]): Promise<void> {
  await stand.store.write(async (tx) => stand.metrics.add(tx, samples));
}

async function seriesOf({ store, metrics }: CoordinationStand): Promise<readonly MetricSeries[]> {
  return store.read(async (reader) => metrics.since(reader, 0));
}

function upkeepOf(stand: CoordinationStand): Upkeep {
  return createUpkeep({ ...stand, migrations, policy, shelf: null });
}

async function kpisOf(stand: CoordinationStand): Promise<ReadonlyMap<string, Kpi>> {
  const kpis = await stand.store.read(async (reader) => readKpis(stand, reader, 0));
  return new Map(kpis.map((kpi) => [kpi.name, kpi]));
}

/** Claims the next task and ends it after some time. */
async function work(
  stand: CoordinationStand,
  caller: typeof ada,
  { outcome, tookMs = 0 }: { readonly outcome: "failed" | "submitted"; readonly tookMs?: number },
): Promise<void> {
  const { claim } = await stand.dispatch.nextTask(next(caller));
  stand.time.advance(tookMs);
  const named = { task: claim?.task.id ?? "", fence: claim?.fence ?? 0 };
  await stand.dispatch.finishTask(finish(caller, named, { outcome, cause: "agent_error" }));
}

/** Books what a call of a session, or of none, has cost. */
async function spend(
  stand: CoordinationStand,
  caller: typeof ada | null,
  microUsd: number,
): Promise<void> {
  const session = caller === null ? null : (await stand.dispatch.identify(caller)).session.id;
  await stand.store.write(async (tx) =>
    stand.costs.record(tx, {
      session,
      plan: null,
      task: null,
      fence: null,
      attempt: null,
      usage: {
        model: "m",
        inputTokens: 1,
        outputTokens: 1,
        cacheReadTokens: 0,
        cacheWriteTokens: 0,
        microUsd,
      },
      actor: "system",
    }),
  );
}

eachStore("metrics", (open) => {
  test("merges what several processes flush within one hour", async () => {
    const stand = await createStand(open);
    await add(stand, someCalls([1_000, 2_000]));
    await add(stand, someCalls([9_000]));
    await add(stand, someCalls([5], "timeout"));

    const series = await stand.store.read(async (reader) => stand.metrics.since(reader, 0));

    expect(
      series.map(({ labels, whole }) => [labels["outcome"], whole.count, whole.total]),
    ).toEqual([
      ["ok", 3, 12_000],
      ["timeout", 1, 5],
    ]);
    expect(series[0]?.whole).toMatchObject({ least: 1_000, most: 9_000 });
    expect(series[0]?.hours).toHaveLength(1);
  });

  test("tells percentiles over hours, as of one distribution", async () => {
    const stand = await createStand(open);
    const values = Array.from({ length: 300 }, (_none, at) => (at + 1) * 1_000);
    for (let part = 0; part < 3; part += 1) {
      await add(stand, someCalls(values.slice(part * 100, part * 100 + 100)));
      stand.time.advance(hourMs);
    }

    const [series] = await stand.store.read(async (reader) => stand.metrics.since(reader, 0));

    expect(series?.hours).toHaveLength(stand.store.dialect === "sqlite" ? 3 : 1);
    expect(percentileOf(series?.whole ?? distributionOf([]), 0.95)).toBe(
      percentileOf(distributionOf(values), 0.95),
    );
  });

  test("keeps each project's own", async () => {
    const stand = await createStand(open);
    const other = await createStand((options) => open({ ...options, project: "other" }), 2);
    await add(stand, someCalls([1]));

    expect(await other.store.read(async (reader) => other.metrics.since(reader, 0))).toEqual([]);
  });

  test("reads from the hour in which the time lies", async () => {
    const stand = await createStand(open);
    await add(stand, someCalls([1]));
    const nowMs = await stand.store.read(async (reader) => reader.nowMs);
    const since = async (ms: number): Promise<number> => {
      const series = await stand.store.read(async (reader) => stand.metrics.since(reader, ms));
      return series.length;
    };

    expect([await since(nowMs), await since(nowMs + hourMs)]).toEqual([1, 0]);
  });

  describe("maintain", () => {
    test("forgets metrics after 30 days, and keeps younger ones", async () => {
      const stand = await createStand(open);
      await add(stand, someCalls([1, 2, 3]));
      stand.time.advance(1.5 * dayMs);
      await add(stand, someCalls([4]));
      stand.time.advance(29.5 * dayMs);
      const options = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: false };

      const first = await upkeepOf(stand).maintain(options);
      const again = await upkeepOf(stand).maintain(options);

      const left = await stand.store.read(async (reader) => stand.metrics.since(reader, 0));
      const isTurned = stand.store.dialect === "sqlite";
      expect([first.prunedMetrics, again.prunedMetrics]).toEqual([isTurned ? 1 : 0, 0]);
      expect(left.map(({ whole }) => whole.count)).toEqual([isTurned ? 1 : 4]);
    });

    test("forgets by the age that it is told", async () => {
      const stand = await createStand(open);
      await add(stand, someCalls([1]));
      const options = { archiveAfterMs: 90 * dayMs, backupFile: null, vacuum: false };

      const kept = await upkeepOf(stand).maintain({ ...options, metricsAfterMs: dayMs });
      const gone = await upkeepOf(stand).maintain({ ...options, metricsAfterMs: -2 * hourMs });

      expect([kept.prunedMetrics, gone.prunedMetrics]).toEqual([0, 1]);
    });
  });

  describe("export and import", () => {
    test("carry metrics", async () => {
      const stand = await createStand(open);
      await add(stand, someCalls([1_000, 70_000]));
      const state = await upkeepOf(stand).export();
      const other = await createStand((options) => open({ ...options, project: "other" }), 2);

      await upkeepOf(other).import(JSON.stringify(state));

      expect(state.tables["metrics"]).toHaveLength(1);
      expect(await seriesOf(other)).toEqual(await seriesOf(stand));
    });

    test("take in an export that was written before there were metrics", async () => {
      const stand = await createStand(open);
      await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
      const { tables, ...state } = await upkeepOf(stand).export();
      const { metrics: _none, ...older } = tables;
      const other = await createStand((options) => open({ ...options, project: "other" }), 2);

      await upkeepOf(other).import(JSON.stringify({ ...state, tables: older }));

      expect(await other.store.read(async (reader) => other.plans.listPlans(reader))).toHaveLength(
        1,
      );
    });

    test("refuse an export that lacks a table which every one has", async () => {
      const stand = await createStand(open);
      const { tables, ...state } = await upkeepOf(stand).export();
      const { plan_drafts: _none, ...less } = tables;
      const other = await createStand((options) => open({ ...options, project: "other" }), 2);

      const importing = upkeepOf(other).import(JSON.stringify({ ...state, tables: less }));

      await expect(importing).rejects.toMatchObject({
        code: "SKN-1822",
        facts: { place: "tables.plan_drafts" },
      });
    });
  });

  describe("readKpis", () => {
    test("tells completion from how tasks ended: what a person takes out is no failure, what it blocks is not complete", async () => {
      const stand = await createStand(open);
      const tasks = Array.from({ length: 6 }, (_none, at) => aTask(`T${String(at)}`));
      const tail = [aTask("T8"), aTask("T9", { dependsOn: ["T8"] })];
      await stand.dispatch.importPlan(aPlan([...tasks, ...tail]), { actor: "person:ana" });
      await stand.dispatch.cancelTask("T8", { actor: "person:ana", reason: "not wanted" });
      for (let at = 0; at < 6; at += 1) {
        await work(stand, ada, { outcome: "submitted" });
      }

      const completion = (await kpisOf(stand)).get("plan_completion");

      expect(completion).toMatchObject({ samples: 7, state: "warn" });
      expect(completion?.value).toBeCloseTo((6 / 7) * 100);
    });

    test("tells the time of steps and how well two sessions were used", async () => {
      const stand = await createStand(open);
      const tasks = Array.from({ length: 4 }, (_none, at) => aTask(`T${String(at)}`));
      await stand.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
      await work(stand, ada, { outcome: "submitted", tookMs: 10_000 });
      await work(stand, bob, { outcome: "submitted", tookMs: 20_000 });
      await work(stand, ada, { outcome: "submitted", tookMs: 90_000 });
      await work(stand, bob, { outcome: "failed", tookMs: 500_000 });

      const kpis = await kpisOf(stand);

      if (stand.store.dialect === "sqlite") {
        expect(kpis.get("step_time_mean")).toMatchObject({ value: 40, samples: 3, state: "warn" });
        expect(kpis.get("step_time_p95")).toMatchObject({ value: 90, state: "warn" });
        expect(kpis.get("parallel_efficiency")?.value).toBeCloseTo(
          ((10 + 90 + 20 + 500) / (120 + 610)) * 100,
        );
      }
      expect(kpis.get("parallel_efficiency")?.samples).toBe(2);
    });

    test("alerts of what is critical, and of nothing else", async () => {
      const stand = await createStand(open);
      await add(stand, someCalls([1_000, 1_000, 1_000]));
      await add(stand, someCalls([1_000, 1_000], "overloaded"));

      const alerts = await stand.store.read(async (reader) => readAlerts(stand, reader, 0));

      expect(alerts.map(({ name, value, state }) => [name, value, state])).toEqual([
        ["api_success", 60, "critical"],
      ]);
    });
  });

  test("counts a vote once that later reviews carry over", async () => {
    const stand = await createStand(open);
    const keep = async (findings: readonly Finding[]): Promise<void> =>
      stand.store.write(async (tx) => {
        const by = { actor: "person:ana" } as const;
        const id = await stand.reviews.begin(tx, { ...by, subject: "b", preset: "fast" });
        const outcome = {
          mode: "vote",
          seats: [],
          proposers: [],
          clusters: [],
          votes: [],
        } as const;
        const basis = {
          outcome: { ...outcome, isComplete: true },
          anchors: {},
          thresholds: { preset: 50, severity: {}, category: {} },
          records: [],
        };
        const record = { result: aResult({ findings, unconfirmed: [] }), basis, silent: [] };
        await stand.reviews.finish(tx, { ...by, id, record });
      });
    const [first, second] = [aFinding({ fingerprint: "a" }), aFinding({ fingerprint: "b" })];
    await keep([{ ...first, support: 650 }]);
    await keep([
      { ...first, support: 650, state: "open" },
      { ...second, support: 1_000 },
    ]);

    const kpis = await stand.store.read(async (reader) => readKpis(stand, reader, 0));
    const history = await stand.store.read(async (reader) => readHistory(stand, reader, 0));

    expect(kpis.find(({ name }) => name === "consensus_quality")).toMatchObject({
      samples: 2,
      value: 82.5,
    });
    expect(history.consensus).toEqual([0, 0, 0, 0, 0, 0, 1, 0, 0, 1]);
  });

  describe("readHistory", () => {
    test("tells each day's ends, steps, calls and money, and whose tier spent it", async () => {
      const stand = await createStand(open);
      await stand.dispatch.importPlan(aPlan([aTask("T1"), aTask("T2")]), { actor: "person:ana" });
      await work(stand, ada, { outcome: "submitted", tookMs: 5_000 });
      await add(stand, someCalls([1_000, 2_000]));
      await spend(stand, ada, 7_000);
      await spend(stand, aCaller("lin", { role: "lead" }), 9_000);
      await spend(stand, null, 3_000);

      const history = await stand.store.read(async (reader) => readHistory(stand, reader, 0));
      const later = await stand.store.read(async (reader) =>
        readHistory(stand, reader, reader.nowMs + dayMs),
      );
      const steps = await stand.store.read(async (reader) => readSteps(stand.plans, reader, 0));

      const calls = { done: 1, undone: 0, attempts: 1, modelCalls: 2, microUsd: 19_000 };
      expect(history.days).toMatchObject([calls]);
      expect(history.costByTier).toEqual([
        { tier: "lead", microUsd: 9_000 },
        { tier: "worker", microUsd: 7_000 },
        { tier: null, microUsd: 3_000 },
      ]);
      expect(history.costByModel).toMatchObject([{ name: "m", microUsd: 19_000 }]);
      expect(later).toMatchObject({ days: [], costByTier: [], costByModel: [] });
      expect(history.consensus).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
      expect(steps.whole.count).toBe(1);
    });

    test("counts the calls of a day, and not those of another", async () => {
      const stand = await createStand(open);
      await add(stand, someCalls([1_000, 2_000]));
      await stand.store.write(async (tx) =>
        tx.run("UPDATE metrics SET hour_ms = hour_ms - ? WHERE project = ?", [dayMs, tx.project]),
      );
      await add(stand, someCalls([3_000]));

      const { days } = await stand.store.read(async (reader) => readHistory(stand, reader, 0));

      expect(days.map(({ modelCalls }) => modelCalls)).toEqual([2, 1]);
    });

    test("tells how many attempts of a day were not their task's first", async () => {
      const stand = await createStand(open);
      await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
      const failed = { outcome: "failed", tookMs: 1_000 } as const;
      await work(stand, ada, failed);
      await work(stand, ada, failed);
      await work(stand, ada, { outcome: "submitted", tookMs: 1_000 });

      const { days } = await stand.store.read(async (reader) => readHistory(stand, reader, 0));

      expect(days).toMatchObject([{ done: 1, attempts: 3, retries: 2 }]);
    });

    test("tells the steps of a day and how well its sessions were used, work that goes on among it", async () => {
      const stand = await createStand(open);
      const tasks = Array.from({ length: 7 }, (_none, at) => aTask(`T${String(at)}`));
      await stand.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
      await work(stand, ada, { outcome: "submitted", tookMs: 10_000 });
      await work(stand, bob, { outcome: "submitted", tookMs: 20_000 });
      await work(stand, ada, { outcome: "submitted", tookMs: 90_000 });
      stand.time.advance(dayMs);
      await work(stand, ada, { outcome: "submitted", tookMs: 30_000 });
      await work(stand, bob, { outcome: "submitted", tookMs: 30_000 });
      await stand.dispatch.nextTask(next(ada));
      stand.time.advance(40_000);

      const { days } = await stand.store.read(async (reader) => readHistory(stand, reader, 0));

      if (stand.store.dialect === "sqlite") {
        const used = days.map(({ parallelEfficiency }) => parallelEfficiency);
        expect(used).toEqual([(10 + 90 + 20) / (120 + 20), (30 + 40 + 30) / (100 + 30)]);
        expect(days.map(({ stepMeanMs }) => stepMeanMs)).toEqual([40_000, 30_000]);
        expect(days.map(({ stepP95Ms }) => stepP95Ms)).toEqual([90_000, 30_000]);
      }
      expect(days.reduce((sum, { attempts }) => sum + attempts, 0)).toBe(5);
    });
  });
});
