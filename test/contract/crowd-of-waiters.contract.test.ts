import { setTimeout } from "node:timers/promises";
import { expect, test } from "vitest";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

/** Ten times as many as a store lets stand in its line. */
const crowd = 1_040;
const holders = ["a", "b", "c", "d"];

interface Held {
  readonly task: string;
  readonly fence: number;
}

async function claimOf({ dispatch }: CoordinationStand, name: string): Promise<Held> {
  const { claim } = await dispatch.nextTask(next(aCaller(name)));
  return { task: claim?.task.id ?? "", fence: claim?.fence ?? 0 };
}

/** Renews with something to write, again and again; how long each renewal took. */
async function renewUntil(
  { dispatch }: CoordinationStand,
  {
    name,
    held,
    signal,
  }: { readonly name: string; readonly held: Held; readonly signal: AbortSignal },
): Promise<readonly number[]> {
  const took: number[] = [];
  const said = { percent: null, addPaths: [], usage: [], key: null };
  do {
    const startMs = performance.now();
    const note = `at ${String(took.length)}`;
    await dispatch.updateTask({ caller: aCaller(name), ...held, note, ...said });
    took.push(performance.now() - startMs);
    await setTimeout(150);
  } while (!signal.aborted);
  return took;
}

eachStore("a crowd that waits for work", (open) => {
  test("tries few at a time whatever it waits for, a person's answer as well", async () => {
    const { dispatch, store } = await createStand(open, 1, { timer: systemTimer });
    let [trying, most] = [0, 0];
    const attempt = async () => {
      trying += 1;
      most = Math.max(most, trying);
      await store.read(async (reader) => reader.get("SELECT 1 AS one", []));
      await setTimeout(5);
      trying -= 1;
      return { isFinal: false, value: "no answer", againInMs: null };
    };

    const answers = await Promise.all(
      Array.from({ length: 60 }, async () =>
        dispatch.waitFor({ waitMs: 200, signal: null }, attempt),
      ),
    );

    expect(new Set(answers)).toEqual(new Set(["no answer"]));
    expect(most).toBe(8);
  });

  test("is refused nothing, and leaves renewals and ends their place", async () => {
    const stand = await createStand(open, 1, { timer: systemTimer });
    const tasks = holders.map((name) => aTask(`T-${name}`));
    await stand.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
    const held = await Promise.all(
      holders.map(async (name) => ({ name, held: await claimOf(stand, name) })),
    );
    const over = new AbortController();

    const waiting = Array.from({ length: crowd }, async (_, at) =>
      stand.dispatch.nextTask(next(aCaller(`w${String(at)}`), { waitMs: 2_000 })),
    );
    const renewing = held.map(async (each) => renewUntil(stand, { ...each, signal: over.signal }));
    const waited = await Promise.allSettled(waiting);
    over.abort();
    const renewed = await Promise.allSettled(renewing);
    const ended = await Promise.all(
      held.map(async (each) => stand.dispatch.finishTask(finish(aCaller(each.name), each.held))),
    );

    const faults = [...waited, ...renewed].flatMap((each) =>
      each.status === "rejected" ? [String(each.reason)] : [],
    );
    expect([...new Set(faults)]).toEqual([]);
    expect(waited).toHaveLength(crowd);
    const took = renewed
      .flatMap((each) => (each.status === "fulfilled" ? each.value : []))
      .toSorted((one, other) => one - other);
    expect(took.at(Math.floor(took.length / 2))).toBeLessThan(1_000);
    expect(ended.map(({ task }) => task.status)).toEqual(holders.map(() => "done"));
  });
});
