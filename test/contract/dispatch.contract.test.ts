import { describe, expect, test } from "vitest";
import {
  aCaller,
  aPlan,
  aProcess,
  aTask,
  createStand,
  finish,
  next,
} from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { aSend } from "../support/nouns.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import type { PlanDraft } from "../../src/core/plans/index.ts";

const ada = aCaller("ada");
const bob = aCaller("bob");

async function standWith(open: OpenTestStore, plan: PlanDraft): Promise<CoordinationStand> {
  const stand = await createStand(open);
  await stand.dispatch.importPlan(plan, { actor: "person:ana" });
  return stand;
}

eachStore("dispatch", (open) => {
  describe("nextTask", () => {
    test("hands out tasks in the order of their scores, and keeps one whose path is leased back", async () => {
      const stand = await standWith(
        open,
        aPlan([
          aTask("X", { minutes: 5 }),
          aTask("Y", { minutes: 5 }),
          aTask("A", { priority: "critical", minutes: 10, files: ["a/**"] }),
          aTask("B", { priority: "high", dependsOn: ["X", "Y"], files: ["b/**"] }),
          aTask("C", { minutes: 5, files: ["c/x.ts"] }),
          aTask("D", { priority: "high", minutes: 15, files: ["d/**"] }),
        ]),
      );
      await stand.dispatch.claimFiles({
        caller: aCaller("holder"),
        paths: ["c/"],
        mode: "exclusive",
        durationMs: null,
        reason: "reads c",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });

      const given: (string | undefined)[] = [];
      for (const name of ["one", "two", "three", "four", "five"]) {
        const outcome = await stand.dispatch.nextTask(next(aCaller(name)));
        given.push(outcome.claim?.task.id);
      }

      expect(given).toEqual(["A", "D", "X", "Y", undefined]);
    });

    test("brings the same task and the same messages again for the same key, as after a lost reply", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2")]));
      const { dispatch, store, messages } = stand;
      await dispatch.identify(ada);
      const send = (text: string) => store.write((tx) => messages.send(tx, aSend({ text })));
      await send("first");

      const lost = await dispatch.nextTask(next(ada, { key: "k1" }));
      await send("second");
      const replayed = await dispatch.nextTask(next(ada, { key: "k1" }));
      const later = await dispatch.nextTask(next(ada, { key: "k2" }));

      const texts = (outcome: typeof lost): readonly string[] =>
        outcome.inbox.map(({ text }) => text);
      expect(texts(lost)).toEqual(["first"]);
      expect(texts(replayed)).toEqual(["first"]);
      expect(replayed.claim?.task.id).toBe(lost.claim?.task.id);
      expect(texts(later)).toEqual(["second"]);
    });

    test("brings messages again for the same key where there was no task", async () => {
      const { dispatch, store, messages } = await createStand(open);
      await dispatch.identify(ada);
      await store.write((tx) => messages.send(tx, aSend({ text: "only" })));

      const lost = await dispatch.nextTask(next(ada, { key: "k1" }));
      const replayed = await dispatch.nextTask(next(ada, { key: "k1" }));

      expect([lost.claim, replayed.claim]).toEqual([null, null]);
      expect(replayed.inbox).toEqual(lost.inbox);
      expect(lost.inbox).toHaveLength(1);
    });

    test("takes the task, its leases and its fence under one event", async () => {
      const stand = await standWith(open, aPlan([aTask("T1", { files: ["src/**"] })]));

      const { claim, standing } = await stand.dispatch.nextTask(next(ada));

      expect(standing.joined).toBe(true);
      expect(claim?.leases).toMatchObject([{ session: standing.session.id, fence: claim?.fence }]);
      const event = await stand.store.read(async (reader) =>
        stand.events.after(reader, (claim?.fence ?? 0) - 1, 1),
      );
      expect(event).toMatchObject([{ kind: "task.claimed", seq: claim?.fence }]);
    });

    test("gives a session its unfinished claim again", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2")]));
      const first = await stand.dispatch.nextTask(next(ada));

      const second = await stand.dispatch.nextTask(next(ada));

      expect(second.claim).toMatchObject({ isHeld: true, fence: first.claim?.fence });
      expect(second.claim?.task.id).toBe("T1");
    });

    test("never hands out overlapping scopes together", async () => {
      const stand = await standWith(
        open,
        aPlan([aTask("T1", { files: ["src/*.ts"] }), aTask("T2", { files: ["src/a.*"] })]),
      );
      await stand.dispatch.nextTask(next(ada));

      const outcome = await stand.dispatch.nextTask(next(bob));

      expect(outcome.claim).toBeNull();
      expect(outcome.waiting).toMatchObject({ onPaths: 1, claimed: 1 });
      expect(outcome.waiting?.reasons[0]).toContain("T2 waits for src/a.*, held by ada");
    });

    test("gives paths that await integration to nobody, not even to who submitted them", async () => {
      const tasks = [aTask("T1", { files: ["src/"] }), aTask("T2", { files: ["src/a.ts"] })];
      const stand = await standWith(open, aPlan(tasks, { verify: "merge" }));
      const { claim } = await stand.dispatch.nextTask(next(ada));
      const done = finish(
        ada,
        { task: "T1", fence: claim?.fence ?? 0 },
        { commit: "a".repeat(40) },
      );
      await stand.dispatch.finishTask(done);

      const early = await stand.dispatch.nextTask(next(ada));
      await stand.store.write(async (tx) => {
        const landed = { commit: "b".repeat(40), actor: "system", cause: null } as const;
        await stand.leases.integrated(tx, { plan: "demo", task: "T1", ...landed });
      });
      const late = await stand.dispatch.nextTask(next(ada));

      expect(early.claim).toBeNull();
      expect(early.waiting).toMatchObject({ onPaths: 1, submitted: 1 });
      expect(late.claim?.task.id).toBe("T2");
      expect(late.claim?.baseCommits).toEqual(["b".repeat(40)]);
    });

    test("does not give a task before what it depends on is done", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2", { dependsOn: ["T1"] })]));
      const { claim } = await stand.dispatch.nextTask(next(ada));

      const early = await stand.dispatch.nextTask(next(bob));
      await stand.dispatch.finishTask(finish(ada, { task: "T1", fence: claim?.fence ?? 0 }));
      const late = await stand.dispatch.nextTask(next(bob));

      expect(early.claim).toBeNull();
      expect(late.claim?.task.id).toBe("T2");
      expect(late.claim?.results).toMatchObject([{ task: "T1", summary: "done" }]);
    });

    test("prefers files that the session held before, then its skills, among equal scores", async () => {
      const stand = await standWith(
        open,
        aPlan([
          aTask("T1", { files: ["lib/a.ts"] }),
          aTask("T2", { files: ["web/a.ts"], skills: ["css"] }),
          aTask("T3", { files: ["api/a.ts"] }),
        ]),
      );
      const carl = aCaller("carl", { skills: ["css"] });
      await stand.dispatch.claimFiles({
        caller: ada,
        paths: ["api/"],
        mode: "exclusive",
        durationMs: null,
        reason: "",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      });
      await stand.dispatch.releaseFiles({ caller: ada, leases: [], key: null });

      const ofAda = await stand.dispatch.nextTask(next(ada));
      const ofCarl = await stand.dispatch.nextTask(next(carl));

      expect([ofAda.claim?.task.id, ofCarl.claim?.task.id]).toEqual(["T3", "T2"]);
    });

    test("answers a repeated key with the same claim, and refuses it for another call", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2")]));
      const first = await stand.dispatch.nextTask(next(ada, { key: "k1" }));
      const again = await stand.dispatch.nextTask(next(ada, { key: "k1" }));

      const other = stand.dispatch.nextTask(next(ada, { key: "k1", plan: "demo" }));

      expect(again.claim?.fence).toBe(first.claim?.fence);
      await expect(other).rejects.toMatchObject({ code: "SKN-4301" });
    });

    test("waits until a task becomes ready", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2", { dependsOn: ["T1"] })]));
      const { claim } = await stand.dispatch.nextTask(next(ada));
      const waiting = stand.dispatch.nextTask(next(bob, { waitMs: 20_000 }));

      await stand.dispatch.finishTask(finish(ada, { task: "T1", fence: claim?.fence ?? 0 }));

      expect((await waiting).claim?.task.id).toBe("T2");
    });

    test("takes a named task and tells why another is not to be had", async () => {
      const stand = await standWith(
        open,
        aPlan([aTask("T1"), aTask("T2", { dependsOn: ["T1"] }), aTask("T3")]),
      );

      const blocked = await stand.dispatch.nextTask(next(ada, { task: "T2" }));
      const named = await stand.dispatch.nextTask(next(ada, { task: "T3" }));

      expect(blocked.waiting).toMatchObject({
        ready: 2,
        onDependencies: 1,
        onPaths: 0,
        onTime: 0,
        reasons: ["It waits for T1, which is pending."],
      });
      expect(named.claim?.task.id).toBe("T3");
    });

    test("tells of a paused plan who paused it, since when, why, and what lets it go on", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2", { dependsOn: ["T1"] })]));
      await stand.dispatch.importPlan(
        aPlan([aTask("S1"), aTask("S2", { dependsOn: ["S1"] })], { id: "shop" }),
        { actor: "person:ana" },
      );
      await stand.dispatch.nextTask(next(bob, { plan: "shop" }));
      await stand.dispatch.pausePlan("demo", { actor: "person:ana", reason: "the API changes" });
      const paused =
        /^Plan demo is paused since \d\d:\d\d UTC by person:ana: the API changes\.(?: A person can run `skein plan resume demo`\.)?$/u;

      const any = await stand.dispatch.nextTask(next(ada));
      const named = await stand.dispatch.nextTask(next(ada, { task: "T1" }));
      const { reasons } = await stand.dispatch.why("T1", null);
      await stand.dispatch.resumePlan("demo", { actor: "person:ana", reason: "it is settled" });
      const { claim } = await stand.dispatch.nextTask(next(ada));

      expect(any.waiting).toMatchObject({ onPause: 2, onDependencies: 1, ready: 0, claimed: 1 });
      expect(any.waiting?.reasons).toEqual([expect.stringMatching(paused)]);
      expect(any.waiting?.reasons[0]).toContain("skein plan resume demo");
      expect(named.waiting?.reasons).toEqual([expect.stringMatching(paused)]);
      expect(reasons).toEqual([
        {
          code: "plan_paused",
          text: expect.stringMatching(paused),
          next: "A person can run `skein plan resume demo`.",
        },
      ]);
      expect(claim?.task.id).toBe("T1");
    });

    test("passes over a task whose hard budget is used up", async () => {
      const poor = aPlan([aTask("T1", { priority: "high" })], { id: "poor", budgetMicroUsd: 0 });
      const stand = await standWith(open, poor);
      await stand.dispatch.importPlan(aPlan([aTask("T2")]), { actor: "person:ana" });

      const given = await stand.dispatch.nextTask(next(ada));
      const none = await stand.dispatch.nextTask(next(bob));
      const named = await stand.dispatch.nextTask(next(bob, { task: "poor/T1" }));

      expect(given.claim?.task.id).toBe("T2");
      expect(none.waiting?.reasons).toEqual([
        "The hard budget of plan:poor has too little left: 0.00 of 0.00 USD. A person can raise it.",
      ]);
      expect(named.waiting?.reasons).toEqual([
        "The hard budget of plan:poor has no room for it: 0.60 USD are asked for, 0.00 of 0.00 USD are left.",
      ]);
    });

    test("passes over all that a budget refused once, and gives what it still has room for", async () => {
      const dear = Array.from({ length: 100 }, (_, at) =>
        aTask(`D${String(at)}`, { priority: "high", minutes: 60 }),
      );
      const cheap = aTask("T1", { priority: "low", minutes: 1 });
      const poor = aPlan([...dear, cheap], { id: "poor", budgetMicroUsd: 150_000 });
      const stand = await standWith(open, poor);

      const given = await stand.dispatch.nextTask(next(ada));
      const none = await stand.dispatch.nextTask(next(bob));

      expect(given.claim?.task.id).toBe("T1");
      expect(none.waiting).toMatchObject({
        onPaths: 100,
        onTime: 0,
        reasons: [
          "The hard budget of plan:poor has too little left: 0.05 of 0.15 USD. A person can raise it.",
        ],
      });
    });
  });

  describe("importPlan", () => {
    test("refuses a scope that cannot be read, with task and line, and stores nothing", async () => {
      const stand = await createStand(open);
      const plan = aPlan([aTask("T1"), aTask("T2", { files: ["src/[a"], line: 7 })]);

      const refused = stand.dispatch.importPlan(plan, { actor: "person:ana" });

      await expect(refused).rejects.toMatchObject({
        code: "SKN-1505",
        message: expect.stringContaining("Line 7: the scope of T2: "),
        facts: { task: "T2", path: "src/[a", line: 7 },
      });
      expect(await stand.store.read((reader) => stand.plans.listPlans(reader))).toEqual([]);
    });
  });

  describe("nextTask with budgets", () => {
    test("tells once of a budget that the claim's reservation nearly uses up", async () => {
      const task = aTask("T1", { minutes: 45 });
      const stand = await standWith(open, aPlan([task], { budgetMicroUsd: 1_000_000 }));

      const first = await stand.dispatch.nextTask(next(ada));
      const again = await stand.dispatch.nextTask(next(ada));

      expect(first.claim?.warnings).toEqual([
        "The budget of plan:demo is nearly used up: 0.90 of 1.00 USD spent or reserved.",
      ]);
      expect(again.claim).toMatchObject({ isHeld: true, warnings: [] });
    });

    test("tells nothing of a budget that has room, and the same of a task that was named", async () => {
      const tasks = [aTask("T1", { minutes: 30 }), aTask("T2", { minutes: 45 })];
      const stand = await standWith(open, aPlan(tasks, { budgetMicroUsd: 1_600_000 }));

      const roomy = await stand.dispatch.nextTask(next(aCaller("ada"), { task: "T1" }));
      const tight = await stand.dispatch.nextTask(next(aCaller("bob"), { task: "T2" }));

      expect(roomy.claim?.warnings).toEqual([]);
      expect(tight.claim?.warnings).toEqual([
        "The budget of plan:demo is nearly used up: 1.50 of 1.60 USD spent or reserved.",
      ]);
    });

    test("falls back to an equal task when the one that suits best has no money left", async () => {
      const stand = await standWith(open, aPlan([aTask("T1")]));
      const rich = aTask("T2", { skills: ["css"] });
      const poor = aPlan([rich], { id: "poor", budgetMicroUsd: 0 });
      await stand.dispatch.importPlan(poor, { actor: "person:ana" });

      const outcome = await stand.dispatch.nextTask(next(aCaller("carl", { skills: ["css"] })));

      expect(outcome.claim?.task.id).toBe("T1");
    });
  });

  describe("finishTask", () => {
    test("keeps the leases until integration when the plan's work lands by merge", async () => {
      const stand = await standWith(
        open,
        aPlan([aTask("T1", { files: ["src/"] })], { verify: "merge" }),
      );
      const { claim } = await stand.dispatch.nextTask(next(ada));

      const done = await stand.dispatch.finishTask(
        finish(ada, { task: "T1", fence: claim?.fence ?? 0 }, { commit: "a".repeat(40) }),
      );

      expect(done.task.status).toBe("submitted");
      expect(done.landing).toMatchObject([{ origin: "landing", untilMs: null }]);
    });

    test("refuses a stale fence and changes nothing", async () => {
      const stand = await standWith(open, aPlan([aTask("T1")]));
      const { claim } = await stand.dispatch.nextTask(next(ada));

      const stale = stand.dispatch.finishTask(
        finish(ada, { task: "T1", fence: (claim?.fence ?? 0) - 1 }),
      );

      await expect(stale).rejects.toMatchObject({ code: "SKN-4401", kind: "conflict" });
      const task = await stand.store.read(async (reader) =>
        stand.plans.resolve(reader, "T1", null),
      );
      expect(task.status).toBe("claimed");
    });

    test("queues a failed task again with its cause's delay", async () => {
      const stand = await standWith(open, aPlan([aTask("T1")]));
      const { claim } = await stand.dispatch.nextTask(next(ada));

      const failed = await stand.dispatch.finishTask(
        finish(
          ada,
          { task: "T1", fence: claim?.fence ?? 0 },
          { outcome: "failed", cause: "network", summary: "no route" },
        ),
      );

      expect(failed.task.status).toBe("pending");
      expect(failed.retryAtMs).not.toBeNull();
    });

    test("claims the next task in the same call, once for a key", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2"), aTask("T3")]));
      const { claim } = await stand.dispatch.nextTask(next(ada));
      const request = finish(
        ada,
        { task: "T1", fence: claim?.fence ?? 0 },
        { claimNext: true, key: "f1" },
      );

      const first = await stand.dispatch.finishTask(request);
      const again = await stand.dispatch.finishTask(request);

      expect(first.next?.claim?.task.id).toBe("T2");
      expect(again.next?.claim?.fence).toBe(first.next?.claim?.fence);
    });
  });

  describe("recover", () => {
    test("returns the work of a dead process at once", async () => {
      const stand = await standWith(open, aPlan([aTask("T1", { files: ["src/"] })]));
      const caller = aCaller("ada", { process: aProcess(7) });
      await stand.dispatch.nextTask(next(caller));
      stand.deadProcesses.add(7);

      const recovery = await stand.dispatch.recover();
      const outcome = await stand.dispatch.nextTask(next(bob));

      expect(recovery.returnedTasks).toEqual(["demo/T1"]);
      expect(recovery.releasedLeases).toEqual(["L1"]);
      expect(outcome.claim?.task.id).toBe("T1");
    });

    test("refuses the dead session that comes back", async () => {
      const stand = await standWith(open, aPlan([aTask("T1")]));
      const caller = aCaller("ada", { process: aProcess(7) });
      const { claim, standing } = await stand.dispatch.nextTask(next(caller));
      stand.deadProcesses.add(7);
      await stand.dispatch.recover();

      const late = stand.dispatch.finishTask(
        finish({ ...caller, handle: standing.handle }, { task: "T1", fence: claim?.fence ?? 0 }),
      );

      await expect(late).rejects.toMatchObject({ code: "SKN-3302" });
    });
  });

  describe("why", () => {
    test("names everything that keeps a task back", async () => {
      const stand = await standWith(
        open,
        aPlan([
          aTask("T1", { files: ["a/"] }),
          aTask("T2", { files: ["a/b.ts"], dependsOn: ["T1"] }),
        ]),
      );
      await stand.dispatch.nextTask(next(ada));

      const why = await stand.dispatch.why("T2", null);

      expect(why.isReady).toBe(false);
      expect(why.reasons.map(({ code }) => code)).toEqual(["dependency", "paths"]);
    });
  });

  describe("overrides", () => {
    test("let a person take a task back and hand it to another, and refuse a stranger", async () => {
      const stand = await standWith(open, aPlan([aTask("T1"), aTask("T2")]));
      const given = await stand.dispatch.nextTask(next(ada));
      const other = await stand.dispatch.identify(bob);
      const act = { target: given.claim?.task.id ?? "", reason: "ada is on holiday" };

      const stranger = stand.dispatch.releaseTask({ ...act, by: other.session, person: null });
      await expect(stranger).rejects.toMatchObject({ code: "SKN-3801" });
      await stand.dispatch.reassign({ ...act, by: null, person: "ana", to: "bob" });

      const ofAda = await stand.dispatch.nextTask(next(ada));
      const ofBob = await stand.dispatch.nextTask(next(bob));
      expect([ofAda.claim?.task.id, ofBob.claim?.task.id]).toEqual(["T2", "T1"]);
    });
  });
});
