import { getHeapSpaceStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createAnswers } from "../../../src/core/store/dialects/postgres-answers.ts";
import type { Answers, DriverClient } from "../../../src/core/store/dialects/postgres-answers.ts";
import type { PostgresResult } from "../../../src/core/store/dialects/postgres-driver.ts";

/** A connection that answers when it is told to, in order. */
interface HeldConnection {
  readonly client: DriverClient;
  answer(error?: Error): void;
  isCut(): boolean;
}

function aConnection(): HeldConnection {
  const waiting: ((error: Error | null, result: PostgresResult<never>) => void)[] = [];
  let isCut = false;
  const stream = { cork: () => {}, uncork: () => {}, destroy: () => void (isCut = true) };
  return {
    client: {
      query: (_, answered) => {
        waiting.push(answered);
      },
      release: () => {},
      connection: { stream },
    },
    answer: (error) => {
      waiting.shift()?.(error ?? null, { rows: [], rowCount: 3 });
    },
    isCut: () => isCut,
  };
}

function oldBytes(): number {
  const old = getHeapSpaceStatistics().find(({ space_name }) => space_name === "old_space");
  return old?.space_used_size ?? 0;
}

/** How much the heap's old part grows when the work is done 1,000 times with a quick collection after every tenth: 40 MB if all it makes stayed. */
function oldBytesAfter(work: () => void): number {
  setFlagsFromString("--expose-gc");
  const collect: (options: { readonly type: "minor" | "major" }) => void = runInNewContext("gc");
  collect({ type: "major" });
  const before = oldBytes();
  for (let at = 1; at <= 1_000; at += 1) {
    work();
    if (at % 10 === 0) {
      collect({ type: "minor" });
    }
  }
  return oldBytes() - before;
}

let answers: Answers;

describe("the answers of PostgreSQL", () => {
  beforeEach(() => {
    vi.useFakeTimers();
    answers = createAnswers(8_000);
  });

  afterEach(() => {
    answers.stop();
    vi.useRealTimers();
  });

  test("come to whoever asked, and failures too", async () => {
    const connection = aConnection();
    const asker = answers.over(connection.client);
    const [one, other] = [asker.query({ text: "SELECT 1" }), asker.query({ text: "SELECT 2" })];
    const failed = expect(other).rejects.toThrow("no such table");

    connection.answer();
    connection.answer(new Error("no such table"));

    expect(await one).toEqual({ rows: [], rowCount: 3 });
    await failed;
  });

  test("that stay away for too long cut their connection, and no other, and are waited for no more", async () => {
    const [silent, idle] = [aConnection(), aConnection()];
    const refused = expect(answers.over(silent.client).query({ text: "SELECT 1" })).rejects.toThrow(
      "no answer within 8000 ms",
    );
    void answers.over(idle.client).query({ text: "SELECT 1" });
    idle.answer();

    vi.advanceTimersByTime(8_000);
    const wasCut = silent.isCut();
    vi.advanceTimersByTime(2_001);

    expect([wasCut, silent.isCut(), idle.isCut()]).toEqual([false, true, false]);
    await refused;
  });

  test("that come one after the other give each statement behind them its whole time", () => {
    const connection = aConnection();
    const asker = answers.over(connection.client);
    for (let at = 0; at < 3; at += 1) {
      asker.query({ text: "SELECT 1" }).catch(() => {});
    }

    vi.advanceTimersByTime(7_000);
    connection.answer();
    vi.advanceTimersByTime(7_000);
    connection.answer();
    vi.advanceTimersByTime(7_000);
    const wasCut = connection.isCut();
    vi.advanceTimersByTime(3_001);

    expect([wasCut, connection.isCut()]).toEqual([false, true]);
  });

  test("are waited for anew after a pause in which nothing was asked", () => {
    const connection = aConnection();
    void answers.over(connection.client).query({ text: "SELECT 1" });
    connection.answer();

    vi.advanceTimersByTime(60_000);
    void answers.over(connection.client).query({ text: "SELECT 2" });
    vi.advanceTimersByTime(7_000);

    expect(connection.isCut()).toBe(false);
  });

  test("that came while the process stood still are taken before their connection is judged", () => {
    const connection = aConnection();
    void answers.over(connection.client).query({ text: "SELECT 1" });
    let stoodMs = 0;
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + stoodMs);

    stoodMs = 60_000;
    vi.advanceTimersByTime(1_000);
    connection.answer();
    void answers.over(connection.client).query({ text: "SELECT 2" });
    vi.advanceTimersByTime(1_000);

    expect(connection.isCut()).toBe(false);
    vi.restoreAllMocks();
  });

  test("are waited for as long as ever after the machine stood still: its standing counts for nobody", async () => {
    const [slow, silent] = [aConnection(), aConnection()];
    const told = answers.over(slow.client).query({ text: "SELECT 1" });
    answers
      .over(silent.client)
      .query({ text: "SELECT 1" })
      .catch(() => {});
    let stoodMs = 0;
    const now = performance.now.bind(performance);
    vi.spyOn(performance, "now").mockImplementation(() => now() + stoodMs);

    stoodMs = 60_000;
    vi.advanceTimersByTime(5_000);
    slow.answer();
    const wasCut = silent.isCut();
    vi.advanceTimersByTime(5_001);

    expect(await told).toEqual({ rows: [], rowCount: 3 });
    expect([wasCut, slow.isCut(), silent.isCut()]).toEqual([false, false, true]);
    vi.restoreAllMocks();
  });

  test("leave nothing of what was asked for a full collection", () => {
    const connection = aConnection();
    const asker = answers.over(connection.client);
    const grownBytes = oldBytesAfter(() => {
      for (let at = 0; at < 10; at += 1) {
        void asker.query({ text: "SELECT 1", values: Array.from({ length: 500 }, () => at) });
      }
      for (let at = 0; at < 10; at += 1) {
        connection.answer();
      }
    });

    expect(grownBytes).toBeLessThan(1_000_000);
  });

  test("need one timer, however much is asked", () => {
    const before = vi.getTimerCount();
    const connections = Array.from({ length: 3 }, aConnection);
    for (const { client } of connections) {
      for (let at = 0; at < 20; at += 1) {
        void answers.over(client).query({ text: "SELECT 1" });
      }
    }

    expect(vi.getTimerCount()).toBe(before);
  });
});
