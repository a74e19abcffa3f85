import { describe, expect, test } from "vitest";
import { contractLines } from "../../scripts/contract-names.ts";

function aCase(suite: string, title: string, status = "passed") {
  return { ancestorTitles: [suite], title, status };
}

describe("contractLines", () => {
  test("sets the cases of one suite on all stores side by side", () => {
    const report = JSON.stringify({
      testResults: [
        {
          assertionResults: [
            aCase("leases on better-sqlite3", "end"),
            aCase("leases on better-sqlite3", "begin"),
            aCase("leases on better-sqlite3 with groups", "end"),
            aCase("leases on PostgreSQL", "end", "failed"),
            aCase("leases on PostgreSQL", "begin", "skipped"),
            aCase("decideLease", "is pure"),
          ],
        },
      ],
    });

    expect(contractLines(report)).toEqual([
      "Suites on every store, by columns: better-sqlite3, better-sqlite3 with groups, PostgreSQL",
      "+ + !  leases > end",
      "+   -  leases > begin",
      "2 names passed: 2 on better-sqlite3, 1 on better-sqlite3 with groups, 0 on PostgreSQL",
    ]);
  });

  test("says nothing where no such suite ran, or nothing was reported", () => {
    expect(contractLines(JSON.stringify({ testResults: [] }))).toEqual([]);
    expect(contractLines(null)).toEqual([]);
  });
});
