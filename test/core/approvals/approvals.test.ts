import { beforeEach, describe, expect, test } from "vitest";

import { usualDeadlineMs } from "../../../src/core/approvals/index.ts";
import type { Approval } from "../../../src/core/approvals/index.ts";
import { joined, nounMigrations, nounsOver, sessionNow } from "../../support/nouns.ts";
import type { Nouns } from "../../support/nouns.ts";
import { openMemoryStore } from "../../support/stores.ts";

const minute = 60_000;

describe("usualDeadlineMs", () => {
  test.each([
    [0, 5 * minute],
    [10, 5 * minute],
    [11, 5.5 * minute],
    [500, 250 * minute],
    [30_000, 7 * 24 * 60 * minute],
  ])("of a plan of %i steps is %i ms: 30 s a step, 5 minutes to 7 days", (steps, ms) => {
    expect(usualDeadlineMs(steps)).toBe(ms);
  });
});

describe("createApprovals, as time goes by", () => {
  let nouns: Nouns;

  beforeEach(async () => {
    nouns = nounsOver(await openMemoryStore({ migrations: nounMigrations }));
  });

  const ask = async (deadlineInMs: number | null = null): Promise<Approval> => {
    const session = (await joined(nouns)).id;
    const question = { session, plan: null, task: null, question: "Go?", options: [] };
    return nouns.store.write(async (tx) => nouns.approvals.ask(tx, { ...question, deadlineInMs }));
  };
  const expire = async (): Promise<readonly string[]> => {
    const over = await nouns.store.write(async (tx) => nouns.approvals.expire(tx));
    return over.map(({ id }) => id);
  };

  test("expires a question at the very millisecond of its deadline, 5 minutes by default", async () => {
    const { id } = await ask();
    const isDue = async (): Promise<boolean> =>
      nouns.store.read(async (reader) => nouns.approvals.isAnyDue(reader));

    nouns.time.advance(5 * minute - 1);
    expect([await isDue(), await expire()]).toEqual([false, []]);
    nouns.time.advance(1);

    expect([await isDue(), await expire()]).toEqual([true, [id]]);
    expect([await isDue(), await expire()]).toEqual([false, []]);
  });

  test("shows a question as expired before anybody has written that down, and takes no answer", async () => {
    const { id } = await ask();
    nouns.time.advance(5 * minute);

    const open = await nouns.store.read(async (reader) => nouns.approvals.open(reader));
    const late = await nouns.store.write(async (tx) =>
      nouns.approvals.answer(tx, id, { answer: "yes", by: "person:eve" }),
    );

    expect(open).toEqual([]);
    expect(late).toMatchObject({ kind: "over", approval: { state: "expired", answer: null } });
  });

  test("puts a deadline off once, by as long again", async () => {
    const { id, askedAtMs } = await ask(10 * minute);
    const extend = async (): Promise<unknown> =>
      nouns.store.write(async (tx) => nouns.approvals.extend(tx, id, "person:eve"));

    const first = await extend();
    const second = await extend();
    nouns.time.advance(20 * minute - 1);

    expect(first).toMatchObject({
      kind: "extended",
      approval: { deadlineMs: askedAtMs + 20 * minute },
    });
    expect(second).toMatchObject({ kind: "refused" });
    expect(await expire()).toEqual([]);
    nouns.time.advance(1);
    expect(await expire()).toEqual([id]);
  });

  test("keeps a session alive while it waits, and gives it 30 minutes after the answer", async () => {
    const { id, session } = await ask(180 * minute);
    const over = async (): Promise<number> =>
      (await nouns.store.read(async (reader) => nouns.sessions.over(reader, { probe: null })))
        .length;
    nouns.time.advance(170 * minute);
    const waiting = await over();

    await nouns.store.write(async (tx) =>
      nouns.approvals.answer(tx, id, { answer: "yes", by: "person:eve" }),
    );
    nouns.time.advance(30 * minute - 1);
    const answered = await over();
    nouns.time.advance(1);

    expect([waiting, answered, await over()]).toEqual([0, 0, 1]);
    expect((await sessionNow(nouns, session)).isParked).toBe(false);
  });
});
