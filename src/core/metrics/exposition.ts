import type { Distribution } from "./distribution.ts";
import { labelsOf } from "./metric.ts";
import type { Labels, MetricName } from "./metric.ts";
import type { ProcessFigures } from "./meter.ts";
import { labelText } from "./prometheus-text.ts";

/** What is told to Prometheus under one name: what is so now, or a count that only grows. */
export interface Family {
  /** With its prefix, as `skein_tasks`. */
  readonly name: string;
  readonly type: "gauge" | "counter";
  /** One sentence for people. */
  readonly help: string;
  readonly values: readonly FamilyValue[];
}

export interface FamilyValue {
  /** Only names that the code or the settings hold: no ids, paths or texts of others. */
  readonly labels: Labels;
  readonly value: number;
}

/** One series whose values lie in a distribution, as Prometheus's histograms have it. */
export interface HistogramSeries {
  readonly labels: Labels;
  readonly distribution: Distribution;
}

export interface Histogram {
  readonly name: string;
  readonly help: string;
  /** What one unit of the distribution is in the unit that is told: 1e-6 for microseconds told as seconds. */
  readonly scale: number;
  readonly series: readonly HistogramSeries[];
}

/** A family of one value without labels. */
export function gauge(name: string, help: string, value: number): Family {
  return { name, type: "gauge", help, values: [{ labels: {}, value }] };
}

/** Families in Prometheus's text format; those without values are left out. */
export function familiesText(families: readonly Family[]): string {
  return families
    .filter(({ values }) => values.length > 0)
    .map(familyText)
    .join("");
}

function familyText({ name, type, help, values }: Family): string {
  const lines = values.map(
    ({ labels, value }) => `${name}${labelText(labels)} ${numberText(value)}`,
  );
  return textOf(name, { type, help }, lines);
}

/** Histograms in Prometheus's text format: their counts only grow, so that rates and percentiles of any stretch of time can be told. */
export function histogramsText(histograms: readonly Histogram[]): string {
  return histograms
    .filter(({ series }) => series.length > 0)
    .map(histogramText)
    .join("");
}

/** The bounds of buckets double twice: slots double 16 times, so that each bound is one of theirs and nothing is guessed. */
const slotsPerBucket = 32;
/** From 64 microseconds to 68 seconds. */
const firstBucketSlot = 1 + 6 * 16;
const buckets = 11;

function histogramText({ name, help, scale, series }: Histogram): string {
  const lines = series.flatMap(({ labels, distribution }) => [
    ...bucketsOf(distribution).map(({ atMost, count }) => {
      const le = numberText(atMost * scale);
      return `${name}_bucket${labelText({ ...labels, le })} ${String(count)}`;
    }),
    `${name}_bucket${labelText({ ...labels, le: "+Inf" })} ${String(distribution.count)}`,
    `${name}_sum${labelText(labels)} ${numberText(distribution.total * scale)}`,
    `${name}_count${labelText(labels)} ${String(distribution.count)}`,
  ]);
  return textOf(name, { type: "histogram", help }, lines);
}

interface Bucket {
  readonly atMost: number;
  /** How many values are at most so large. */
  readonly count: number;
}

function bucketsOf({ slots }: Distribution): readonly Bucket[] {
  return Array.from({ length: buckets }, (_, index) => {
    const last = firstBucketSlot + index * slotsPerBucket;
    const counts = Array.from(slots, ([slot, count]) => (slot <= last ? count : 0));
    return {
      atMost: 2 ** ((last - 1) / 16),
      count: counts.reduce((sum, count) => sum + count, 0),
    };
  });
}

function textOf(
  name: string,
  { type, help }: { readonly type: string; readonly help: string },
  lines: readonly string[],
): string {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines]
    .map((line) => `${line}\n`)
    .join("");
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) {
    return "+Inf";
  }
  return String(Number(value.toPrecision(12)));
}

/** What is told of a process and a project as a histogram; memory is the process's own and no project's. */
const told = [
  { metric: "model_call", name: "skein_model_call_seconds", help: "Tries at models, by outcome." },
  {
    metric: "model_wait",
    name: "skein_model_wait_seconds",
    help: "Waits for a rate limit of a provider.",
  },
  { metric: "tool_call", name: "skein_tool_call_seconds", help: "Calls of tools, by outcome." },
  {
    metric: "store_write",
    name: "skein_store_write_seconds",
    help: "Writes to the store, from the wait for their turn to the commit; one in 17 is measured and counts for all.",
  },
] as const satisfies readonly {
  readonly metric: MetricName;
  readonly name: string;
  readonly help: string;
}[];

/** What processes have measured, as histograms; the labels tell their projects apart. */
export function histogramsOf(
  figures: readonly { readonly labels: Labels; readonly figures: ProcessFigures }[],
): readonly Histogram[] {
  return told.map(({ metric, name, help }) => ({
    name,
    help,
    // All of them are times.
    scale: 1e-6,
    series: figures.flatMap(({ labels, figures: { samples } }) =>
      samples
        .filter((sample) => sample.name === metric)
        .map(({ labels: own, distribution }) => ({
          labels: { ...labelsOf(own), ...labels },
          distribution,
        })),
    ),
  }));
}
