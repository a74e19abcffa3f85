import type { Reader, Transaction } from "../store/index.ts";
import { mergeDistributions, slotsOf, slotsText } from "./distribution.ts";
import type { Distribution } from "./distribution.ts";
import type { Sample } from "./meter.ts";
import { isMetricName, labelsOf } from "./metric.ts";
import type { Labels, MetricName } from "./metric.ts";
import * as sql from "./tables.ts";
import type { MetricRow } from "./tables.ts";

const hourMs = 3_600_000;

/** Metrics stay this long where nobody says otherwise: 30 days. */
export const usualKeepMs = 30 * 24 * hourMs;

/** One hour of one series. */
export interface MetricHour {
  /** The first millisecond of the hour, by the store's clock. */
  readonly hourMs: number;
  readonly distribution: Distribution;
}

/** One metric with one set of labels over some time. */
export interface MetricSeries {
  readonly name: MetricName;
  readonly labels: Labels;
  /** Hours without a value are left out. */
  readonly hours: readonly MetricHour[];
  /** All hours in one. */
  readonly whole: Distribution;
}

/** What processes have measured, by hour. Nothing of it is an event, and nobody decides by it. */
export interface Metrics {
  /** Adds samples to the hour of the store's time. */
  add(tx: Transaction, samples: readonly Sample[]): Promise<void>;
  /** All series since a time, by name and labels; the hour that the time lies in counts as a whole. */
  since(reader: Reader, sinceMs: number): Promise<readonly MetricSeries[]>;
  /** Deletes the hours that ended before a time; tells how many rows went. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export function createMetrics(): Metrics {
  return {
    add,
    since: readSince,
    prune: async (tx, beforeMs) => tx.run(sql.deleteBefore, [tx.project, hourOf(beforeMs)]),
  };
}

function hourOf(atMs: number): number {
  return Math.floor(atMs / hourMs) * hourMs;
}

/** One writer a project at a time: what is read here is still so when it is written. */
async function add(tx: Transaction, samples: readonly Sample[]): Promise<void> {
  const hour = hourOf(tx.nowMs);
  const rows = await tx.all<MetricRow>(sql.selectHour, [tx.project, hour]);
  const before = new Map(rows.map((row) => [`${row.name} ${row.labels}`, distributionIn(row)]));
  for (const { name, labels, distribution } of samples) {
    const kept = before.get(`${name} ${labels}`);
    const merged = kept === undefined ? distribution : mergeDistributions([kept, distribution]);
    await tx.put(sql.upsertRow, [
      tx.project,
      hour,
      name,
      labels,
      merged.count,
      merged.total,
      merged.least,
      merged.most,
      slotsText(merged.slots),
    ]);
  }
}

function distributionIn({ samples, total, least, most, slots }: MetricRow): Distribution {
  return { count: samples, total, least, most, slots: slotsOf(slots) };
}

async function readSince(reader: Reader, sinceMs: number): Promise<readonly MetricSeries[]> {
  const rows = await reader.all<MetricRow>(sql.selectSince, [reader.project, hourOf(sinceMs)]);
  const groups = new Map<string, MetricRow[]>();
  for (const row of rows) {
    const group = groups.get(`${row.name} ${row.labels}`) ?? [];
    group.push(row);
    groups.set(`${row.name} ${row.labels}`, group);
  }
  return [...groups.values()].flatMap(seriesOf);
}

/** The rows of one series; of a metric that this version does not know, none. */
function seriesOf(rows: readonly MetricRow[]): readonly MetricSeries[] {
  const [first] = rows;
  if (first === undefined || !isMetricName(first.name)) {
    return [];
  }
  const hours = rows.map((row) => ({ hourMs: row.hour_ms, distribution: distributionIn(row) }));
  const whole = mergeDistributions(hours.map(({ distribution }) => distribution));
  return [{ name: first.name, labels: labelsOf(first.labels), hours, whole }];
}
