import { describe, expect, test } from "vitest";
import { freeName } from "../../../src/core/sessions/names.ts";
import { selectByName, selectNamesFrom } from "../../../src/core/sessions/tables.ts";
import { sessionPrincipalsMigration, sessionsMigration } from "../../../src/core/sessions/index.ts";
import { openBetterSqlite } from "../../../src/core/store/index.ts";

describe("freeName", () => {
  test("keeps a name that nobody has", () => {
    expect(freeName("ada", new Set(["ada-2", "grace"]))).toBe("ada");
  });

  test("takes the smallest number that is free", () => {
    expect(freeName("ada", new Set(["ada", "ada-2", "ada-4"]))).toBe("ada-3");
  });
});

describe.each([
  ["selectByName", selectByName],
  ["selectNamesFrom", selectNamesFrom],
])("%s", (_, sql) => {
  test("finds the living by the index of their names", () => {
    const db = openBetterSqlite(":memory:");
    for (const statement of [sessionsMigration, sessionPrincipalsMigration].flatMap(
      (migration) => migration.statements,
    )) {
      db.exec(statement);
    }

    const query = `EXPLAIN QUERY PLAN ${sql.replaceAll("?", "ifnull(?, NULL)")}`;
    const steps = db
      .prepare(query)
      .all<{ readonly detail: string }>(
        ...["demo", "ada", "ada."].slice(0, sql.split("?").length - 1),
      );

    expect(steps.map(({ detail }) => detail).join()).toContain("INDEX sessions_by_name");
  });
});
