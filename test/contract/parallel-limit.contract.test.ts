import { describe, expect, test } from "vitest";

import type { NextTaskOutcome } from "../../src/core/dispatch/index.ts";
import type { PlanDraft } from "../../src/core/plans/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const because = "the profile development";

/** A stand whose plans may have so many tasks in work at once; null: no limit. */
async function standWith(
  open: OpenTestStore,
  most: number | null,
  ...plans: readonly PlanDraft[]
): Promise<CoordinationStand> {
  const stand = await createStand(open);
  for (const plan of plans) {
    await stand.dispatch.importPlan(plan, { actor: "person:ana" });
  }
  await limit(stand, most);
  return stand;
}

async function limit({ store, plans }: CoordinationStand, most: number | null): Promise<void> {
  await store.write((tx) =>
    plans.limitParallel(tx, {
      limit: most === null ? null : { most, because },
      actor: "system",
    }),
  );
}

function tasks(count: number, from = 1) {
  return Array.from({ length: count }, (_, at) => aTask(`T${String(at + from)}`));
}

function ask(stand: CoordinationStand, name: string, odd = {}): Promise<NextTaskOutcome> {
  return stand.dispatch.nextTask(next(aCaller(name), odd));
}

async function claimedBy(stand: CoordinationStand, names: readonly string[]) {
  const ids: (string | null)[] = [];
  for (const name of names) {
    ids.push((await ask(stand, name)).claim?.task.id ?? null);
  }
  return ids;
}

eachStore("the limit of tasks at once", (open) => {
  describe("nextTask", () => {
    test("gives all that is ready where there is no limit", async () => {
      const stand = await standWith(open, null, aPlan(tasks(4)));

      expect(await claimedBy(stand, ["a", "b", "c", "d"])).toEqual(["T1", "T2", "T3", "T4"]);
    });

    test("gives no more of a plan than it allows, and tells why", async () => {
      const stand = await standWith(open, 2, aPlan(tasks(4)));
      await claimedBy(stand, ["a", "b"]);

      const { claim, waiting } = await ask(stand, "c");

      expect(claim).toBeNull();
      expect(waiting).toMatchObject({ ready: 2, claimed: 2, onPaths: 0, onTime: 0 });
      expect(waiting?.reasons).toEqual([
        `demo has 2 tasks in work, and ${because} allows 2 at once.`,
      ]);
    });

    test("says the same of one plan that was asked for, and of a task by its name", async () => {
      const stand = await standWith(open, 1, aPlan(tasks(3)));
      await ask(stand, "a");

      const ofPlan = await ask(stand, "b", { plan: "demo" });
      const ofTask = await ask(stand, "b", { task: "T3" });

      const reason = `demo has 1 task in work, and ${because} allows 1 at once.`;
      expect([ofPlan.claim, ofTask.claim]).toEqual([null, null]);
      expect(ofPlan.waiting?.reasons).toEqual([reason]);
      expect(ofTask.waiting?.reasons).toEqual([reason]);
    });

    test("counts each plan for itself", async () => {
      const other = aPlan(tasks(2, 11), { id: "other" });
      const stand = await standWith(open, 1, aPlan(tasks(2)), other);

      expect(await claimedBy(stand, ["a", "b", "c"])).toEqual(["T1", "T11", null]);
    });

    test("gives a session its own claim again, however many there are", async () => {
      const stand = await standWith(open, 1, aPlan(tasks(2)));
      await ask(stand, "a");

      expect((await ask(stand, "a")).claim).toMatchObject({ isHeld: true, task: { id: "T1" } });
    });

    test("goes on when a task ends, also in the call that ends it", async () => {
      const stand = await standWith(open, 1, aPlan(tasks(3)));
      const { claim } = await ask(stand, "a");

      const ended = await stand.dispatch.finishTask(
        finish(aCaller("a"), { task: "T1", fence: claim?.fence ?? 0 }, { claimNext: true }),
      );

      expect(ended.next?.claim?.task.id).toBe("T2");
      expect(await claimedBy(stand, ["b"])).toEqual([null]);
    });

    test("gives the next task once the limit is raised or taken away", async () => {
      const stand = await standWith(open, 1, aPlan(tasks(4)));
      await ask(stand, "a");

      await limit(stand, 2);
      const raised = await claimedBy(stand, ["b", "c"]);
      await limit(stand, null);

      expect(raised).toEqual(["T2", null]);
      expect(await claimedBy(stand, ["c", "d"])).toEqual(["T3", "T4"]);
    });

    test("takes nothing away where the limit is lowered", async () => {
      const stand = await standWith(open, null, aPlan(tasks(4)));
      await claimedBy(stand, ["a", "b", "c"]);

      await limit(stand, 1);

      expect((await ask(stand, "c")).claim).toMatchObject({ isHeld: true });
      expect((await ask(stand, "d")).claim).toBeNull();
    });

    test("is never passed by many who ask at once over two connections", async () => {
      const first = await standWith(open, 3, aPlan(tasks(40)));
      const second = await createStand(open, 2);

      const outcomes = await Promise.all(
        Array.from({ length: 24 }, (_, at) =>
          ask(at % 2 === 0 ? first : second, `agent-${String(at)}`),
        ),
      );

      expect(outcomes.filter(({ claim }) => claim !== null)).toHaveLength(3);
      const counts = await first.store.read((reader) => first.plans.counts(reader, "demo"));
      expect(counts).toMatchObject({ claimed: 3, ready: 37 });
    });
  });

  describe("why", () => {
    test("names the limit, and that it is not ready", async () => {
      const stand = await standWith(open, 1, aPlan(tasks(2)));
      const free = await stand.dispatch.why("T2", null);
      await ask(stand, "a");

      const why = await stand.dispatch.why("T2", null);

      expect(free.isReady).toBe(true);
      expect(why.isReady).toBe(false);
      expect(why.reasons).toMatchObject([
        { code: "parallel", text: expect.stringContaining("allows 1 at once") },
      ]);
      expect(why.reasons[0]?.next).toContain("`profile`");
    });
  });
});
