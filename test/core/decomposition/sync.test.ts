import { describe, expect, test } from "vitest";
import type { SyncOutcome } from "../../../src/core/decomposition/index.ts";
import type { ChildState } from "../../../src/core/decomposition/state.ts";
import { taskPlan } from "../../../src/core/decomposition/sync/task-plan.ts";
import { withWork } from "../../../src/core/decomposition/sync/with-work.ts";
import { aCaller, finish, next } from "../../support/coordination.ts";
import { createDecompositionStand } from "../../support/decomposition-stand.ts";
import type { DecompositionStand, StandOptions } from "../../support/decomposition-stand.ts";

async function created(options: StandOptions = {}): Promise<DecompositionStand> {
  const stand = await createDecompositionStand(options);
  await stand.create();
  stand.hub.calls.length = 0;
  return stand;
}

function child(stand: DecompositionStand, key: string): number {
  return stand.children().get(key) ?? 0;
}

async function sync({ decomposition, number }: DecompositionStand): Promise<SyncOutcome> {
  return decomposition.sync({ issue: number });
}

/** Nothing is left to do. */
async function expectQuiet(stand: DecompositionStand): Promise<void> {
  stand.hub.calls.length = 0;

  expect(await sync(stand)).toMatchObject({ kind: "synced", acts: [] });
  expect(stand.hub.calls.length).toBeLessThanOrEqual(3);
}

const worker = aCaller("worker");

/** An agent claims the next task and submits it; it lands as a commit. */
async function work(stand: DecompositionStand, commit: string): Promise<string> {
  const { skein, plan } = stand;
  const { claim } = await skein.dispatch.nextTask(next(worker, { plan }));
  if (claim === null) {
    throw new Error("No task is ready.");
  }
  const { task } = claim;
  const named = { task: `${task.plan}/${task.id}`, fence: task.fence ?? 0 };
  await skein.dispatch.finishTask(finish(worker, named, { commit }));
  await skein.store.write(async (tx) => {
    await skein.plans.integrated(tx, { task, commit, actor: "system" });
    await skein.plans.addSpend(tx, { task, fence: task.fence ?? 0, microUsd: 120_000 });
    await skein.plans.done(tx, { task, actor: "system" });
  });
  return task.id;
}

