import { describe, expect, test } from "vitest";

import { plainTypes } from "../../../src/core/store/dialects/postgres-driver.ts";
import type {
  PostgresQuery,
  PostgresResult,
} from "../../../src/core/store/dialects/postgres-driver.ts";
import { createReadings } from "../../../src/core/store/dialects/postgres-reading.ts";

const [bigint, text] = [20, 25];

const named: PostgresQuery = { text: "SELECT a, b", name: "one", types: plainTypes };

interface Told {
  readonly columns: readonly (readonly [name: string, dataTypeID: number])[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly tag: string;
}

function read(
  readingOf: ReturnType<typeof createReadings>,
  query: PostgresQuery,
  parts: readonly Told[],
): PostgresResult<unknown> {
  const reading = readingOf(query);
  for (const { columns, rows, tag } of parts) {
    reading.begin(columns.map(([name, dataTypeID]) => ({ name, dataTypeID })));
    for (const row of rows) {
      reading.row(row);
    }
    reading.end(tag);
  }
  return reading.result();
}

describe("an answer of PostgreSQL", () => {
  test("has numbers, texts and nothing by the names of its columns", () => {
    const columns = [["a", bigint] as const, ["b", text] as const];
    const rows = [
      ["12", "x"],
      ["3", null],
    ];

    expect(read(createReadings(), named, [{ columns, rows, tag: "SELECT 2" }])).toEqual({
      rows: [
        { a: 12, b: "x" },
        { a: 3, b: null },
      ],
      rowCount: 2,
    });
  });

  test("is read by the types that it tells, whatever they were before", () => {
    const readingOf = createReadings();
    const rows = [["12"]];

    const before = read(readingOf, named, [{ columns: [["a", bigint]], rows, tag: "SELECT 1" }]);
    const after = read(readingOf, named, [{ columns: [["a", text]], rows, tag: "SELECT 1" }]);

    expect([before.rows, after.rows]).toEqual([[{ a: 12 }], [{ a: "12" }]]);
  });

  test("to a message of several statements is that to the last", () => {
    const result = read(createReadings(), { text: "BEGIN; SELECT 1", types: plainTypes }, [
      { columns: [["old", bigint]], rows: [["1"]], tag: "SELECT 1" },
      { columns: [["now_ms", bigint]], rows: [["7"]], tag: "SELECT 1" },
    ]);

    expect(result).toEqual({ rows: [{ now_ms: 7 }], rowCount: 1 });
  });
});
