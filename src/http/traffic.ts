import { createDistribution } from "../core/metrics/index.ts";
import type { HistogramSeries } from "../core/metrics/index.ts";

/** What a server measures of its requests since it started. */
export interface Traffic {
  /** One answered request: its route, the hundred of its status, and how long it took in microseconds. */
  note(route: string, status: number, tookUs: number): void;
  /** In microseconds. */
  series(): readonly HistogramSeries[];
}

export function createTraffic(): Traffic {
  const known = new Map<
    string,
    {
      readonly labels: Readonly<Record<string, string>>;
      readonly held: ReturnType<typeof createDistribution>;
    }
  >();
  return {
    note: (route, status, tookUs) => {
      const code = `${String(Math.floor(status / 100))}xx`;
      const key = `${route} ${code}`;
      const series = known.get(key) ?? { labels: { route, code }, held: createDistribution() };
      known.set(key, series);
      series.held.add(tookUs, 1);
    },
    series: () =>
      Array.from(known.values(), ({ labels, held }) => ({ labels, distribution: held.read() })),
  };
}
