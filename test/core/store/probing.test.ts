import { describe, expect, test } from "vitest";
import { probing } from "../../../src/core/store/index.ts";
import type { Reader, SqlValue } from "../../../src/core/store/index.ts";

/** A reader that keeps what it is asked and answers with one row. */
function aReader(row: Readonly<Record<string, SqlValue>> | null): {
  readonly reader: Reader;
  readonly asked: { sql: string; params: readonly SqlValue[] }[];
} {
  const asked: { sql: string; params: readonly SqlValue[] }[] = [];
  const get = async <Row>(sql: string, params: readonly SqlValue[]): Promise<Row | null> => {
    asked.push({ sql, params });
    const answer: Row | null = JSON.parse(JSON.stringify(row));
    return answer;
  };
  return { reader: { project: "p", nowMs: 5, get, all: async () => [] }, asked };
}

const look = probing({
  hasOne: {
    sql: "SELECT 1 FROM ones WHERE project = ? AND id = ? LIMIT 1",
    about: ["project", "id"],
  },
  newest: {
    sql: "SELECT MAX(number) FROM news WHERE project = ?",
    about: ["project"],
  },
});

describe("probing", () => {
  test("asks all questions in one statement, each with its own parameters in their order", async () => {
    const { reader, asked } = aReader({ hasOne: null, newest: 7 });

    expect(await look.ask(reader, { id: "S1" })).toEqual({ hasOne: null, newest: 7 });
    expect(asked).toEqual([
      {
        sql: 'SELECT (SELECT 1 FROM ones WHERE project = ? AND id = ? LIMIT 1) AS "hasOne", (SELECT MAX(number) FROM news WHERE project = ?) AS "newest"',
        params: ["p", "S1", "p"],
      },
    ]);
  });

  test("says that a database without an answer is none", async () => {
    const { reader } = aReader(null);

    await expect(look.ask(reader, { id: "S1" })).rejects.toThrow("gave no row");
  });
});
