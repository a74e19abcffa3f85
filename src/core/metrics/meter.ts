import { createDistribution, emptyDistribution, mergeDistributions } from "./distribution.ts";
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
  /** Notes one value for some like it that were not measured. */
  noteAlike(values: AlikeValues): void;
  /** True when there is something that is a reason to write. */
  isDue(): boolean;
  /** Counts a write, or a request beyond a project's share, that a rule of ours refused, by the code of the error. */
  refuse(code: string): void;
  /** What was noted since the last time. */
  take(): readonly Sample[];
  /** All that was noted since the process began; what was taken before is in it. */
  life(): ProcessFigures;
}

/** What one process has measured since it began. */
export interface ProcessFigures {
  readonly samples: readonly Sample[];
  /** How many writes were refused, by the code of the error. */
  readonly refusals: ReadonlyMap<string, number>;
}

/** So many series a process holds; what is new beyond them counts as their metric without labels. */
const mostSeries = 200;

/** So many values are only laid down; then they are counted in one go, which takes less time than counting each where it is measured. */
const mostLaidDown = 1_024;

interface Series {
  readonly name: MetricName;
  readonly labels: string;
  held: GrowingDistribution | null;
  /** What was taken. */
  taken: Distribution;
}

export interface AlikeValues {
  readonly name: MetricName;
  readonly labels: Labels;
  readonly value: number;
  readonly times: number;
}

export function createMeter(): HoldingMeter {
  const known = new Map<string, Series>();
  const refusals = new Map<string, number>();
  let laidDown: AlikeValues[] = [];
  let isDue = false;
  const countAll = (): void => {
    for (const { name, labels, value, times } of laidDown) {
      const series = seriesOf(known, name, labels);
      series.held ??= createDistribution();
      series.held.add(value, times);
    }
    laidDown = [];
  };
  const layDown = (values: AlikeValues): void => {
    laidDown.push(values);
    isDue ||= !metricSpecs[values.name].isRider;
    if (laidDown.length >= mostLaidDown) {
      countAll();
    }
  };
  return {
    note: (name, labels, value) => {
      layDown({ name, labels, value, times: 1 });
    },
    noteAlike: layDown,
    isDue: () => isDue,
    refuse: (code) => {
      refusals.set(code, (refusals.get(code) ?? 0) + 1);
    },
    life: () => {
      countAll();
      return { samples: lifeOf(known.values()), refusals };
    },
    take: () => {
      countAll();
      isDue = false;
      return takeFrom(known.values());
    },
  };
}

function seriesOf(known: Map<string, Series>, name: MetricName, labels: Labels): Series {
  const text = labelsText(labels);
  const found = known.get(`${name} ${text}`);
  if (found !== undefined) {
    return found;
  }
  if (known.size >= mostSeries && text !== "{}") {
    return seriesOf(known, name, {});
  }
  const fresh: Series = { name, labels: text, held: null, taken: emptyDistribution };
  known.set(`${name} ${text}`, fresh);
  return fresh;
}

function takeFrom(all: Iterable<Series>): readonly Sample[] {
  const samples: Sample[] = [];
  for (const series of all) {
    const { name, labels, held } = series;
    if (held !== null) {
      const distribution = held.read();
      series.held = null;
      series.taken = mergeDistributions([series.taken, distribution]);
      samples.push({ name, labels, distribution });
    }
  }
  return samples;
}

function lifeOf(all: Iterable<Series>): readonly Sample[] {
  return Array.from(all, ({ name, labels, held, taken }) => ({
    name,
    labels,
    distribution: held === null ? taken : mergeDistributions([taken, held.read()]),
  }));
}
