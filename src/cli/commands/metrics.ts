import { isoTime } from "../../core/base/iso.ts";
import { readHistory, readSteps } from "../../core/index.ts";
import type { History, Skein } from "../../core/index.ts";
import { metricSpecs, prometheusText } from "../../core/metrics/index.ts";
import type { MetricSeries, Span, WholeSeries } from "../../core/metrics/index.ts";
import type { Reader } from "../../core/store/index.ts";
import type { Settings } from "../../settings.ts";
import type { Answer, Call } from "../command.ts";
import { historyData, metricsData } from "../metrics-data.ts";
import { metricsLines } from "../metrics-lines.ts";
import { withStore } from "../project.ts";
import { parseSince } from "../since.ts";

/** One series as it is shown. */
export interface ShownSeries extends WholeSeries, Pick<MetricSeries, "hours"> {}

/** Everything that `skein metrics` shows. */
export interface Report {
  readonly span: Span;
  readonly series: readonly ShownSeries[];
  readonly history: History;
  /** By size of the model; `unknown` for one that the settings do not name. */
  readonly costBySize: ReadonlyMap<string, number>;
}

/** `skein metrics`. */
export async function metrics(call: Call): Promise<Answer | number> {
  const { options, io, globals } = call;
  const since = options.text("since") ?? "24h";
  const report = await withStore(call, async ({ skein, settings }) =>
    skein.store.read(async (reader) =>
      readReport(skein, reader, { settings, sinceMs: parseSince(since, reader.nowMs) }),
    ),
  );
  if (options.flag("prometheus") && !globals.json) {
    io.write(prometheusText(report.series));
    return 0;
  }
  return {
    data: {
      since: isoTime(report.span.fromMs),
      until: isoTime(report.span.toMs),
      ...metricsData(report),
      history: historyData(report),
    },
    lines: metricsLines(report),
  };
}

async function readReport(
  skein: Skein,
  reader: Reader,
  { settings, sinceMs }: { readonly settings: Settings; readonly sinceMs: number },
): Promise<Report> {
  const measured = await skein.metrics.since(reader, sinceMs);
  const steps = await readSteps(skein.plans, reader, sinceMs);
  const history = await readHistory(skein, reader, sinceMs);
  return {
    span: { fromMs: sinceMs, toMs: reader.nowMs },
    series: [
      ...(steps.whole.count === 0
        ? []
        : [{ name: "step", labels: {}, unit: "us" as const, ...steps }]),
      ...measured.map((series) => ({ ...series, unit: metricSpecs[series.name].unit })),
    ],
    history,
    costBySize: bySize(history, settings),
  };
}

function bySize({ costByModel }: History, { models }: Settings): ReadonlyMap<string, number> {
  const sizes = new Map([...models.values()].map(({ id, size }) => [id, size]));
  const sums = new Map<string, number>();
  for (const { name, microUsd } of costByModel) {
    const size = sizes.get(name) ?? "unknown";
    sums.set(size, (sums.get(size) ?? 0) + microUsd);
  }
  return sums;
}
