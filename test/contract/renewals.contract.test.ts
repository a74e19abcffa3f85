import { expect, test } from "vitest";

import type { UpdateTaskRequest } from "../../src/core/dispatch/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { countWaits } from "../support/counted-waits.ts";
import type { CountedStore } from "../support/counted-waits.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

/** A session that holds a task and has renewed it once. */
interface Held extends CoordinationStand {
  /** How many writes the store was asked for. */
  readonly writes: () => number;
  /** How often reads asked for something while nothing was under way: ways there and back to a server. */
  readonly waits: () => number;
  renew(said?: Partial<UpdateTaskRequest>): ReturnType<CoordinationStand["dispatch"]["updateTask"]>;
}

async function hold(open: OpenTestStore): Promise<Held> {
  const counted: CountedStore[] = [];
  const counting: OpenTestStore = async (options) => {
    const opened = await open(options);
    const over = countWaits(opened.store);
    counted.push(over);
    return { ...opened, store: over.store };
  };
  const stand = await createStand(counting);
  await stand.dispatch.importPlan(aPlan([aTask("T1"), aTask("T2")]), { actor: "system" });
  const { claim, standing } = await stand.dispatch.nextTask(next(aCaller("ada")));
  const caller = { ...aCaller("ada"), handle: standing.handle };
  const bare = { caller, task: "demo/T1", note: null, percent: null, key: null };
  const renew: Held["renew"] = async (said) =>
    stand.dispatch.updateTask({
      ...bare,
      fence: claim?.fence ?? 0,
      addPaths: [],
      usage: [],
      ...said,
    });
  await renew();
  const sum = (of: "writes" | "waits"): number =>
    counted.reduce((all, each) => all + each[of](), 0);
  return { ...stand, writes: () => sum("writes"), waits: () => sum("waits"), renew };
}

eachStore("renewals", (open) => {
  test("that say nothing write nothing while the last one is fresh, and answer the same", async () => {
    const stand = await hold(open);
    const written = await stand.renew({ note: "half way" });
    const before = stand.writes();

    const answers = [await stand.renew(), await stand.renew()];

    expect(stand.writes()).toBe(before);
    expect(answers).toEqual([written, written]);
  });

  test("that say nothing wait twice for a server, whatever they look at", async () => {
    const stand = await hold(open);
    await stand.renew();
    const before = stand.waits();

    await stand.renew();

    expect(stand.waits() - before).toBe(2);
  });

  test("of a session that holds another task meanwhile are answered for that one", async () => {
    const stand = await hold(open);
    const person = { by: null, person: "ana", reason: "needed elsewhere" };
    await stand.dispatch.releaseTask({ ...person, target: "demo/T1" });
    const { claim, standing } = await stand.dispatch.nextTask(next(aCaller("ada")));
    const caller = { ...aCaller("ada"), handle: standing.handle };
    const name = `demo/${claim?.task.id ?? ""}`;

    const answer = await stand.renew({ caller, task: name, fence: claim?.fence ?? 0 });

    expect(answer).toMatchObject({ task: { id: claim?.task.id, status: "claimed" } });
    expect(answer.leases.map(({ task }) => task)).toEqual(answer.leases.map(() => claim?.task.id));
  });

  test("are written when the last one is old, and keep their session alive", async () => {
    const stand = await hold(open);
    for (let minute = 0; minute < 40; minute += 1) {
      stand.time.advance(60_000);
      await stand.renew();
    }

    const { expiresAtMs, task } = await stand.renew();

    expect(task).toMatchObject({ status: "claimed" });
    expect(expiresAtMs).toBeGreaterThan(stand.time.wallMs() + 29 * 60_000);
  });

  test.each([
    ["a note", { note: "said" }],
    ["a percentage", { percent: 5 }],
    ["a path", { addPaths: ["src/new.ts"] }],
    ["a key", { key: "once" }],
  ])("that bring %s are written", async (_, said) => {
    const stand = await hold(open);
    const before = stand.writes();

    await stand.renew(said);

    expect(stand.writes()).toBeGreaterThan(before);
  });

  test("with another fence or of another's task are refused as ever", async () => {
    const stand = await hold(open);
    const other = await stand.dispatch.nextTask(next(aCaller("bob")));

    await expect(stand.renew({ fence: 1 })).rejects.toMatchObject({ kind: "conflict" });
    await expect(
      stand.renew({ task: "demo/T2", fence: other.claim?.fence ?? 0 }),
    ).rejects.toMatchObject({ kind: "conflict" });
  });

  test("hear at once that the task was taken away, and that the session has ended", async () => {
    const stand = await hold(open);
    const person = { by: null, person: "ana", reason: "needed elsewhere" };
    await stand.dispatch.releaseTask({ ...person, target: "demo/T1" });

    await expect(stand.renew()).rejects.toMatchObject({ kind: "conflict" });

    const [session] = await stand.store.read((reader) => stand.sessions.list(reader, "living"));
    await stand.dispatch.revoke({ ...person, target: session?.id ?? "" });
    await expect(stand.renew()).rejects.toMatchObject({ code: "SKN-3302" });
  });

  test("count against the session's rate", async () => {
    const stand = await hold(open);

    const many = await Promise.allSettled(Array.from({ length: 700 }, async () => stand.renew()));

    expect(many.some(({ status }) => status === "rejected")).toBe(true);
  });
});
