import { describe, expect, test } from "vitest";
import { aCaller, next } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import { lively } from "../support/upkeep-stand.ts";

const ada = aCaller("ada");
const bob = aCaller("bob");

/** Half of a character, and one that PostgreSQL keeps in no text. */
const odd = "half \u{D800} of\0it";

eachStore("texts that no database keeps as they are", (open) => {
  describe("verify", () => {
    test("finds the log and the rows alike, whichever text of an agent it was", async () => {
      const stand = await lively(open);
      const { dispatch, store, upkeep } = stand;
      const { claim } = await dispatch.nextTask(next(bob, { task: "T3" }));
      const held = { caller: bob, task: "T3", fence: claim?.fence ?? 0 };

      await dispatch.claimFiles({
        caller: ada,
        paths: ["odd.ts"],
        mode: "exclusive",
        durationMs: null,
        reason: odd,
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });
      const said = { percent: 10, addPaths: [], usage: [], key: null };
      await dispatch.updateTask({ ...held, ...said, note: odd });
      const end = { cause: null, commit: null, head: null, usage: [], claimNext: false, key: null };
      await dispatch.finishTask({ ...held, ...end, outcome: "submitted", summary: odd });
      const act = { actor: "person:ana", reason: odd } as const;
      await dispatch.pausePlan("demo", act);
      await dispatch.cancelTask("demo/T4", act);
      await dispatch.cancelPlan("demo", act);

      const { violations } = await upkeep.verify();
      const leases = await store.read((reader) => stand.leases.list(reader));
      expect(violations).toEqual([]);
      expect(leases.map(({ reason }) => reason)).toContain("half \u{FFFD} of\u{FFFD}it");
    });

    test.each(["a\u0000b", "\u{D800}", "x\u{DFFF}y"])(
      "finds them alike for the name of a worktree and of an edited file: %j",
      async (text) => {
        const stand = await lively(open);
        const { dispatch, upkeep } = stand;
        const caller = aCaller("eve", { gitDir: text });
        await dispatch.nextTask(next(caller));
        await dispatch.nextTask(next({ ...caller, gitDir: `${text}2` }));
        const { granted } = await dispatch.claimFiles({
          caller,
          paths: [text],
          mode: "exclusive",
          durationMs: null,
          reason: "edited it",
          waitMs: 0,
          origin: "edit",
          key: null,
          signal: null,
        });

        const { violations } = await upkeep.verify();
        const held = await dispatch.check(null, [text]);

        expect([granted, violations]).toEqual([true, []]);
        expect([...held.values()]).toMatchObject([{ kind: "foreign" }]);
      },
    );
  });
});
