import { describe, expect, test } from "vitest";
import {
  aCaller,
  aPlan,
  aProcess,
  aTask,
  createStand,
  finish,
  next,
} from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { aRequest } from "../support/leases.ts";
import { eachStore, openMemoryStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const ada = aCaller("ada");
const bob = aCaller("bob", { skills: ["sql"] });
const ending = { actor: "system", cause: null, reason: "released" } as const;

async function standWith(
  open: OpenTestStore,
  ...tasks: readonly ReturnType<typeof aTask>[]
): Promise<CoordinationStand> {
  const stand = await createStand(open);
  await stand.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
  return stand;
}

/** Has a session hold paths, one lease after the other. */
async function touch(
  { dispatch, leases, store }: CoordinationStand,
  caller: typeof ada,
  paths: readonly string[],
): Promise<void> {
  const { session } = await dispatch.identify(caller);
  for (const path of paths) {
    await store.write((tx) => leases.request(tx, aRequest(session.id, path)));
  }
}

async function takenBy({ dispatch }: CoordinationStand, caller: typeof ada) {
  return (await dispatch.nextTask(next(caller))).claim?.task.id ?? null;
}

eachStore("the session that suits a task (E8)", (open) => {
  describe("nextTask", () => {
    test.each([
      [8, "T2"],
      [9, "T1"],
    ])("goes by the last eight leases: the first of %i is for %s", async (count, given) => {
      const stand = await standWith(
        open,
        aTask("T1", { files: ["other/"] }),
        aTask("T2", { files: ["src/1/"] }),
      );
      const paths = Array.from({ length: count }, (_, at) => `src/${String(at + 1)}/a.ts`);
      await touch(stand, ada, paths);

      expect(await takenBy(stand, ada)).toBe(given);
    });

    test("gives no task of a lower score for what suits, and none that is not free", async () => {
      const stand = await standWith(
        open,
        aTask("HIGH", { files: ["high/"], priority: "high" }),
        aTask("T1", { files: ["other/"] }),
        aTask("T2", { files: ["src/"] }),
      );
      await touch(stand, ada, ["src/a.ts"]);

      expect(await takenBy(stand, ada)).toBe("HIGH");
      await touch(stand, bob, ["src/b.ts"]);
      await stand.dispatch.finishTask(
        finish(ada, { task: "HIGH", fence: await fenceOf(stand, "HIGH") }),
      );
      expect(await takenBy(stand, ada)).toBe("T1");
    });

    test("leaves a task to nobody who has one, or has not called for two minutes", async () => {
      const sql = { skills: ["sql"] };
      const stand = await standWith(open, aTask("T1", sql), aTask("T2", sql));

      await stand.dispatch.identify(bob);
      const early = await takenBy(stand, ada);
      const ofBob = await takenBy(stand, bob);
      const late = await takenBy(stand, ada);

      expect([early, ofBob, late]).toEqual([null, "T1", "T2"]);
    });
  });

  describe("reassign", () => {
    test("to the best gives a task to anybody but its holder", async () => {
      const stand = await standWith(open, aTask("T1", { files: ["src/"] }));
      await touch(stand, ada, ["src/a.ts"]);
      await stand.dispatch.identify(bob);
      const { standing } = await stand.dispatch.nextTask(next(ada));
      const target = { kind: "session", session: standing.session.id } as const;
      await stand.store.write((tx) => stand.leases.release(tx, target, ending));

      await stand.dispatch.reassign({
        target: "T1",
        reason: "ada is on holiday",
        by: null,
        person: "ana",
        to: "best",
      });

      expect([await takenBy(stand, ada), await takenBy(stand, bob)]).toEqual([null, "T1"]);
    });

    test("to the best gives a task to whoever has least to do, where nobody suits it better", async () => {
      const stand = await standWith(open, aTask("T1"), aTask("T2"));
      const plain = aCaller("bob");
      await stand.dispatch.nextTask(next(ada));
      await stand.dispatch.identify(plain);

      await stand.dispatch.reassign({
        target: "T2",
        reason: "nobody has taken it",
        by: null,
        person: "ana",
        to: "best",
      });

      // Kept for the older session, it would be given to nobody else.
      expect(await takenBy(stand, plain)).toBe("T2");
    });
  });

  describe("reassign", () => {
    test("keeps a task that is taken from its holder for the session that is named", async () => {
      const stand = await standWith(open, aTask("T1"));
      await takenBy(stand, ada);
      const { session } = await stand.dispatch.identify(bob);

      await stand.dispatch.reassign({
        target: "T1",
        reason: "ada is on holiday",
        by: null,
        person: "ana",
        to: session.id,
      });

      const others = [await takenBy(stand, aCaller("cleo")), await takenBy(stand, ada)];
      expect([...others, await takenBy(stand, bob)]).toEqual([null, null, "T1"]);
    });
  });

  describe("recover", () => {
    test("gives others what was kept for a session that is gone, and its money back", async () => {
      const stand = await createStand(open);
      const plan = aPlan([aTask("T1"), aTask("T2")], { budgetMicroUsd: 9_000_000 });
      await stand.dispatch.importPlan(plan, { actor: "person:ana" });
      const gone = aCaller("gone", { process: aProcess(7) });
      await stand.dispatch.nextTask(next(gone));
      const act = { target: "T2", reason: "better", by: null, person: "ana" };
      await stand.dispatch.reassign({ ...act, to: "gone" });
      const kept = await takenBy(stand, ada);
      stand.deadProcesses.add(7);

      await stand.dispatch.recover();

      const [budget] = await stand.store.read((reader) => stand.costs.budgets(reader));
      expect(kept).toBeNull();
      expect(budget).toMatchObject({ scope: "plan:demo", reservedMicroUsd: 0 });
      expect(new Set([await takenBy(stand, ada), await takenBy(stand, bob)])).toEqual(
        new Set(["T1", "T2"]),
      );
    });
  });
});

async function fenceOf({ plans, store }: CoordinationStand, id: string): Promise<number> {
  const task = await store.read((reader) => plans.get(reader, { plan: "demo", id }));
  return task.fence ?? 0;
}

describe("nextTask over virtual time", () => {
  test("expects nobody to take a task who has not called for two minutes", async () => {
    const stand = await standWith(openMemoryStore, aTask("T1", { skills: ["sql"] }));
    await stand.dispatch.identify(bob);

    stand.time.advance(119_000);
    const early = await takenBy(stand, ada);
    stand.time.advance(1_000);

    expect([early, await takenBy(stand, ada)]).toEqual([null, "T1"]);
  });
});
