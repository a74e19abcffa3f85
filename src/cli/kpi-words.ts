import type { Kpi, KpiUnit } from "../core/metrics/index.ts";

/** A KPI's value for people. */
export function kpiValue({ value, unit }: Pick<Kpi, "unit" | "value">): string {
  return value === null ? "-" : inWords(value, unit);
}

/** A KPI's target for people, as `at least 70 %`. */
export function kpiTarget({ bound, target, to, unit }: Kpi): string {
  return bound === "from"
    ? `${String(target)} to ${inWords(to ?? target, unit)}`
    : `${bound} ${inWords(target, unit)}`;
}

function inWords(value: number, unit: KpiUnit): string {
  switch (unit) {
    case "seconds":
      return secondsText(value);
    case "percent":
      return `${String(Math.round(value * 10) / 10)} %`;
    case "bytes":
      return bytesText(value);
  }
}

/** A time in the unit that suits it. */
export function secondsText(seconds: number): string {
  if (seconds >= 120) {
    return `${shortNumber(seconds / 60)} min`;
  }
  return seconds >= 1 || seconds === 0
    ? `${shortNumber(seconds)} s`
    : `${shortNumber(seconds * 1_000)} ms`;
}

export function bytesText(bytes: number): string {
  return bytes >= 1e9 ? `${shortNumber(bytes / 1e9)} GB` : `${shortNumber(bytes / 1e6)} MB`;
}

/** Three digits that count. */
function shortNumber(value: number): string {
  return String(Number(value.toPrecision(3)));
}
