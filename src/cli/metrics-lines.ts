import { exactUsd } from "../core/costs/index.ts";
import { meanOf, percentileOf, trendOf } from "../core/metrics/index.ts";
import type { Span } from "../core/metrics/index.ts";
import type { Report, ShownSeries } from "./commands/metrics.ts";
import { bytesText, secondsText } from "./kpi-words.ts";
import { completionOf } from "./metrics-data.ts";
import { tableLines } from "./output.ts";
import { clip } from "./views.ts";

/** The metrics for people. */
export function metricsLines(report: Report): readonly string[] {
  const { series, span } = report;
  const head = ["METRIC", "COUNT", "MEAN", "P50", "P95", "P99", "TREND"];
  const rows = series.map((each) => seriesRow(each, span));
  return [
    ...(rows.length === 0 ? ["Nothing was measured in this time."] : tableLines(head, rows)),
    ...dayLines(report),
    ...consensusLines(report),
    ...costLines(report),
  ];
}

function seriesRow({ name, labels, unit, whole, hours }: ShownSeries, span: Span): string[] {
  const shown = (value: number | null): string =>
    unit === "us" ? secondsText((value ?? 0) / 1_000_000) : bytesText(value ?? 0);
  const trend = trendOf({ hours }, span);
  return [
    clip([name, ...Object.values(labels)].join(" "), 60),
    String(whole.count),
    shown(meanOf(whole)),
    shown(percentileOf(whole, 0.5)),
    shown(percentileOf(whole, 0.95)),
    shown(percentileOf(whole, 0.99)),
    trend === null ? "-" : `${trend < 0 ? "" : "+"}${percentText(trend)}`,
  ];
}

function percentText(share: number): string {
  return `${String(Math.round(share * 100))} %`;
}

function dayLines({ history }: Report): readonly string[] {
  if (history.days.length === 0) {
    return [];
  }
  const head = [
    "DAY",
    "DONE",
    "UNDONE",
    "COMPLETION",
    "RETRIED",
    "STEP MEAN",
    "STEP P95",
    "PARALLEL",
    "CALLS",
    "USD",
  ];
  const rows = history.days.map((day) => {
    const completion = completionOf(day);
    return [
      day.day,
      String(day.done),
      String(day.undone),
      completion === null ? "-" : percentText(completion),
      day.attempts === 0 ? "-" : percentText(day.retries / day.attempts),
      day.stepMeanMs === null ? "-" : secondsText(day.stepMeanMs / 1_000),
      day.stepP95Ms === null ? "-" : secondsText(day.stepP95Ms / 1_000),
      day.parallelEfficiency === null ? "-" : percentText(day.parallelEfficiency),
      String(day.modelCalls),
      exactUsd(day.microUsd),
    ];
  });
  return ["", ...tableLines(head, rows)];
}

function consensusLines({ history }: Report): readonly string[] {
  if (history.consensus.every((findings) => findings === 0)) {
    return [];
  }
  const rows = history.consensus.map((findings, tenth) => [
    `${String(tenth * 10)}-${String(tenth * 10 + 10)} %`,
    String(findings),
  ]);
  return ["", ...tableLines(["SUPPORT", "FINDINGS"], rows)];
}

function costLines({ history, costBySize }: Report): readonly string[] {
  const rows = [
    ...[...costBySize].map(([size, microUsd]) => [`models: ${size}`, exactUsd(microUsd)]),
    ...history.costByTier.map(({ tier, microUsd }) => [
      `sessions: ${tier ?? "none"}`,
      exactUsd(microUsd),
    ]),
  ];
  return rows.length === 0 ? [] : ["", ...tableLines(["COST BY TIER", "USD"], rows)];
}
