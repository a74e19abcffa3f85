import type { Migration } from "../store/index.ts";

/** What processes have measured, by hour and series. */
export const metricsMigration: Migration = {
  version: 13,
  name: "metrics",
  statements: [
    `CREATE TABLE metrics (
      project TEXT NOT NULL,
      hour_ms BIGINT NOT NULL,
      name TEXT NOT NULL,
      labels TEXT NOT NULL,
      samples BIGINT NOT NULL,
      total BIGINT NOT NULL,
      least BIGINT NOT NULL,
      most BIGINT NOT NULL,
      slots TEXT NOT NULL,
      PRIMARY KEY (project, hour_ms, name, labels)
    )`,
  ],
};

export interface MetricRow {
  /** The first millisecond of its hour. */
  readonly hour_ms: number;
  readonly name: string;
  /** JSON object of texts, its names in order. */
  readonly labels: string;
  readonly samples: number;
  readonly total: number;
  readonly least: number;
  readonly most: number;
  /** `SLOT:COUNT`, in order, with spaces between. */
  readonly slots: string;
}

const columns = "hour_ms, name, labels, samples, total, least, most, slots";

export const selectHour = `SELECT ${columns} FROM metrics WHERE project = ? AND hour_ms = ?`;

export const selectSince = `SELECT ${columns} FROM metrics WHERE project = ? AND hour_ms >= ?
  ORDER BY name, labels, hour_ms`;

/** Writes a row that holds what was there before too. */
export const upsertRow = `INSERT INTO metrics (project, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (project, hour_ms, name, labels) DO UPDATE SET
    samples = excluded.samples, total = excluded.total, least = excluded.least, most = excluded.most, slots = excluded.slots`;

/** Parameters: project, the first hour that stays. */
export const deleteBefore = "DELETE FROM metrics WHERE project = ? AND hour_ms < ?";
