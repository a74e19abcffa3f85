import { describe, expect, test } from "vitest";

import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import type { TaskDraft } from "../../src/core/plans/index.ts";
import type { OpenTestStore } from "../support/stores.ts";

const [ada, bob] = [aCaller("ada"), aCaller("bob")];

interface Broken extends CoordinationStand {
  /** Mends what stands under `loop/`. */
  readonly mend: () => void;
}

interface Odd {
  readonly mayDegrade?: boolean;
  /** Tasks that stand before the others in the plan. */
  readonly before?: readonly TaskDraft[];
  /** Of the plan. Default: none. */
  readonly budgetMicroUsd?: number | null;
}

/** A worktree in which a path of T2, the best task, cannot be looked at, as behind a link that leads to itself. */
async function aBrokenWorktree(
  open: OpenTestStore,
  { mayDegrade = true, before = [], budgetMicroUsd = null }: Odd = {},
): Promise<Broken> {
  let isBroken = false;
  const stand = await createStand(open, 1, {
    mayDegrade,
    pathKind: (path) => {
      if (isBroken && path.startsWith("loop/")) {
        throw Object.assign(new Error(`ELOOP: too many links, stat '/home/ada/${path}'`), {
          code: "ELOOP",
        });
      }
      return null;
    },
  });
  const tasks = [
    ...before,
    aTask("T1", {
      priority: "low",
      files: ["src/a.ts"],
      budgetMicroUsd: budgetMicroUsd && 100_000,
    }),
    aTask("T2", { priority: "critical", files: ["loop/b.ts"] }),
    aTask("T3", { priority: "high", files: ["src/c.ts"] }),
  ];
  await stand.dispatch.importPlan(aPlan(tasks, { budgetMicroUsd }), {
    actor: "person:ana",
  });
  isBroken = true;
  return {
    ...stand,
    mend: () => {
      isBroken = false;
    },
  };
}

eachStore("the fallback to one task at a time", (open) => {
  describe("nextTask", () => {
    test("hands out the first task of the plan that can be read, and says why", async () => {
      const stand = await aBrokenWorktree(open);

      const { claim } = await stand.dispatch.nextTask(next(ada));

      expect(claim?.task.id).toBe("T1");
      expect(claim?.leases).toHaveLength(1);
      expect(claim?.warnings).toEqual([
        "Tasks are handed out one at a time and in the order of their plan, since reading the paths of demo/T2 failed (ELOOP).",
      ]);
      const [event] = await stand.store.read((reader) =>
        stand.events.after(reader, (claim?.fence ?? 0) - 1, 1),
      );
      expect(event).toMatchObject({
        kind: "task.claimed",
        data: { degraded: expect.stringContaining("one at a time") },
      });
      expect(JSON.stringify(event)).not.toContain("/home/ada");
    });

    test("passes over what is no work, what waits for another task, and what the budgets do not hold", async () => {
      const before = [
        aTask("Group", { budgetMicroUsd: 100_000 }),
        aTask("Part", { parent: "Group", dependsOn: ["T3"], budgetMicroUsd: 100_000 }),
        aTask("Dear"),
      ];
      const stand = await aBrokenWorktree(open, { before, budgetMicroUsd: 300_000 });

      const { claim } = await stand.dispatch.nextTask(next(ada));

      expect(claim?.task.id).toBe("T1");
    });

    test("hands out nothing more of the plan while one is in work, then the next", async () => {
      const stand = await aBrokenWorktree(open);
      const first = await stand.dispatch.nextTask(next(ada));

      const second = await stand.dispatch.nextTask(next(bob));
      await stand.dispatch.finishTask(
        finish(ada, { task: "T1", fence: first.claim?.fence ?? 0 }, {}),
      );
      const third = await stand.dispatch.nextTask(next(bob));

      expect(second.claim).toBeNull();
      expect(second.waiting?.reasons).toEqual([
        expect.stringContaining("one at a time"),
        "demo has 1 task in work, and handing out one at a time allows 1 at once.",
      ]);
      expect(third.claim?.task.id).toBe("T3");
    });

    test("hands out nothing of another plan than the one asked for, nor of one that stands still", async () => {
      const stand = await aBrokenWorktree(open);
      const { dispatch } = stand;
      await dispatch.importPlan(aPlan([aTask("O1")], { id: "other" }), { actor: "person:ana" });
      await dispatch.nextTask(next(ada, { plan: "demo" }));

      const named = await dispatch.nextTask(next(bob, { plan: "demo" }));
      await dispatch.pausePlan("other", { actor: "person:ana", reason: "the API changes" });
      const any = await dispatch.nextTask(next(bob));

      expect([named.claim, any.claim]).toEqual([null, null]);
    });

    test("never hands out what it cannot read, and keeps the paths of others", async () => {
      const stand = await aBrokenWorktree(open);
      await stand.dispatch.claimFiles({
        caller: bob,
        paths: ["src/**"],
        mode: "exclusive",
        durationMs: null,
        reason: "tidying",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });

      const { claim, waiting } = await stand.dispatch.nextTask(next(ada));

      expect(claim).toBeNull();
      expect(waiting?.reasons.join(" ")).toContain("T1 waits for src/a.ts, held by bob");
      expect(waiting?.reasons.join(" ")).toContain("T3 waits for src/c.ts, held by bob");
    });

    test("chooses again as soon as the fault is gone", async () => {
      const stand = await aBrokenWorktree(open);
      await stand.dispatch.nextTask(next(ada));
      stand.mend();

      const { claim } = await stand.dispatch.nextTask(next(bob));

      expect(claim?.task.id).toBe("T2");
      expect(claim?.warnings).toEqual([]);
    });

    test("tells the fault where the setting says so, and changes nothing", async () => {
      const stand = await aBrokenWorktree(open, { mayDegrade: false });

      await expect(stand.dispatch.nextTask(next(ada))).rejects.toThrow(
        "Choosing a task failed while reading the paths of demo/T2.",
      );

      const counts = await stand.store.read((reader) => stand.plans.counts(reader, "demo"));
      expect(counts).toMatchObject({ ready: 3, claimed: 0 });
    });
  });

  describe("why", () => {
    test("says that a task's paths cannot be looked at, and a claim by name is refused with it", async () => {
      const stand = await aBrokenWorktree(open);

      const why = await stand.dispatch.why("T2", null);
      const named = await stand.dispatch.nextTask(next(ada, { task: "T2" }));

      expect(why).toMatchObject({
        isReady: false,
        reasons: [{ code: "paths", text: "Its paths cannot be looked at from here (ELOOP)." }],
      });
      expect(named.claim).toBeNull();
      expect(named.waiting?.reasons).toEqual(["Its paths cannot be looked at from here (ELOOP)."]);
    });
  });
});
