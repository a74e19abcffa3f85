import { percentileOf } from "../core/metrics/index.ts";
import type { Labels } from "../core/metrics/index.ts";
import type { ShownSeries } from "./commands/metrics.ts";

const quantiles = [0.5, 0.95, 0.99] as const;

/** Series as summaries in Prometheus's text format: seconds and bytes, with their percentiles over the time that was asked for. */
export function prometheusText(series: readonly ShownSeries[]): string {
  const names = [...new Set(series.map(({ name }) => name))];
  return names.map((name) => familyText(series.filter((each) => each.name === name))).join("");
}

function familyText(family: readonly ShownSeries[]): string {
  const [first] = family;
  if (first === undefined) {
    return "";
  }
  const name = `skein_${first.name}_${first.unit === "us" ? "seconds" : "bytes"}`;
  const lines = family.flatMap(({ labels, unit, whole }) => {
    const scale = unit === "us" ? 1_000_000 : 1;
    return [
      ...quantiles.map((quantile) => {
        const value = (percentileOf(whole, quantile) ?? 0) / scale;
        return `${name}${labelText({ ...labels, quantile: String(quantile) })} ${String(value)}`;
      }),
      `${name}_sum${labelText(labels)} ${String(whole.total / scale)}`,
      `${name}_count${labelText(labels)} ${String(whole.count)}`,
    ];
  });
  return [`# TYPE ${name} summary`, ...lines].map((line) => `${line}\n`).join("");
}

function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/gu, "\\\\").replace(/"/gu, '\\"').replace(/\n/gu, "\\n");
}
