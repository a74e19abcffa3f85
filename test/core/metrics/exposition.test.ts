import { describe, expect, test } from "vitest";
import {
  createMeter,
  distributionOf,
  familiesText,
  histogramsOf,
  histogramsText,
} from "../../../src/core/metrics/index.ts";

describe("familiesText", () => {
  test("writes a help and a type for each name, and escapes what labels hold", () => {
    const text = familiesText([
      {
        name: "skein_spent_usd_total",
        type: "counter",
        help: "Money.",
        values: [
          { labels: {}, value: 0.1 + 0.2 },
          { labels: { model: 'a"b\\c\nd' }, value: 3 },
        ],
      },
      { name: "skein_empty", type: "gauge", help: "Nothing.", values: [] },
    ]);

    expect(text).toBe(
      [
        "# HELP skein_spent_usd_total Money.",
        "# TYPE skein_spent_usd_total counter",
        "skein_spent_usd_total 0.3",
        'skein_spent_usd_total{model="a\\"b\\\\c\\nd"} 3',
        "",
      ].join("\n"),
    );
  });
});

describe("histogramsText", () => {
  test("counts every value at or below each bound, in seconds", () => {
    const text = histogramsText([
      {
        name: "skein_x_seconds",
        help: "X.",
        scale: 1e-6,
        series: [
          { labels: { outcome: "ok" }, distribution: distributionOf([0, 64, 65, 256, 1e9]) },
        ],
      },
    ]);

    const lines = text.trimEnd().split("\n");
    expect(lines.slice(0, 5)).toEqual([
      "# HELP skein_x_seconds X.",
      "# TYPE skein_x_seconds histogram",
      'skein_x_seconds_bucket{outcome="ok",le="0.000064"} 2',
      'skein_x_seconds_bucket{outcome="ok",le="0.000256"} 4',
      'skein_x_seconds_bucket{outcome="ok",le="0.001024"} 4',
    ]);
    expect(lines.slice(-4)).toEqual([
      'skein_x_seconds_bucket{outcome="ok",le="67.108864"} 4',
      'skein_x_seconds_bucket{outcome="ok",le="+Inf"} 5',
      'skein_x_seconds_sum{outcome="ok"} 1000.000385',
      'skein_x_seconds_count{outcome="ok"} 5',
    ]);
  });
});

describe("histogramsOf", () => {
  test("tells what a process has measured since it began, also after it was taken, by project", () => {
    const meter = createMeter();
    meter.note("tool_call", { tool: "look", outcome: "ok" }, 100);
    meter.take();
    meter.note("tool_call", { tool: "look", outcome: "ok" }, 200);

    const text = histogramsText(
      histogramsOf([{ labels: { project: "a" }, figures: meter.life() }]),
    );

    const labels = '{outcome="ok",tool="look",project="a"}';
    expect(text).toContain(`skein_tool_call_seconds_count${labels} 2\n`);
    expect(text).toContain(`skein_tool_call_seconds_sum${labels} 0.0003\n`);
  });
});
