import { Query } from "pg";
import { describe, expect, test } from "vitest";

import {
  createPostgresPool,
  plainTypes,
} from "../../../src/core/store/dialects/postgres-driver.ts";
import type { PostgresQuery } from "../../../src/core/store/dialects/postgres-driver.ts";
import type { Ask, DriverClient } from "../../../src/core/store/dialects/postgres-answers.ts";
import { createFlights } from "../../../src/core/store/dialects/postgres-flights.ts";
import { createPostgresPlace, postgresUrl } from "../../support/postgres.ts";

/** A connection whose server answers when it is told to. */
interface HeldWire {
  readonly ask: (query: PostgresQuery) => Promise<unknown>;
  /** What was written, with texts and names, since it was looked at last. */
  readonly written: () => Promise<readonly string[]>;
  /** Calls a handler of the question that is answered next. */
  readonly tell: (handler: string, message?: unknown) => void;
}

/** Calls a method of a question as `pg` does. */
function call(question: PostgresQuery, name: string, args: readonly unknown[]): void {
  const method: unknown = Reflect.get(question, name);
  if (typeof method !== "function") {
    throw new TypeError(`A question has no ${name}.`);
  }
  Reflect.apply(method, question, args);
}

function aWire(): HeldWire {
  const log: string[] = [];
  const questions: PostgresQuery[] = [];
  const parsed: Record<string, string> = {};
  const wire = {
    parsedStatements: parsed,
    submittedNamedStatements: {},
    parse: ({ text, name = "" }: PostgresQuery) => void log.push(`parse ${name} ${text}`),
    bind: ({ values }: { readonly values: unknown }) => void log.push(`bind ${String(values)}`),
    describe: () => void log.push("describe"),
    execute: () => void log.push("execute"),
    sync: () => void log.push("sync"),
    query: (text: string) => void log.push(`query ${text}`),
  };
  const client: DriverClient = {
    query: (question) => {
      questions.push(question);
      call(question, "submit", [wire]);
    },
    release: () => {},
    connection: { stream: { cork: () => {}, uncork: () => {}, destroy: () => {} } },
  };
  const flights: Ask = createFlights(Query);
  return {
    ask: async (query) =>
      new Promise((resolve, reject) => {
        flights(client, query, (error, result) => {
          if (error === null) {
            resolve(result);
          } else {
            reject(error);
          }
        });
      }),
    written: async () => {
      await new Promise((resolve) => {
        setImmediate(resolve);
      });
      return log.splice(0);
    },
    tell: (handler, message = {}) => {
      const [question] = questions;
      if (question === undefined) {
        throw new Error("Nothing was asked.");
      }
      if (handler === "parsed") {
        parsed[question.name ?? ""] = question.text;
        return;
      }
      call(question, handler, [message, wire]);
      if (handler === "handleReadyForQuery" || handler === "handleError") {
        questions.shift();
      }
    },
  };
}

function statement(name: string, values: readonly number[] = []): PostgresQuery {
  return { name, text: `SELECT ${name}`, values: [...values], types: plainTypes };
}

/** The server answers the next part of a question with one number. */
function answer(wire: HeldWire, value: string): void {
  wire.tell("parsed");
  wire.tell("handleRowDescription", { fields: [{ name: "n", dataTypeID: 20 }] });
  wire.tell("handleDataRow", { fields: [value] });
  wire.tell("handleCommandComplete", { text: "SELECT 1" });
}

const number = (n: number): unknown => ({ rows: [{ n }], rowCount: 1 });

