import { expect, test } from "vitest";
import { askTogether, boardOf, joined, taskOf, violationsOf } from "../support/asked-together.ts";
import { aPlan, aTask, next } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

eachStore("what is looked at before those who ask at the same time are known", (open) => {
  test("are given no task before its time, but those behind it", async () => {
    const board = await boardOf(open);
    const tasks = Array.from({ length: 9 }, (_, at) =>
      aTask(`L${String(at)}`, { priority: "critical", notBeforeMs: 4_000_000_000_000 }),
    );
    await board.dispatch.importPlan(aPlan(tasks, { id: "later" }), { actor: "person:ana" });
    const callers = await Promise.all(["a", "b", "c"].map((name) => joined(board, name)));

    const outcomes = await askTogether(
      board,
      callers.map((caller) => next(caller)),
    );

    expect(outcomes.map(taskOf)).toEqual(["T0", "T1", "T2"]);
    expect(await violationsOf(board)).toEqual([]);
  });

  test("have the mail of the role in which they come", async () => {
    const board = await boardOf(open);
    const [ada, bob] = [await joined(board, "ada"), await joined(board, "bob")];
    await board.store.write((tx) =>
      board.messages.send(tx, {
        from: null,
        fromName: "person:ana",
        actor: "person:ana",
        cause: null,
        to: { kind: "role", role: "tester" },
        text: "Test it.",
        thread: null,
        expiresInMs: null,
      }),
    );

    const outcomes = await askTogether(board, [next({ ...ada, role: "tester" }), next(bob)]);

    expect(outcomes).toMatchObject([
      { value: { inbox: [{ text: "Test it." }] } },
      { value: { inbox: [] } },
    ]);
    expect(new Set(outcomes.map(taskOf)).size).toBe(2);
  });
});
