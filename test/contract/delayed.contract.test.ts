import { describe, expect, test } from "vitest";
import { aCaller, aPlan, aTask, createStand, next } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const ada = aCaller("ada");
const soonMs = Date.parse("2094-01-01T00:00:00Z");
const laterMs = Date.parse("2095-01-01T00:00:00Z");

eachStore("a task whose time has not come", (open) => {
  describe("counts", () => {
    test("has it among those that wait, until its time", async () => {
      const stand = await createStand(open);
      const draft = aPlan([aTask("T1"), aTask("T2", { notBeforeMs: laterMs })]);
      await stand.dispatch.importPlan(draft, { actor: "person:ana" });
      const counts = async () =>
        stand.store.read(async (reader) => stand.plans.counts(reader, "demo"));

      const before = await counts();
      const past = aPlan([aTask("T1"), aTask("T2", { notBeforeMs: 1 })]);
      await stand.dispatch.importPlan(past, { actor: "person:ana" });

      expect(before).toMatchObject({ ready: 1, waiting: 1 });
      expect(await counts()).toMatchObject({ ready: 2, waiting: 0 });
    });
  });

  describe("nextTask", () => {
    test("counts it apart from those that wait for others, and tells when the first of its plan may start", async () => {
      const stand = await createStand(open);
      const late = aTask("T1", { notBeforeMs: laterMs });
      const shop = aPlan([late, aTask("T2", { dependsOn: ["T1"] })], { id: "shop" });
      const soon = aPlan([aTask("T3", { notBeforeMs: soonMs })], { id: "site" });
      await stand.dispatch.importPlan(shop, { actor: "person:ana" });
      await stand.dispatch.importPlan(soon, { actor: "person:ana" });

      const ofShop = await stand.dispatch.nextTask(next(ada, { plan: "shop" }));
      const ofAll = await stand.dispatch.nextTask(next(ada));

      const apart = { ready: 0, onDependencies: 1, onPaths: 0 };
      expect(ofShop.waiting).toMatchObject({ ...apart, onTime: 1, retryAtMs: laterMs });
      expect(ofAll.waiting).toMatchObject({ ...apart, onTime: 2, retryAtMs: soonMs });
    });
  });
});
