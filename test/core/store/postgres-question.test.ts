import { Query } from "pg";
import { describe, expect, test } from "vitest";

import { plainTypes } from "../../../src/core/store/dialects/postgres-driver.ts";
import type {
  PostgresQuery,
  PostgresResult,
} from "../../../src/core/store/dialects/postgres-driver.ts";
import { createQuestions } from "../../../src/core/store/dialects/postgres-question.ts";

const [bigint, text] = [20, 25];

const named: PostgresQuery = { text: "SELECT a, b", name: "one", types: plainTypes };

/** Calls a handler of a statement as `pg` does. */
function tell(question: PostgresQuery, handler: string, message: unknown = {}): void {
  const handle: unknown = Reflect.get(question, handler);
  if (typeof handle !== "function") {
    throw new TypeError(`A statement has no ${handler}.`);
  }
  Reflect.apply(handle, question, [message]);
}

interface Told {
  readonly columns: readonly (readonly [name: string, dataTypeID: number])[];
  readonly rows: readonly (readonly (string | null)[])[];
  readonly tag: string;
}

function tellPart(question: PostgresQuery, { columns, rows, tag }: Told): void {
  const fields = columns.map(([name, dataTypeID]) => ({ name, dataTypeID }));
  tell(question, "handleRowDescription", { fields });
  for (const row of rows) {
    tell(question, "handleDataRow", { fields: row });
  }
  tell(question, "handleCommandComplete", { text: tag });
}

/** Asks and answers. */
function answered(
  phrase: ReturnType<typeof createQuestions>,
  query: PostgresQuery,
  parts: readonly Told[],
): PostgresResult<unknown> | null {
  let result: PostgresResult<unknown> | null = null;
  const question = phrase(query, (_, told) => {
    result = told;
  });
  for (const part of parts) {
    tellPart(question, part);
  }
  tell(question, "handleReadyForQuery");
  return result;
}

describe("a statement of PostgreSQL", () => {
  test("has numbers, texts and nothing by the names of its columns", () => {
    const columns = [["a", bigint] as const, ["b", text] as const];

    const result = answered(createQuestions(Query), named, [
      {
        columns,
        rows: [
          ["12", "x"],
          ["3", null],
        ],
        tag: "SELECT 2",
      },
    ]);

    expect(result).toEqual({
      rows: [
        { a: 12, b: "x" },
        { a: 3, b: null },
      ],
      rowCount: 2,
    });
  });

  test("is read by the types that each answer tells, whatever they were before", () => {
    const phrase = createQuestions(Query);
    const rows = [["12"]];

    const before = answered(phrase, named, [{ columns: [["a", bigint]], rows, tag: "SELECT 1" }]);
    const after = answered(phrase, named, [{ columns: [["a", text]], rows, tag: "SELECT 1" }]);

    expect([before?.rows, after?.rows]).toEqual([[{ a: 12 }], [{ a: "12" }]]);
  });

  test("of several parts has the answer of the last", () => {
    const result = answered(
      createQuestions(Query),
      { text: "BEGIN; SELECT 1", types: plainTypes },
      [
        { columns: [["old", bigint]], rows: [["1"]], tag: "SELECT 1" },
        { columns: [["now_ms", bigint]], rows: [["7"]], tag: "SELECT 1" },
      ],
    );

    expect(result).toEqual({ rows: [{ now_ms: 7 }], rowCount: 1 });
  });

  test("without a way to read its values is left to the driver", () => {
    const query = { text: "SHOW server_version" };

    expect(createQuestions(Query)(query, () => {})).toBe(query);
  });
});
