import { describe, expect, test } from "vitest";
import type { TaskDraft } from "../../src/core/plans/index.ts";
import { aPlan, aTask, createStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";
import { aWildGlob } from "../support/weighed-search.ts";

const by = { actor: "person:ana" } as const;

/** A task of as many globs that count 16 each. */
function wildTask(id: string, globs: number, line = 1): TaskDraft {
  return aTask(id, { files: Array.from({ length: globs }, (_, at) => aWildGlob(at)), line });
}

eachStore("globs of a plan", (open) => {
  describe("importPlan", () => {
    test("refuses a task with globs that count more than 256, with its line, and stores nothing", async () => {
      const { dispatch, plans, store } = await createStand(open);

      const refused = dispatch.importPlan(aPlan([aTask("T1"), wildTask("T2", 17, 3)]), by);

      await expect(refused).rejects.toMatchObject({
        code: "SKN-1510",
        message: expect.stringContaining("Line 3: the globs of T2 count 272; 256 are the most"),
        facts: { task: "T2", line: 3, globs: 272, most: 256 },
      });
      expect(await store.read((reader) => plans.listPlans(reader))).toEqual([]);
    });

    test("refuses a plan with globs that count more than 20,000 beyond one each, and takes fewer", async () => {
      const { dispatch } = await createStand(open);
      const tasks = Array.from({ length: 90 }, (_, at) => wildTask(`T${String(at)}`, 15));

      await expect(dispatch.importPlan(aPlan(tasks), by)).rejects.toMatchObject({
        code: "SKN-1510",
        facts: { globs: 20_250, most: 20_000 },
      });
      expect(await dispatch.importPlan(aPlan(tasks.slice(0, 2)), by)).toMatchObject({
        created: ["T0", "T1"],
      });
    });

    test("takes many usual globs, and refuses more than 100,000", async () => {
      const { dispatch } = await createStand(open);
      const files = Array.from({ length: 250 }, (_, at) => `src/${String(at)}/**`);
      const tasks = Array.from({ length: 401 }, (_, at) => aTask(`T${String(at)}`, { files }));

      await expect(dispatch.importPlan(aPlan(tasks), by)).rejects.toMatchObject({
        code: "SKN-1510",
        facts: { globs: 100_250, most: 100_000 },
      });
      expect((await dispatch.importPlan(aPlan(tasks.slice(0, 90)), by)).created).toHaveLength(90);
    });

    test("names and directories count nothing", async () => {
      const { dispatch } = await createStand(open);
      const files = Array.from({ length: 500 }, (_, at) => `src/${String(at)}/`);

      const taken = await dispatch.importPlan(aPlan([aTask("T1", { files })]), by);

      expect(taken.created).toEqual(["T1"]);
    });
  });
});
