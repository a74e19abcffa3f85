import { describe, expect, test } from "vitest";
import { memberOf } from "../../../src/core/store/member.ts";
import type { Query, Transaction } from "../../../src/core/store/index.ts";
import { aServer } from "../../support/held-postgres.ts";
import type { HeldServer } from "../../support/held-postgres.ts";

const first: Query = { sql: "SELECT a = ?", params: [1] };

/** Writes by work that is told to ask some queries before anything else, and answers whatever is asked, in order. */
async function written(
  server: HeldServer,
  work: (tx: Transaction) => Promise<void>,
  queries: readonly Query[] = [first],
): Promise<readonly string[]> {
  const asked: string[] = [];
  const member = memberOf(work, { resolve: () => {}, reject: () => {} }, () => queries);
  const group = { members: [member], next: () => null, hasNext: () => false };
  const state = { isOver: false };
  const writing = server.attempts.write(group).finally(() => {
    state.isOver = true;
  });
  await expect.poll(() => server.asked()).toEqual(["BEGIN", ...queries.map(() => "SELECT")]);
  while (!state.isOver) {
    const [next] = server.asked();
    if (next !== undefined) {
      asked.push(next);
      server.answer();
    }
    await new Promise(setImmediate);
  }
  expect(await writing).toMatchObject({ kind: "done" });
  return asked;
}

describe("what a write asks first", () => {
  test("goes out with its opening, and is asked once", async () => {
    const told: unknown[] = [];

    const asked = await written(aServer(), async (tx) => {
      told.push(await tx.get(first.sql, [1]));
    });

    expect(asked).toEqual(["BEGIN", "SELECT", "COMMIT"]);
    expect(told).toEqual([{ now_ms: 1, text: "SELECT a = $1" }]);
  });

  test.each([
    ["another statement was asked", async (tx: Transaction) => void (await tx.get("WITH b", []))],
    ["something was written", async (tx: Transaction) => tx.put("UPDATE a", [])],
  ])("is asked again once %s", async (_, before) => {
    const asked = await written(aServer(), async (tx) => {
      await before(tx);
      await tx.get(first.sql, [1]);
    });

    expect(asked.filter((word) => word === "SELECT")).toHaveLength(2);
  });

  test("answers no other values", async () => {
    const asked = await written(aServer(), async (tx) => {
      await tx.get(first.sql, [2]);
    });

    expect(asked).toEqual(["BEGIN", "SELECT", "SELECT", "COMMIT"]);
  });

  test("may be several, each of which answers in any order while nothing else was asked", async () => {
    const server = aServer();
    const second: Query = { sql: "SELECT b = ?", params: [2] };
    const told: unknown[] = [];
    const work = async (tx: Transaction): Promise<void> => {
      told.push(await tx.get(second.sql, [2]), await tx.get(first.sql, [1]));
      await tx.get("WITH c", []);
      told.push(await tx.get(second.sql, [2]));
    };

    const asked = await written(server, work, [first, second]);

    expect(asked).toEqual(["BEGIN", "SELECT", "SELECT", "WITH", "SELECT", "COMMIT"]);
    expect(told).toEqual([
      { now_ms: 1, text: "SELECT b = $1" },
      { now_ms: 1, text: "SELECT a = $1" },
      { now_ms: 1, text: "SELECT b = $1" },
    ]);
  });

  test("leaves it to the opening to say why there is no transaction", async () => {
    const server = aServer();
    const member = memberOf(
      async () => {},
      { resolve: () => {}, reject: () => {} },
      () => [first],
    );
    const group = { members: [member], next: () => null, hasNext: () => false };

    const writing = server.attempts.write(group);
    const failed = expect(writing).rejects.toMatchObject({ code: "SKN-7109" });
    await expect.poll(() => server.asked()).toEqual(["BEGIN", "SELECT"]);
    server.refuse(Object.assign(new Error("a standby"), { code: "25006" }));
    server.refuse(Object.assign(new Error("aborted"), { code: "25P02" }));
    await expect.poll(() => server.asked()).toEqual(["ROLLBACK"]);
    server.answer();

    await failed;
  });

  test("is given up with a transaction that could not be opened", async () => {
    const server = aServer();
    let hasRun = false;
    const work = async (): Promise<void> => {
      hasRun = true;
    };
    const member = memberOf(work, { resolve: () => {}, reject: () => {} }, () => [first]);
    const group = { members: [member], next: () => null, hasNext: () => false };

    const writing = server.attempts.write(group);
    await expect.poll(() => server.asked()).toEqual(["BEGIN", "SELECT"]);
    const cut = Object.assign(new Error("terminating connection"), { code: "57P01" });
    server.refuse(cut);
    server.refuse(cut);
    await expect.poll(() => server.asked()).toEqual([]);

    expect(await writing).toMatchObject({ kind: "again" });
    expect(hasRun).toBe(false);
  });
});
