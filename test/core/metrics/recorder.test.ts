import { describe, expect, test } from "vitest";
import {
  createMeter,
  createMetrics,
  createRecorder,
  meterStore,
  metricsMigration,
} from "../../../src/core/metrics/index.ts";
import type { HoldingMeter, MetricSeries, Recorder } from "../../../src/core/metrics/index.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { storeErrors } from "../../../src/core/store/index.ts";
import type { Store } from "../../../src/core/store/index.ts";
import { createManualTimer, settle } from "../../support/manual-timer.ts";
import type { ManualTimer } from "../../support/manual-timer.ts";
import { openMemoryStore } from "../../support/stores.ts";

const metrics = createMetrics();
const look = { tool: "look", outcome: "ok" };

const busyWrite: Store["write"] = async () => {
  throw new SkeinError(storeErrors.busy);
};

interface Scene {
  readonly store: Store;
  readonly timer: ManualTimer;
  readonly meter: HoldingMeter;
  readonly recorder: Recorder;
  /** Writes that reached the store. */
  readonly writes: () => number;
  readonly stored: () => Promise<readonly MetricSeries[]>;
}

async function aScene(write?: Store["write"]): Promise<Scene> {
  const { store } = await openMemoryStore({ migrations: [{ ...metricsMigration, version: 1 }] });
  const timer = createManualTimer();
  const meter = createMeter();
  let writes = 0;
  const counting: Pick<Store, "write"> = {
    write: async (work) => {
      writes += 1;
      return write === undefined ? store.write(work) : write(work);
    },
  };
  const recorder = createRecorder({
    metrics,
    meter,
    store: counting,
    timer,
    memoryBytes: () => 1_000_000,
  });
  return {
    store,
    timer,
    meter,
    recorder,
    writes: () => writes,
    stored: async () => store.read(async (reader) => metrics.since(reader, 0)),
  };
}

function countsOf(series: readonly MetricSeries[]): readonly string[] {
  return series.map(({ name, whole }) => `${name} ${String(whole.count)}`);
}

describe("createRecorder", () => {
  test("writes a minute after the first value, once for all of them", async () => {
    const { recorder, timer, writes, stored } = await aScene();
    for (let at = 0; at < 500; at += 1) {
      recorder.note("tool_call", look, at);
    }

    await timer.advance(59_999);
    const before = writes();
    await timer.advance(1);

    expect([before, writes()]).toEqual([0, 1]);
    expect(countsOf(await stored())).toEqual(["process_memory 1", "tool_call 500"]);
  });

  test("rests while nothing is noted, and begins anew with the next value", async () => {
    const { recorder, timer, writes, stored } = await aScene();
    recorder.note("tool_call", look, 1);
    await timer.advance(600_000);
    const resting = [writes(), timer.sleepers()];

    recorder.note("tool_call", look, 2);
    await timer.advance(60_000);

    expect(resting).toEqual([1, 0]);
    expect(countsOf(await stored())).toEqual(["process_memory 2", "tool_call 2"]);
  });

  test("writes at the end what it holds", async () => {
    const { recorder, stored, timer } = await aScene();
    recorder.note("tool_call", look, 1);

    await recorder.close();

    expect(countsOf(await stored())).toEqual(["process_memory 1", "tool_call 1"]);
    expect(timer.sleepers()).toBe(0);
  });

  test("takes nothing after its end, and writes nothing where there is nothing", async () => {
    const { recorder, writes } = await aScene();
    await recorder.close();
    recorder.note("tool_call", look, 1);
    await settle();

    expect(writes()).toBe(0);
  });

  test("writes nothing for writes alone, so that a flush causes no other", async () => {
    const { store, meter, recorder, timer, writes, stored } = await aScene();
    const metered = meterStore(store, meter, timer);
    for (let at = 0; at < 17; at += 1) {
      await metered.write(async () => undefined);
    }
    await timer.advance(600_000);
    const alone = writes();

    recorder.note("tool_call", look, 1);
    await timer.advance(600_000);

    expect([alone, writes()]).toEqual([0, 1]);
    expect(countsOf(await stored())).toEqual(["process_memory 1", "store_write 17", "tool_call 1"]);
  });

  test("is silent about a store that fails, and goes on", async () => {
    const { recorder, timer, writes } = await aScene(busyWrite);
    recorder.note("tool_call", look, 1);
    await timer.advance(60_000);
    recorder.note("tool_call", look, 1);
    await recorder.close();

    expect(writes()).toBe(2);
  });

  test("keeps what is noted while a flush runs", async () => {
    const { recorder, timer, stored } = await aScene();
    recorder.note("tool_call", look, 1);
    const flushing = timer.advance(60_000);
    recorder.note("tool_call", look, 2);
    await flushing;
    recorder.note("tool_call", look, 3);
    await recorder.close();

    const [, tools] = await stored();
    expect(tools?.whole).toMatchObject({ count: 3, total: 6 });
  });
});

describe("meterStore", () => {
  test("measures one write in seventeen for all of them, and gives back what each gave", async () => {
    const { store, meter, timer } = await aScene();
    const metered = meterStore(store, meter, timer);

    const given: number[] = [];
    for (let at = 0; at < 170; at += 1) {
      given.push(await metered.write(async () => at));
    }

    expect(given).toEqual(Array.from({ length: 170 }, (_none, at) => at));
    expect(meter.take()).toMatchObject([
      { name: "store_write", labels: '{"outcome":"ok"}', distribution: { count: 170 } },
    ]);
  });

  test.each([
    ["refused", "conflict", async (store: Store) => store],
    ["unavailable", "unavailable", async (store: Store) => ({ ...store, write: busyWrite })],
  ] as const)("tells writes that were %s", async (outcome, kind, over) => {
    const { store, meter, timer } = await aScene();
    const metered = meterStore(await over(store), meter, timer);

    for (let at = 0; at < 17; at += 1) {
      const write = metered.write(async () => {
        throw new SkeinError({ ...storeErrors.busy, kind });
      });
      await expect(write).rejects.toMatchObject({ kind });
    }

    expect(meter.take()).toMatchObject([
      { labels: `{"outcome":"${outcome}"}`, distribution: { count: 17 } },
    ]);
  });
});
