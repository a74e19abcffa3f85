import { afterEach, beforeEach, expect, test } from "vitest";
import { countReady, selectStates } from "../../../src/core/plans/candidate-statements.ts";
import { plansMigration } from "../../../src/core/plans/tables.ts";
import { openBetterSqlite } from "../../../src/core/store/index.ts";
import type { SqliteDriver } from "../../../src/core/store/index.ts";

let driver: SqliteDriver;

beforeEach(() => {
  driver = openBetterSqlite(":memory:");
  for (const statement of plansMigration.statements) {
    driver.exec(statement);
  }
});

afterEach(() => {
  driver.close();
});

function planOf(sql: string, ...params: readonly (string | number)[]): string {
  const rows = driver.prepare(`EXPLAIN QUERY PLAN ${sql}`).all<{ detail: string }>(...params);
  return rows.map(({ detail }) => detail).join("; ");
}

test("Tasks are counted in an index alone, in its order: whoever asks for work in vain counts all that a project ever had.", () => {
  const all = planOf(selectStates({ isOfPlan: false }), "demo");
  const ofPlan = planOf(selectStates({ isOfPlan: true }), "demo", "checkout");

  expect(all).toMatch(/^SEARCH tasks USING COVERING INDEX tasks_pick \(project=\?\)$/u);
  expect(ofPlan).toMatch(
    /^SEARCH tasks USING COVERING INDEX tasks_pick_of_plan \(project=\? AND plan=\?\)$/u,
  );
});

test("Ready tasks are counted among the ready.", () => {
  const all = planOf(countReady({ isOfPlan: false }), "demo", 1);
  const ofPlan = planOf(countReady({ isOfPlan: true }), "demo", "checkout", 1);

  expect(all).toContain("COVERING INDEX tasks_pick (project=? AND status=?");
  expect(ofPlan).toContain("INDEX tasks_pick_of_plan (project=? AND plan=? AND status=?");
});
