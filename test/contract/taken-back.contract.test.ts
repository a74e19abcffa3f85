import { describe, expect, test } from "vitest";
import { migrations } from "../../src/core/index.ts";
import type { PlanDraft } from "../../src/core/plans/index.ts";
import { createUpkeep } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const halfAnHourMs = 30 * 60_000;

/** Lets time pass without a call of anybody: a server's own clock cannot be turned, but when they called last can. */
async function passes({ store, time }: CoordinationStand, ms: number): Promise<void> {
  await store.write(async (tx) =>
    tx.run("UPDATE sessions SET renewed_at_ms = renewed_at_ms - ?", [ms]),
  );
  time.advance(60_000);
}

/** What the log says of each task, against what its row says, among all else that must hold. */
async function violations(stand: CoordinationStand): Promise<unknown> {
  const policy = { caseInsensitive: false };
  const upkeep = createUpkeep({ ...stand, migrations, policy, shelf: null });
  return (await upkeep.verify()).violations;
}

/** A task, and another within a group that waits for what is given. */
function planned(dependsOn: readonly string[]): PlanDraft {
  return aPlan([
    aTask("A", { files: ["a/"] }),
    aTask("Group", { dependsOn }),
    aTask("B", { files: ["b/"], parent: "Group" }),
  ]);
}

eachStore("a task whose holder is silent", (open) => {
  describe("nextTask", () => {
    test("is taken back 30 minutes after the holder's last call, paths and all, and not before", async () => {
      const stand = await createStand(open);
      const { dispatch } = stand;
      const task = aTask("T1", { files: ["src/"] });
      await dispatch.importPlan(aPlan([task]), { actor: "person:ana" });
      const first = await dispatch.nextTask(next(aCaller("ada")));

      await passes(stand, halfAnHourMs - 10 * 60_000);
      const early = await dispatch.nextTask(next(aCaller("bob")));
      await passes(stand, 10 * 60_000);
      const late = await dispatch.nextTask(next(aCaller("bob")));

      expect(early.claim).toBeNull();
      expect(late.claim?.task).toMatchObject({ id: "T1", status: "claimed" });
      expect(late.claim?.leases).toHaveLength(1);
      expect(late.claim?.fence).toBeGreaterThan(first.claim?.fence ?? 0);
      expect(await violations(stand)).toEqual([]);
    });

    test("stays with who asked a person, until 30 minutes after the question's time is over", async () => {
      const stand = await createStand(open);
      const { approvals, dispatch, sessions, store } = stand;
      await dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
      const { standing } = await dispatch.nextTask(next(aCaller("ada")));
      const session = standing.session.id;
      const question = { session, plan: null, task: null, question: "Go?", options: [] };
      const { id } = await store.write(async (tx) =>
        approvals.ask(tx, { ...question, deadlineInMs: null }),
      );
      const read = async (): Promise<unknown> =>
        store.read(async (reader) => [
          (await approvals.get(reader, id))?.state,
          (await sessions.get(reader, session))?.isParked,
        ]);

      await store.write(async (tx) =>
        tx.run("UPDATE approvals SET deadline_ms = asked_at_ms WHERE project = ?", [tx.project]),
      );
      await passes(stand, 2 * halfAnHourMs);
      const soon = await dispatch.nextTask(next(aCaller("bob")));
      const closed = await read();
      await passes(stand, halfAnHourMs);
      const late = await dispatch.nextTask(next(aCaller("bob")));

      expect(closed).toEqual(["expired", false]);
      expect([soon.claim, late.claim?.task.id]).toEqual([null, "T1"]);
    });

    test("ends the claims of those that wait for it by now, paths and all, where nobody may try it again", async () => {
      const stand = await createStand(open);
      const { costs, dispatch, leases, store } = stand;
      const by = { actor: "person:ana" } as const;
      await dispatch.importPlan(planned([]), by);
      await store.write(async (tx) =>
        costs.setBudget(tx, { scope: "retries", limitMicroUsd: 0, isHard: true, ...by }),
      );
      await dispatch.nextTask(next(aCaller("ada"), { task: "A" }));
      const ofBob = await dispatch.nextTask(next(aCaller("bob"), { task: "B" }));
      await dispatch.importPlan(planned(["A"]), by);

      await store.write(async (tx) =>
        tx.run("UPDATE sessions SET renewed_at_ms = renewed_at_ms - ? WHERE number = 1", [
          halfAnHourMs,
        ]),
      );
      stand.time.advance(60_000);
      await dispatch.recover();

      const session = ofBob.standing.session.id;
      const left = await store.read(async (reader) => leases.list(reader, { session }));
      expect(ofBob.claim?.leases).toHaveLength(1);
      expect(left).toEqual([]);
      expect(await violations(stand)).toEqual([]);
    });

    test("is given out four times in all, and then waits for a person", async () => {
      const stand = await createStand(open);
      const { dispatch, plans, store } = stand;
      await dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
      const given: (string | undefined)[] = [];

      for (const name of ["ada", "bob", "cleo", "dan", "eve"]) {
        const { claim } = await dispatch.nextTask(next(aCaller(name)));
        given.push(claim?.task.id);
        await passes(stand, halfAnHourMs);
      }

      const task = await store.read(async (reader) => plans.resolve(reader, "T1", null));
      expect(given).toEqual(["T1", "T1", "T1", "T1", undefined]);
      expect(task).toMatchObject({ status: "failed", cause: "timeout" });
    });
  });
});