describe("sync", () => {
  test("makes no more than three calls and no write when nothing has changed", async () => {
    const stand = await created();

    expect(await sync(stand)).toEqual({ kind: "synced", acts: [], done: 0, total: 4 });
    expect(stand.hub.calls).toEqual(["self", "comments", "children"]);
  });

  test("closes the child of a finished task with its commit and its cost, in one call", async () => {
    const stand = await created();
    const key = await work(stand, "c0ffee".repeat(6));
    const number = child(stand, key);
    const outcome = await sync(stand);

    expect(outcome).toMatchObject({
      acts: [{ kind: "close", number, as: "completed" }, { kind: "comment" }],
      done: 1,
    });
    expect(stand.hub.calls.filter((name) => name === "update")).toHaveLength(1);
    expect(stand.hub.issue(number)).toMatchObject({ isOpen: false, closedAs: "completed" });
    expect(stand.hub.issue(number).body).toContain("**Done** with `c0ffeec0ffee`, 0.12 USD.");
    const text = stand.hub.comments(stand.number)[0]?.body ?? "";
    expect(text).toContain("### 1 of 4 tasks are done");
    expect(text).toContain("done in `c0ffeec0ffee` | 0.12 USD |");
    expect(text).toContain("Spent 0.12 USD");
    await expectQuiet(stand);
  });

  test("finds its own closes again after the comment could not be written, and closes nothing twice", async () => {
    const stand = await created();
    await work(stand, "c0ffee".repeat(6));
    stand.hub.failAt(5, "before");
    await expect(sync(stand)).rejects.toMatchObject({ code: "SKN-7651" });
    stand.hub.calls.length = 0;
    await sync(stand);

    expect(stand.hub.calls).toEqual(["self", "comments", "children", "editComment"]);
    await expectQuiet(stand);
  });

  test("takes a writer's close as completed for the end of a task that waits, is held, or is submitted", async () => {
    const stand = await created();
    const { skein, plan, hub, ann } = stand;
    hub.close(child(stand, "T1"), ann);
    await sync(stand);

    expect(await stand.statuses()).toMatchObject({ T1: "done", T2: "pending" });
    const held = await skein.dispatch.nextTask(next(worker, { plan }));
    expect(held.claim?.task.id).toBe("T2");
    hub.close(child(stand, "T2"), ann);
    await sync(stand);
    expect(await stand.statuses()).toMatchObject({ T2: "done", T3: "pending" });
    expect(await skein.store.read(async (reader) => skein.leases.list(reader))).toEqual([]);

    const { claim } = await skein.dispatch.nextTask(next(worker, { plan }));
    const { task } = claim ?? { task: null };
    const fence = task?.fence ?? 0;
    await skein.dispatch.finishTask(finish(worker, { task: `${plan}/${task?.id ?? ""}`, fence }));
    hub.close(child(stand, task?.id ?? ""), ann);
    await sync(stand);
    expect((await stand.statuses())[task?.id ?? ""]).toBe("done");
    expect(await skein.store.read(async (reader) => skein.leases.list(reader))).toEqual([]);
    await expectQuiet(stand);
  });

  test.each([
    ["a stranger", (stand: DecompositionStand) => stand.mallory],
    [
      "a bot with every right",
      (stand: DecompositionStand) => stand.hub.robot("stale[bot]", "admin"),
    ],
  ])("puts a close by %s aside, says so, and goes on", async (_who, by) => {
    const stand = await created();
    const number = child(stand, "T1");
    stand.hub.close(number, by(stand));
    const outcome = await sync(stand);

    expect(outcome).toMatchObject({
      acts: [{ kind: "aside", number }, { kind: "comment" }],
      done: 0,
    });
    expect(await stand.statuses()).toMatchObject({ T1: "pending", T2: "pending" });
    expect(stand.hub.comments(stand.number)[0]?.body).toContain("it does not count as done");
    await expectQuiet(stand);
    stand.hub.close(number, stand.ann);
    await sync(stand);
    expect(await stand.statuses()).toMatchObject({ T1: "done" });
  });

  test("cancels the task of a child that a writer closed as not planned, and what waits for it is blocked", async () => {
    const stand = await created();
    stand.hub.close(child(stand, "T1"), stand.ann, "not_planned");
    await sync(stand);

    expect(await stand.statuses()).toMatchObject({ T1: "canceled", T2: "blocked" });
    await expectQuiet(stand);
  });

  test.each(["completed", "not_planned"] as const)(
    "begins a new attempt when a child that was closed as %s is opened again",
    async (as) => {
      const stand = await created();
      const number = child(stand, "T1");
      stand.hub.close(number, stand.ann, as);
      await sync(stand);
      stand.hub.reopen(number);
      const outcome = await sync(stand);

      expect(outcome).toMatchObject({
        acts: expect.arrayContaining([{ kind: "again", number, round: 2 }]),
      });
      expect(await stand.statuses()).toMatchObject({ "T1.r2": "pending", T2: "pending" });
      const { claim } = await stand.skein.dispatch.nextTask(next(worker, { plan: stand.plan }));
      expect(claim?.task.id).toBe("T1.r2");
      expect(stand.hub.issue(number).isOpen).toBe(true);
      await sync(stand);
      await expectQuiet(stand);
    },
  );

  test("closes the child of a task that was canceled in Skein as not planned", async () => {
    const stand = await created();
    await stand.skein.dispatch.cancelTask(`${stand.plan}/T4`, {
      actor: "person:ann",
      reason: "no",
    });
    await sync(stand);

    expect(stand.hub.issue(child(stand, "T4"))).toMatchObject({
      isOpen: false,
      closedAs: "not_planned",
    });
    await expectQuiet(stand);
  });

  test("brings back no plan that was canceled in Skein, and closes its children", async () => {
    const stand = await created();
    await stand.skein.dispatch.cancelPlan(stand.plan, { actor: "person:ann", reason: "no" });
    await sync(stand);

    expect(new Set(Object.values(await stand.statuses()))).toEqual(new Set(["canceled"]));
    expect(stand.hub.issue(child(stand, "T2")).closedAs).toBe("not_planned");
    await expectQuiet(stand);
  });

  test("takes titles and priorities from GitHub, and puts scope and dependencies back", async () => {
    const stand = await created();
    const number = child(stand, "T3");
    const { body } = stand.hub.issue(number);
    stand.hub.edit(number, {
      title: "Show gross prices everywhere",
      labels: ["skein:task", "priority:high", "mine"],
      body: `Note of a person.\n\n${body.replace("src/cart.ts", "src/**")}`,
    });
    await sync(stand);
    const { skein, plan } = stand;
    const task = await skein.store.read(async (reader) =>
      skein.plans.get(reader, { plan, id: "T3" }),
    );

    expect(task).toMatchObject({
      title: "Show gross prices everywhere",
      priority: "high",
      files: ["src/cart.ts"],
    });
    expect(stand.hub.issue(number).body).toBe(`Note of a person.\n\n${body}`);
    expect(stand.hub.issue(number).labels).toContain("mine");
    await expectQuiet(stand);
  });

  test.each([
    [["not_planned", "not_planned", "not_planned", "not_planned"], [false]],
    [["completed", "not_planned", "completed", "not_planned"], [true]],
    [["completed", "completed", "completed"], []],
  ] as const)(
    "with its children closed as %j keeps that the issue came to %j",
    async (as, ends) => {
      const stand = await created();
      const { hub, skein, number, ann } = stand;
      for (const [at, how] of as.entries()) {
        hub.close(child(stand, `T${String(at + 1)}`), ann, how);
      }
      await sync(stand);

      const kept = await skein.store.read(async (reader) => skein.costs.outcomes(reader));
      expect(kept.map(({ kind, number: of, isReached }) => [kind, of, isReached])).toEqual(
        ends.map((isReached) => ["issue", number, isReached]),
      );
    },
  );

  test("puts back no dependency and no place that people took away; the tasks keep theirs", async () => {
    const stand = await created();
    const { hub, skein, plan, number } = stand;
    const dependent = child(stand, "T2");
    const before = [hub.children(number).length, hub.blockers(dependent).length];
    hub.loosen(number);
    hub.loosen(dependent);

    expect(await sync(stand)).toMatchObject({ kind: "synced", acts: [], total: 4 });
    const task = await skein.store.read(async (reader) =>
      skein.plans.get(reader, { plan, id: "T2" }),
    );
    expect(before).toEqual([4, 1]);
    expect([hub.children(number), hub.blockers(dependent)]).toEqual([[], []]);
    expect(task).toMatchObject({ status: "pending", unmet: 1 });
  });

  test("cancels the task of a child that was deleted", async () => {
    const stand = await created();
    stand.hub.remove(child(stand, "T4"));
    await sync(stand);

    expect(await stand.statuses()).toMatchObject({ T4: "canceled", T1: "pending" });
    expect(await sync(stand)).toMatchObject({ acts: [] });
  });

  test("says what it would do in a dry run, and does none of it", async () => {
    const stand = await created();
    await work(stand, "c0ffee".repeat(6));
    stand.hub.close(child(stand, "T2"), stand.ann);
    stand.hub.calls.length = 0;
    const before = await stand.statuses();
    const outcome = await stand.decomposition.sync({ issue: stand.number, isDryRun: true });

    expect(outcome).toMatchObject({
      acts: [
        { kind: "import", tasks: expect.arrayContaining(["T2"]) },
        { kind: "close", number: child(stand, "T1") },
        { kind: "comment" },
      ],
    });
    expect(await stand.statuses()).toEqual(before);
    expect(stand.hub.calls.filter((name) => /update|edit|create|comment$/u.test(name))).toEqual([]);
  });

  test("asks for the closer by itself where the host's lists leave it out", async () => {
    const stand = await created({ caps: { listsClosers: false } });
    stand.hub.close(child(stand, "T1"), stand.mallory);
    await sync(stand);
    expect(await stand.statuses()).toMatchObject({ T1: "pending" });

    stand.hub.close(child(stand, "T2"), stand.ann);
    await sync(stand);
    expect(await stand.statuses()).toMatchObject({ T2: "done" });
  });

  test("takes a plan into a second database as it stands on GitHub", async () => {
    const stand = await created({ hasDatabase: false });
    stand.hub.close(child(stand, "T1"), stand.ann);
    stand.hub.close(child(stand, "T4"), stand.ann, "not_planned");
    await sync(stand);
    await expectQuiet(stand);
    expect(await stand.statuses()).toEqual({});

    const other = await createDecompositionStand();
    const { createDecomposition, createWork } =
      await import("../../../src/core/decomposition/index.ts");
    const decomposition = createDecomposition({
      issueLimit: null,
      host: stand.hub.host,
      sign: null,
      findDraft: null,
      readBase: async () => Promise.resolve(null),
      work: createWork({ ...other.skein, actor: "system" }),
    });
    await decomposition.sync({ issue: stand.number });
    expect(await other.statuses()).toEqual({
      T1: "done",
      T2: "pending",
      T3: "pending",
      T4: "canceled",
    });
  });
});

