import { describe, expect, test } from "vitest";
import { migrations } from "../../src/core/index.ts";
import { limitsOf, toLimits } from "../../src/settings/limits.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const actor = "person:ana";
const two = [aTask("T1"), aTask("T2")];

eachStore("the limits of a project", (open) => {
  test("let no more sessions live than they say; the end of one makes room, and one that is known comes back", async () => {
    const { dispatch } = await createStand(open, 1, { limits: { sessions: 2, openTasks: null } });
    await dispatch.identify(aCaller("ada"));
    const { session } = await dispatch.identify(aCaller("bob"));

    await expect(dispatch.identify(aCaller("cleo"))).rejects.toMatchObject({
      code: "SKN-7302",
      kind: "unavailable",
      retryAfterMs: 60_000,
      facts: { most: 2 },
    });
    expect((await dispatch.identify(aCaller("bob"))).session.id).toBe(session.id);
    await dispatch.revoke({ target: session.id, by: null, person: "ana", reason: "home" });
    expect((await dispatch.identify(aCaller("cleo"))).session.name).not.toBe("");
  });

  test("take in no plan that would open more tasks than they say, and nothing of it", async () => {
    const stand = await createStand(open, 1, { limits: { sessions: null, openTasks: 3 } });
    const { dispatch, plans, store } = stand;
    await dispatch.importPlan(aPlan(two, { id: "one" }), { actor });

    await expect(dispatch.importPlan(aPlan(two, { id: "two" }), { actor })).rejects.toMatchObject({
      code: "SKN-4405",
      facts: { open: 4, most: 3 },
    });
    expect(await store.read((reader) => plans.findPlan(reader, "two"))).toBeNull();
    // What is there may be imported again, and what has ended makes room.
    await dispatch.importPlan(aPlan(two, { id: "one", title: "Again" }), { actor });
    const { claim } = await dispatch.nextTask(next(aCaller("ada")));
    const held = { task: `one/${claim?.task.id ?? ""}`, fence: claim?.fence ?? 0 };
    await dispatch.finishTask(finish(aCaller("ada"), held));
    await dispatch.importPlan(aPlan(two, { id: "two" }), { actor });
    expect(await store.read((reader) => plans.findPlan(reader, "two"))).not.toBeNull();
  });

  test("count each project of a store by itself", async () => {
    const limits = { sessions: 1, openTasks: null };
    const one = await createStand(open, 1, { limits });
    const { store, time } = await open({ migrations, project: "other" });
    const other = await createStand(async () => Promise.resolve({ store, time }), 2, { limits });
    await one.dispatch.identify(aCaller("ada"));

    await expect(one.dispatch.identify(aCaller("bob"))).rejects.toMatchObject({ code: "SKN-7302" });
    expect((await other.dispatch.identify(aCaller("bob"))).session.id).toBe("s1");
  });
});

describe("limitsOf", () => {
  test("takes those of a project over those of all, one by one", () => {
    const limits = toLimits({ sessions: 50, projects: { "acme/shop": { open_tasks: 10 } } });

    expect(limitsOf(limits, "acme/shop")).toEqual({ sessions: 50, openTasks: 10 });
    expect(limitsOf(limits, "acme/web")).toEqual({ sessions: 50, openTasks: null });
    expect(limitsOf(toLimits({}), "acme/web")).toEqual({ sessions: null, openTasks: null });
  });
});
