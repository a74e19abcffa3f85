import { describe, expect, test } from "vitest";
import type {
  PostgresClient,
  PostgresPool,
  PostgresQuery,
  PostgresResult,
} from "../../../src/core/store/dialects/postgres-driver.ts";
import { createAttempts } from "../../../src/core/store/dialects/postgres-transactions.ts";
import type { PostgresAttempts } from "../../../src/core/store/dialects/postgres-transactions.ts";

/** A server that answers when it is told to, in order. */
interface HeldServer {
  readonly attempts: PostgresAttempts;
  /** What was asked and is not answered yet. */
  asked(): readonly string[];
  answer(): void;
  refuse(error: Error): void;
  released(): readonly boolean[];
}

function aServer(): HeldServer {
  const waiting: {
    readonly text: string;
    readonly resolve: () => void;
    readonly reject: (error: Error) => void;
  }[] = [];
  const released: boolean[] = [];
  const client: PostgresClient = {
    query: async <Row>({ text }: PostgresQuery) =>
      new Promise<PostgresResult<Row>>((resolve, reject) => {
        const rows: readonly Row[] = JSON.parse(JSON.stringify([{ now_ms: 1, text }]));
        const settle = (): void => {
          resolve({ rows, rowCount: 1 });
        };
        waiting.push({ text, resolve: settle, reject });
      }),
    release: (isBroken = false) => {
      released.push(isBroken);
    },
  };
  const pool: PostgresPool = {
    connect: async () => Promise.resolve(client),
    end: async () => Promise.resolve(),
  };
  return {
    attempts: createAttempts({ pool, project: "demo", lockMs: 1_000, statementMs: 1_000 }),
    asked: () => waiting.map(({ text }) => text.split(" ", 1)[0] ?? ""),
    answer: () => waiting.shift()?.resolve(),
    refuse: (error) => waiting.shift()?.reject(error),
    released: () => released,
  };
}

describe("a glance at PostgreSQL", () => {
  test("knows the time with its first answer, and not before", async () => {
    const server = aServer();
    const before: unknown[] = [];

    const glancing = server.attempts.glance(async (reader) => {
      try {
        before.push(reader.nowMs);
      } catch (error) {
        before.push(error);
      }
      await reader.all("SELECT a", []);
      return reader.nowMs;
    });
    await expect.poll(() => server.asked()).toEqual(["BEGIN", "SELECT"]);
    server.answer();
    server.answer();

    expect(await glancing).toMatchObject({ kind: "done", result: 1 });
    expect(before).toEqual([expect.objectContaining({ message: expect.stringContaining("time") })]);
  });

  test("asks before its opening is answered, where a read waits for the time", async () => {
    const [glanced, read] = [aServer(), aServer()];

    const glancing = glanced.attempts.glance(async (reader) => reader.all("SELECT a", []));
    const reading = read.attempts.read(async (reader) => reader.all("SELECT a", []));
    await expect.poll(() => glanced.asked()).toEqual(["BEGIN", "SELECT"]);
    await expect.poll(() => read.asked()).toEqual(["BEGIN"]);
    glanced.answer();
    glanced.answer();
    read.answer();
    await expect.poll(() => read.asked()).toEqual(["SELECT"]);
    read.answer();

    expect(await glancing).toMatchObject({ kind: "done", result: [{ text: "SELECT a" }] });
    expect(await reading).toMatchObject({ kind: "done", result: [{ text: "SELECT a" }] });
  });

  test("throws away what was read where no transaction could be opened", async () => {
    const server = aServer();
    const cut = Object.assign(new Error("terminating connection"), { code: "57P01" });

    const glancing = server.attempts.glance(async (reader) => reader.all("SELECT a", []));
    await expect.poll(() => server.asked()).toEqual(["BEGIN", "SELECT"]);
    server.refuse(cut);
    server.answer();
    await expect.poll(() => server.asked().length).toBeLessThan(2);
    server.answer();

    expect(await glancing).toMatchObject({ kind: "again" });
    expect(server.released()).toEqual([true]);
  });
});
