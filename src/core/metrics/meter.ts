import { createDistribution } from "./distribution.ts";
import type { Distribution, GrowingDistribution } from "./distribution.ts";
import { labelsText, metricSpecs } from "./metric.ts";
import type { Labels, MetricName } from "./metric.ts";

/** Takes what a process measures. It neither waits nor throws. */
export interface Meter {
  note(name: MetricName, labels: Labels, value: number): void;
}

/** What one process has measured of one series since it was last taken. */
export interface Sample {
  readonly name: MetricName;
  /** As stored. */
  readonly labels: string;
  readonly distribution: Distribution;
}

/** A meter that holds what it was told until it is taken. */
export interface HoldingMeter extends Meter {
  /** One series for what measures often: its labels are put into words once. */
  series(name: MetricName, labels: Labels): (value: number) => void;
  /** True when there is something that is a reason to write. */
  isDue(): boolean;
  /** What was noted since the last time. */
  take(): readonly Sample[];
}

/** So many series a process holds; what is new beyond them counts as their metric without labels. */
const mostSeries = 200;

interface Series {
  readonly name: MetricName;
  readonly labels: string;
  held: GrowingDistribution | null;
}

export function createMeter(): HoldingMeter {
  const known = new Map<string, Series>();
  const seriesOf = (name: MetricName, labels: Labels): Series => {
    const text = labelsText(labels);
    const found = known.get(`${name} ${text}`);
    if (found !== undefined) {
      return found;
    }
    if (known.size >= mostSeries && text !== "{}") {
      return seriesOf(name, {});
    }
    const fresh: Series = { name, labels: text, held: null };
    known.set(`${name} ${text}`, fresh);
    return fresh;
  };
  const add = (series: Series, value: number): void => {
    series.held ??= createDistribution();
    series.held.add(value);
  };
  return {
    note: (name, labels, value) => {
      add(seriesOf(name, labels), value);
    },
    series: (name, labels) => {
      const series = seriesOf(name, labels);
      return (value) => {
        add(series, value);
      };
    },
    isDue: () =>
      [...known.values()].some(({ name, held }) => held !== null && !metricSpecs[name].isRider),
    take: () => takeFrom(known.values()),
  };
}

function takeFrom(all: Iterable<Series>): readonly Sample[] {
  const samples: Sample[] = [];
  for (const series of all) {
    const { name, labels, held } = series;
    if (held !== null) {
      series.held = null;
      samples.push({ name, labels, distribution: held.read() });
    }
  }
  return samples;
}