describe("onIssueEvent", () => {
  test("syncs the plan of a child by what the event says", async () => {
    const stand = await created({ caps: { listsClosers: false } });
    const number = child(stand, "T1");
    stand.hub.close(number, stand.ann);
    const event = { action: "closed", issue: stand.hub.issue(number), sender: stand.ann } as const;

    expect(await stand.decomposition.onIssueEvent(event)).toMatchObject({
      kind: "synced",
      done: 1,
    });
    expect(stand.hub.calls).toEqual([
      "self",
      "comments",
      "children",
      "permissionOf",
      "editComment",
    ]);
  });

  test("honours a reopening that comes before Skein has noted its own close", async () => {
    const stand = await created();
    await work(stand, "c0ffee".repeat(6));
    stand.hub.failAt(5, "before");
    await sync(stand).catch(() => null);
    stand.hub.failAt(0, "before");
    const number = child(stand, "T1");
    stand.hub.reopen(number);
    const event = {
      action: "reopened",
      issue: stand.hub.issue(number),
      sender: stand.ann,
    } as const;
    await stand.decomposition.onIssueEvent(event);

    expect(stand.hub.issue(number).isOpen).toBe(true);
    expect(await stand.statuses()).toMatchObject({ T1: "done", "T1.r2": "pending" });
  });

  test("is not moved by an issue that only copies a child's hidden line", async () => {
    const stand = await created();
    const { body } = stand.hub.issue(child(stand, "T1"));
    const copy = stand.hub.open(stand.mallory, { title: "Mine", body });
    const { ann } = stand;
    stand.hub.close(copy.number, ann);

    expect(
      await stand.decomposition.onIssueEvent({ action: "closed", issue: copy, sender: ann }),
    ).toEqual({ kind: "not-ours" });
    expect(await stand.statuses()).toMatchObject({ T1: "pending" });
  });

  test("makes no call for an issue that is nobody's child", async () => {
    const stand = await created();
    const issue = stand.hub.issue(stand.number);
    const event = { action: "edited", issue, sender: stand.mallory } as const;

    expect(await stand.decomposition.onIssueEvent(event)).toEqual({ kind: "not-ours" });
    expect(stand.hub.calls).toEqual([]);
  });
});

