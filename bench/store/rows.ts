import type { Migration, Transaction } from "../../src/core/store/index.ts";

/** A table that stands in for tasks and events. */
export const rowsMigration: Migration = {
  version: 1,
  name: "rows",
  statements: [
    `CREATE TABLE rows (
      project TEXT NOT NULL, id BIGINT NOT NULL, n BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (project, id)
    )`,
    "CREATE TABLE log (project TEXT NOT NULL, seq BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (project, seq))",
    "CREATE TABLE heads (project TEXT NOT NULL PRIMARY KEY, seq BIGINT NOT NULL)",
    "INSERT INTO heads (project, seq) VALUES ('bench', 0)",
  ],
};

/** What one competing process is told. */
export interface WriterOrder {
  readonly file: string;
  readonly index: number;
  /** The mean of the pauses between writes, in milliseconds; 0 for none. */
  readonly thinkMs: number;
  /** How long to write before what counts, in milliseconds: each process compiles its code meanwhile. */
  readonly warmUpMs: number;
  readonly runMs: number;
  readonly synchronous: "full" | "normal";
}

/** What it reports. */
export interface WriterResult {
  readonly waitsMs: readonly number[];
  readonly failures: number;
  readonly cpuMs: number;
}

/** A transaction of the size of a claim: reads, an update, an event, its head. */
export async function claimRow(tx: Transaction, id: number): Promise<void> {
  const head = await tx.get<{ seq: number }>("SELECT seq FROM heads WHERE project = ?", [
    tx.project,
  ]);
  const row = await tx.get<{ n: number }>("SELECT n FROM rows WHERE project = ? AND id = ?", [
    tx.project,
    id,
  ]);
  await tx.run(
    "INSERT INTO rows (project, id, n, text) VALUES (?, ?, ?, ?) ON CONFLICT (project, id) DO UPDATE SET n = excluded.n",
    [tx.project, id, (row?.n ?? 0) + 1, "x".repeat(200)],
  );
  const seq = (head?.seq ?? 0) + 1;
  await tx.run("INSERT INTO log (project, seq, text) VALUES (?, ?, ?)", [
    tx.project,
    seq,
    "y".repeat(300),
  ]);
  await tx.run("UPDATE heads SET seq = ? WHERE project = ?", [seq, tx.project]);
}
