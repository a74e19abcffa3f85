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

  test("hides those of a query inside a statement that writes, and no others", () => {
    const insert = `INSERT INTO notes (project, id)
      VALUES (?, (SELECT COALESCE(MAX(id), 0) + 1 FROM notes WHERE project = ?)) RETURNING id`;

    expect(steadyParameters(insert)).toBe(
      insert.replace("WHERE project = ?", "WHERE project = ifnull(?, NULL)"),
    );
  });

  test("keeps the next number of a project of its own", () => {
    const db = openBetterSqlite(":memory:");
    db.exec("CREATE TABLE notes (project TEXT, id BIGINT, PRIMARY KEY (project, id))");
    const insert = db.prepare(
      steadyParameters(`INSERT INTO notes (project, id)
        VALUES (?, (SELECT COALESCE(MAX(id), 0) + 1 FROM notes WHERE project = ?)) RETURNING id`),
    );

    const numbers = ["demo", "demo", "other"].map((name) => insert.get(name, name));

    expect(numbers).toEqual([{ id: 1 }, { id: 2 }, { id: 1 }]);
  });

  test("leaves statements that write without a query as they are", () => {
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
