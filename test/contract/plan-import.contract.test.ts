import { expect, test } from "vitest";
import { boardMigrations, openBoard, system } from "../support/plan-board.ts";
import { eachStore } from "../support/stores.ts";
import { aPlan, aTask, chain } from "../core/plans/builders.ts";

async function messageOf(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    () => "no error",
    (error: unknown) => error,
  );
  return outcome instanceof Error ? outcome.message : String(outcome);
}

eachStore("importPlan()", (open) => {
  async function board() {
    const { store } = await open({ migrations: boardMigrations });
    const made = openBoard(store);
    return {
      ...made,
      store,
      importing: (plan: ReturnType<typeof aPlan>, isDryRun = false) =>
        store.write((tx) => made.plans.importPlan(tx, plan, { ...system, isDryRun })),
    };
  }

  test("changes nothing and appends no event when the content is the same", async () => {
    const { importing, events } = await board();
    const plan = aPlan([
      aTask({ id: "A", spec: "Ünï\n```x```", files: ["a/**"], skills: ["x"], accept: ["y"] }),
      aTask({ id: "B", dependsOn: ["A"], notBeforeMs: 99, budgetMicroUsd: 5, minutes: 7 }),
    ]);
    const first = await importing(plan);
    const before = await events();
    const second = await importing(plan);

    expect(first).toMatchObject({ isNewPlan: true, created: ["A", "B"] });
    expect(second).toMatchObject({
      isNewPlan: false,
      unchanged: ["A", "B"],
      created: [],
      updated: [],
    });
    expect(await events()).toEqual(before);
  });

  test("gives back the plan that went in", async () => {
    const { importing, store, plans } = await board();
    const plan = aPlan(
      [aTask({ id: "A", files: ["a/**"], isDone: true }), aTask({ id: "B", dependsOn: ["A"] })],
      { verify: "check:unit", budgetMicroUsd: 1_500_000, title: "A plan" },
    );
    await importing(plan);

    expect(await store.read((reader) => plans.draftOf(reader, "demo"))).toEqual(plan);
  });

  test("writes what a dry run only tells", async () => {
    const { importing, events, statuses } = await board();
    const told = await importing(chain("A", "B:A"), true);

    expect(told.created).toEqual(["A", "B"]);
    expect(await events()).toEqual([]);
    expect(await statuses()).toEqual({});
    expect(await importing(chain("A", "B:A"))).toEqual(told);
  });

  test("updates what changed, adds what is new and cancels what was left out", async () => {
    const { importing, statuses, replayed, task } = await board();
    await importing(chain("A", "B:A", "C"));
    const result = await importing(
      aPlan([
        aTask({ id: "A", title: "Renamed" }),
        aTask({ id: "B", dependsOn: ["A"] }),
        aTask({ id: "D" }),
      ]),
    );

    expect(result).toMatchObject({
      created: ["D"],
      updated: ["A"],
      unchanged: ["B"],
      canceled: ["C"],
      kept: [],
    });
    expect(await statuses()).toEqual({ A: "pending", B: "pending", C: "canceled", D: "pending" });
    expect((await task("C")).reason).toBe("Left out of the plan");
    expect(await replayed()).toEqual(await statuses());
  });

  test("takes a task back that an earlier file had left out, but none that a person canceled", async () => {
    const { importing, statuses, store, plans } = await board();
    await importing(chain("A", "B", "C"));
    await importing(chain("A"));
    await importing(chain("A", "B", "C"));
    expect(await statuses()).toEqual({ A: "pending", B: "pending", C: "pending" });

    const task = { plan: "demo", id: "B" };
    await store.write((tx) => plans.cancelTask(tx, { ...system, task, reason: "Not needed" }));
    await importing(chain("A", "B", "C:B"));
    expect(await statuses()).toEqual({ A: "pending", B: "canceled", C: "blocked" });
  });

  test("leaves claimed, submitted and done tasks as they are, and says so", async () => {
    const { importing, claim, submit, finish, statuses, task } = await board();
    await importing(chain("A", "B", "C", "D"));
    await claim("A");
    await submit("B", await claim("B", "s2"), "s2");
    await finish("C");
    const result = await importing(aPlan([aTask({ id: "A", files: ["new"] }), aTask({ id: "D" })]));

    expect(result).toMatchObject({ deferred: ["A"], kept: ["B", "C"], canceled: [], updated: [] });
    expect(await statuses()).toMatchObject({ A: "claimed", B: "submitted", C: "done" });
    expect((await task("A")).files).toEqual([]);
  });

  test("counts met dependencies when an edge to a done task is added", async () => {
    const { importing, finish, ready } = await board();
    await importing(chain("A", "B"));
    await finish("A");
    await importing(chain("A", "B:A", "C:A,B"));

    expect(await ready()).toEqual(["B"]);
    expect(await finish("B")).toEqual(["C"]);
  });

  test("refuses a cycle that only the tasks in work close, and changes nothing", async () => {
    const { importing, claim, events } = await board();
    await importing(chain("A:B", "B"));
    await claim("B");
    const before = await events();

    expect(await messageOf(importing(chain("A:B", "B:A")))).toContain("no error");
    expect(await messageOf(importing(chain("X:A", "A:X")))).toContain("X -> A -> X");
    expect(await events()).toHaveLength(before.length);
  });

  test("refuses to make a container of a task in work", async () => {
    const { importing, claim } = await board();
    await importing(chain("A"));
    await claim("A");

    expect(
      await messageOf(importing(aPlan([aTask({ id: "A" }), aTask({ id: "B", parent: "A" })]))),
    ).toContain("A is claimed");
  });

  test("warns of scopes that overlap between tasks without an order", async () => {
    const { importing } = await board();
    const result = await importing(
      aPlan([
        aTask({ id: "A", files: ["src/x"] }),
        aTask({ id: "B", files: ["src/x"], dependsOn: ["A"] }),
        aTask({ id: "C", files: ["src/y", "src/x"] }),
      ]),
    );

    expect(result.overlaps.map(({ tasks }) => tasks)).toEqual([
      ["A", "C"],
      ["B", "C"],
    ]);
  });

  test("does not hand out new tasks of a paused plan", async () => {
    const { importing, store, plans, ready } = await board();
    await importing(chain("A"));
    await store.write((tx) => plans.pausePlan(tx, { ...system, plan: "demo", reason: "Lunch" }));
    await importing(chain("A", "B"));

    expect(await ready()).toEqual([]);
  });

  test("puts the tasks of a large import into events of at most 200", async () => {
    const { importing, events } = await board();
    await importing(chain(...Array.from({ length: 450 }, (_, at) => `T${String(at)}`)));
    const imported = await events();

    expect(imported.map(({ kind, changes, cause }) => [kind, changes.length, cause])).toEqual([
      ["plan.imported", 1, null],
      ["plan.tasks_imported", 200, 1],
      ["plan.tasks_imported", 200, 1],
      ["plan.tasks_imported", 50, 1],
    ]);
  });
});
