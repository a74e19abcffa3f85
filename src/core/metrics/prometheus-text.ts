import { percentileOf } from "./distribution.ts";
import type { Distribution } from "./distribution.ts";
import type { Labels, MetricUnit } from "./metric.ts";

/** One series as a whole: what processes measured, or what is told by stored facts. */
export interface WholeSeries {
  readonly name: string;
  readonly labels: Labels;
  readonly unit: MetricUnit;
  readonly whole: Distribution;
}

const quantiles = [0.5, 0.95, 0.99] as const;

/** Series as summaries in Prometheus's text format: seconds and bytes, with their percentiles over the time that was asked for. */
export function prometheusText(series: readonly WholeSeries[]): string {
  const names = [...new Set(series.map(({ name }) => name))];
  return names.map((name) => familyText(series.filter((each) => each.name === name))).join("");
}

function familyText(family: readonly WholeSeries[]): string {
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

/** Labels as the format has them, escaped; empty for none. */
export function labelText(labels: Labels): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

function escaped(value: string): string {
  return value.replace(/\\/gu, "\\\\").replace(/"/gu, '\\"').replace(/\n/gu, "\\n");
}
