import { describe, expect, test } from "vitest";
import { createMeter } from "../../../src/core/metrics/index.ts";

describe("createMeter", () => {
  test("keeps series apart by their labels, in whatever order those are given", () => {
    const meter = createMeter();
    meter.note("tool_call", { tool: "look", outcome: "ok" }, 10);
    meter.note("tool_call", { outcome: "ok", tool: "look" }, 20);
    meter.note("tool_call", { tool: "look", outcome: "refused" }, 30);

    const samples = meter.take();

    expect(
      samples.map(({ labels, distribution }) => `${labels} ${String(distribution.total)}`),
    ).toEqual(['{"outcome":"ok","tool":"look"} 30', '{"outcome":"refused","tool":"look"} 30']);
  });

  test("gives each value once", () => {
    const meter = createMeter();
    meter.note("store_write", { outcome: "ok" }, 1);
    meter.take();
    meter.note("store_write", { outcome: "ok" }, 2);

    expect(meter.take()).toMatchObject([{ distribution: { count: 1, total: 2 } }]);
    expect(meter.take()).toEqual([]);
  });

  test("finds no reason to write in what rides with others", () => {
    const meter = createMeter();
    meter.note("store_write", { outcome: "ok" }, 10);
    const before = meter.isDue();
    meter.note("tool_call", { tool: "look", outcome: "ok" }, 10);

    expect([before, meter.isDue()]).toEqual([false, true]);
  });

  test("counts all of many values", () => {
    const meter = createMeter();
    for (let at = 0; at < 5_000; at += 1) {
      meter.note("store_write", { outcome: "ok" }, 2);
    }

    expect(meter.take()).toMatchObject([{ distribution: { count: 5_000, total: 10_000 } }]);
  });

  test("counts what is beyond its room without labels, and loses none of it", () => {
    const meter = createMeter();
    for (let at = 0; at < 1_000; at += 1) {
      meter.note("tool_call", { tool: `t${String(at)}` }, 1);
    }

    const samples = meter.take();

    expect(samples.length).toBeLessThanOrEqual(201);
    expect(samples.reduce((sum, { distribution }) => sum + distribution.count, 0)).toBe(1_000);
    expect(samples.find(({ labels }) => labels === "{}")?.distribution.count).toBe(800);
  });
});
