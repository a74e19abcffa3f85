import { describe, expect, test } from "vitest";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const ada = aCaller("ada");
const bob = aCaller("bob", { skills: ["sql"] });

/** Two sessions, both idle, and a plan of one task. */
async function standOf(open: OpenTestStore, task = aTask("T1")): Promise<CoordinationStand> {
  const stand = await createStand(open);
  await stand.dispatch.importPlan(aPlan([task]), { actor: "person:ana" });
  await stand.dispatch.identify(bob);
  return stand;
}

eachStore("a task that is left to another session", (open) => {
  describe("nextTask", () => {
    test("says so to whoever has failed it, and counts no path as held", async () => {
      const { dispatch } = await standOf(open);
      const { claim } = await dispatch.nextTask(next(ada));
      const failed = { outcome: "failed", cause: "agent_error" } as const;
      await dispatch.finishTask(finish(ada, { task: "T1", fence: claim?.fence ?? 0 }, failed));

      const { waiting } = await dispatch.nextTask(next(ada));
      const why = await dispatch.why("T1", ada);

      expect(waiting).toMatchObject({
        onOthers: 1,
        onPaths: 0,
        onTime: 0,
        reasons: [
          "T1 was failed or given back by you, so an idle session gets it first; without one it comes to you again.",
        ],
      });
      expect(why.reasons).toMatchObject([{ code: "affinity" }]);
      expect((await dispatch.why("T1", null)).reasons[0]?.text).toMatch(/^s\d+ failed it/u);
      expect((await dispatch.nextTask(next(bob))).claim?.task.id).toBe("T1");
    });

    test("says which skills it asks for", async () => {
      const { dispatch } = await standOf(open, aTask("T1", { skills: ["sql"] }));

      const { waiting } = await dispatch.nextTask(next(ada));

      expect(waiting).toMatchObject({ onOthers: 1, onPaths: 0 });
      expect(waiting?.reasons).toEqual([
        "T1 asks for sql: an idle session that names it gets it first.",
      ]);
    });

    test("says for whom a person keeps it", async () => {
      const { dispatch } = await standOf(open);
      const { session } = (await dispatch.nextTask(next(bob))).standing;
      const act = { target: "T1", reason: "better", by: null, person: "ana" };
      await dispatch.identify(ada);
      await dispatch.reassign({ ...act, to: session.id });

      const { waiting } = await dispatch.nextTask(next(ada));

      expect(waiting?.reasons).toEqual([`T1 is kept for ${session.id}.`]);
    });
  });
});