describe("statements of PostgreSQL that are asked in one turn", () => {
  test("are answered at once, each with its own rows", async () => {
    const wire = aWire();
    const asked = [wire.ask(statement("a", [1])), wire.ask(statement("b", [2]))];

    expect(await wire.written()).toEqual([
      "parse a SELECT a",
      "bind 1",
      "describe",
      "execute",
      "parse b SELECT b",
      "bind 2",
      "describe",
      "execute",
      "sync",
    ]);
    answer(wire, "7");
    answer(wire, "8");
    wire.tell("handleReadyForQuery");

    expect(await Promise.all(asked)).toEqual([number(7), number(8)]);
  });

  test("are parsed once a connection", async () => {
    const wire = aWire();
    void Promise.all([wire.ask(statement("a")), wire.ask(statement("a"))]);
    await wire.written();
    answer(wire, "7");
    answer(wire, "8");
    wire.tell("handleReadyForQuery");

    void wire.ask(statement("a"));

    expect(await wire.written()).toEqual(["bind ", "execute", "sync"]);
  });

  test("end with the first that fails: those behind it have its error and are parsed anew", async () => {
    const wire = aWire();
    const asked = ["a", "b", "c"].map(async (name) => wire.ask(statement(name)));
    const settled = Promise.allSettled(asked);
    await wire.written();
    answer(wire, "7");
    const reason = new Error("no such table");
    wire.tell("handleError", reason);

    expect(await settled).toEqual([
      { status: "fulfilled", value: number(7) },
      { status: "rejected", reason },
      { status: "rejected", reason },
    ]);
    void Promise.all(["a", "c"].map(async (name) => wire.ask(statement(name))));
    expect(await wire.written()).toEqual([
      "bind ",
      "execute",
      "parse c SELECT c",
      "bind ",
      "describe",
      "execute",
      "sync",
    ]);
  });

  test("tell their columns once a connection", async () => {
    const wire = aWire();
    void Promise.all([wire.ask(statement("a")), wire.ask(statement("none"))]);
    await wire.written();
    answer(wire, "7");
    wire.tell("parsed");
    wire.tell("handleCommandComplete", { text: "UPDATE 3" });
    wire.tell("handleReadyForQuery");

    const asked = [wire.ask(statement("none")), wire.ask(statement("a"))];

    expect(await wire.written()).not.toContain("describe");
    wire.tell("handleCommandComplete", { text: "UPDATE 2" });
    wire.tell("handleDataRow", { fields: ["8"] });
    wire.tell("handleCommandComplete", { text: "SELECT 1" });
    wire.tell("handleReadyForQuery");
    expect(await Promise.all(asked)).toEqual([{ rows: [], rowCount: 2 }, number(8)]);
  });

  test("tell their columns each time where they have no name", async () => {
    const wire = aWire();
    const nameless = { text: "SELECT a", values: [1], types: plainTypes };
    void wire.ask(nameless);
    await wire.written();
    answer(wire, "7");
    wire.tell("handleReadyForQuery");

    void wire.ask(nameless);

    expect(await wire.written()).toContain("describe");
  });

  test("keep their order around a text of several statements", async () => {
    const wire = aWire();
    const opening = { text: "BEGIN; SELECT 1", types: plainTypes };
    void Promise.all([opening, statement("a")].map(async (query) => wire.ask(query)));

    expect(await wire.written()).toEqual([
      "query BEGIN; SELECT 1",
      "parse a SELECT a",
      "bind ",
      "describe",
      "execute",
      "sync",
    ]);
  });

  test("are answered 64 at a time, so that a long line of them is not taken for silence", async () => {
    const wire = aWire();
    for (let at = 0; at < 130; at += 1) {
      void wire.ask(statement("a"));
    }

    const syncs = (await wire.written()).filter((word) => word === "sync");

    expect(syncs).toHaveLength(3);
  });
});

describe.skipIf(postgresUrl === null)("a connection to PostgreSQL", () => {
  test("is as good as before when a statement of several has failed", async () => {
    const place = await createPostgresPlace(postgresUrl ?? "");
    const pool = await createPostgresPool({ url: place.url, maxConnections: 1 });
    const client = await pool.connect();
    const ask = async (name: string, text: string): Promise<unknown> =>
      client.query({ name, text, values: [], types: plainTypes });

    const first = await Promise.allSettled([
      ask("one", "SELECT 1 AS n"),
      ask("bad", "SELECT 1 / 0 AS n"),
      ask("two", "SELECT 2 AS n"),
    ]);
    const then = await Promise.all([ask("two", "SELECT 2 AS n"), ask("one", "SELECT 1 AS n")]);

    expect(first.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(then).toEqual([number(2), number(1)]);
    client.release();
    await pool.end();
    await place.remove();
  });

  test("refuses a statement whose columns have become others, and never reads it by the old ones", async () => {
    const place = await createPostgresPlace(postgresUrl ?? "");
    const pool = await createPostgresPool({ url: place.url, maxConnections: 2 });
    const [client, other] = [await pool.connect(), await pool.connect()];
    const query = { name: "all", text: "SELECT n FROM kept", values: [], types: plainTypes };
    await other.query({ text: "CREATE TABLE kept (n BIGINT); INSERT INTO kept VALUES (1)" });
    await client.query(query);
    await other.query({ text: "ALTER TABLE kept ALTER COLUMN n TYPE TEXT" });

    await expect(client.query(query)).rejects.toThrow("cached plan must not change result type");
    client.release();
    other.release();
    await pool.end();
    await place.remove();
  });
});
