import { describe, expect, test } from "vitest";
import { steadyParameters } from "../../../src/core/store/dialects/sqlite-parameters.ts";
import { openBetterSqlite } from "../../../src/core/store/index.ts";
import type { SqliteDriver } from "../../../src/core/store/index.ts";

const query = "SELECT id FROM notes WHERE project = ? AND id > ? ORDER BY id LIMIT ?";

describe("steadyParameters", () => {
  test("answers as the query does, by the same index", () => {
    const db = openBetterSqlite(":memory:");
    db.exec(
      "CREATE TABLE notes (project TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (project, id))",
    );
    db.exec("INSERT INTO notes VALUES ('demo', 1), ('demo', 2), ('demo', 3), ('other', 4)");

    const rows = db.prepare(steadyParameters(query)).all("demo", 1, 5);

    expect(rows).toEqual([{ id: 2 }, { id: 3 }]);
    expect(planOf(db, steadyParameters(query))).toEqual(planOf(db, query));
  });

  test("leaves statements that write as they are", () => {
    const update = "UPDATE notes SET id = ? WHERE project = ?";

    expect(steadyParameters(update)).toBe(update);
  });
});

/** How SQLite means to find the rows of a query. */
function planOf(db: SqliteDriver, sql: string): readonly string[] {
  const steps = db
    .prepare(`EXPLAIN QUERY PLAN ${sql}`)
    .all<{ readonly detail: string }>("demo", 1, 5);
  return steps.map(({ detail }) => detail);
}
