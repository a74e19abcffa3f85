import { expect, test } from "vitest";
import type { NextTaskOutcome } from "../../../src/core/dispatch/index.ts";
import { checkInvariants, readStateFacts } from "../../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../../support/coordination.ts";
import { openMemoryStore } from "../../support/stores.ts";

/** Longer than a claim lasts without a call, and than what is allowed beyond it. */
const nightMs = 10 * 3_600_000;

test("a write that begins a night after its look brings back first what is over by then", async () => {
  let isNight = false;
  const stand = await createStand(async (options) => {
    const { store, time } = await openMemoryStore(options);
    return {
      store: {
        ...store,
        write: async (work) => {
          if (isNight) {
            time.advance(nightMs);
            isNight = false;
          }
          return store.write(work);
        },
      },
      time,
    };
  });
  await stand.dispatch.importPlan(aPlan([aTask("T1"), aTask("T2")]), { actor: "person:ana" });
  await stand.dispatch.nextTask(next(aCaller("ada")));

  isNight = true;
  const { claim } = await stand.dispatch.nextTask(next(aCaller("bob")));

  const policy = { caseInsensitive: false };
  const facts = await stand.store.read((reader) => readStateFacts({ ...stand, policy }, reader));
  expect(claim?.task.id).toBe("T1");
  expect(facts.tasks.map(({ task }) => [task.id, task.status])).toEqual([
    ["T1", "claimed"],
    ["T2", "pending"],
  ]);
  expect(checkInvariants(facts)).toEqual([]);
});

test("a write does not overtake the recovery that another call of its process has found due", async () => {
  let isNight = false;
  const overtaking: NextTaskOutcome[] = [];
  const stand = await createStand(async (options) => {
    const { store, time } = await openMemoryStore(options);
    return {
      store: {
        ...store,
        write: async (work) => {
          if (isNight) {
            // The recovery has found what is due and comes to write: now another call comes in between.
            isNight = false;
            overtaking.push(await stand.dispatch.nextTask(next(aCaller("bob"))));
          }
          return store.write(work);
        },
      },
      time,
    };
  });
  await stand.dispatch.importPlan(aPlan([aTask("T1"), aTask("T2")]), { actor: "person:ana" });
  await stand.dispatch.nextTask(next(aCaller("ada")));
  stand.time.advance(nightMs);

  isNight = true;
  await stand.dispatch.recover();

  expect(overtaking).toMatchObject([{ claim: { task: { id: "T1" } } }]);
});