describe("a sync that fails at any call", () => {
  test.each(
    [1, 2, 3, 4, 5, 6, 7, 8].flatMap((call) => [
      [call, "before"] as const,
      [call, "after"] as const,
    ]),
  )("at call %i, %s it is done, is completed by the next", async (call, moment) => {
    const stand = await created();
    await work(stand, "c0ffee".repeat(6));
    stand.hub.close(child(stand, "T2"), stand.ann);
    stand.hub.close(child(stand, "T3"), stand.mallory);
    stand.hub.failAt(call, moment);
    await sync(stand).catch(() => null);
    stand.hub.failAt(0, "before");
    await sync(stand);

    expect(await stand.statuses()).toEqual({
      T1: "done",
      T2: "done",
      T3: "pending",
      T4: "pending",
    });
    expect(stand.hub.issue(child(stand, "T1"))).toMatchObject({ isOpen: false });
    await expectQuiet(stand);
  });
});

test("parents names the issues that have children of ours", async () => {
  const stand = await created();

  expect(await stand.decomposition.parents()).toEqual([stand.number]);
});

const aChild: ChildState = {
  key: "T1",
  number: 11,
  id: 11,
  round: 2,
  settled: "open",
  closer: null,
  isLinked: true,
  work: null,
  spentMicroUsd: 100,
  commit: "c0ffee",
};

describe("withWork", () => {
  test.each([
    [100, 150],
    [500, 500],
  ])("of a child that has cost %i knows all attempts, and forgets nothing: %i", (before, after) => {
    const task = { status: "claimed", spentMicroUsd: 50, commit: null } as const;
    const tasks = new Map([
      ["T1", { ...task, spentMicroUsd: 100 }],
      ["T1.r2", task],
      ["T1.r3", task],
    ]);
    const worked = { isCanceled: false, issueMicroUsd: 0, tasks };

    expect(withWork({ ...aChild, spentMicroUsd: before }, worked)).toMatchObject({
      work: "claimed",
      spentMicroUsd: after,
      commit: "c0ffee",
    });
  });
});

describe("taskPlan", () => {
  test.each([
    [null, "high"],
    [[], "medium"],
    [["priority:low"], "low"],
  ])(
    "with the labels %j gives a task that was planned as high the priority %s",
    (labels, priority) => {
      const planned = {
        key: "T1",
        title: "Prices",
        outcome: "",
        scope: [],
        accept: [],
        minutes: 30,
        dependsOn: [],
        skills: [],
        priority: "high",
        spec: "",
        tokens: 0,
        microUsd: null,
      } as const;
      const words = labels === null ? [] : [["T1", { title: "Prices", labels }] as const];

      const { tasks } = taskPlan(
        { id: "gh-1", title: "", reason: "", children: [planned] },
        [aChild],
        new Map(words),
      );

      expect(tasks).toMatchObject([{ id: "T1.r2", priority }]);
    },
  );
});
