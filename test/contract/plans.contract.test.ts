import { expect, test } from "vitest";
import { editWithReload } from "../../src/core/plans/index.ts";
import type { Candidate, PlanChange } from "../../src/core/plans/index.ts";
import type { Transaction } from "../../src/core/store/index.ts";
import { boardMigrations, openBoard, system } from "../support/plan-board.ts";
import { eachStore } from "../support/stores.ts";
import { aPlan, aTask, chain } from "../core/plans/builders.ts";

const demo = (id: string) => ({ plan: "demo", id });

async function codeOf(work: Promise<unknown>): Promise<string> {
  const outcome = await work.then(
    () => "no error",
    (error: unknown) => error,
  );
  return outcome instanceof Error && "code" in outcome ? String(outcome.code) : String(outcome);
}

const groupAfter = (dependsOn: readonly string[]) =>
  aPlan([
    aTask({ id: "A" }),
    aTask({ id: "Group", dependsOn }),
    aTask({ id: "B", parent: "Group" }),
  ]);

eachStore("plans", (open) => {
  async function board(draft = chain("A", "B:A", "C:B")) {
    const { store, time } = await open({ migrations: boardMigrations });
    const made = openBoard(store);
    const importing = (plan: typeof draft) =>
      store.write((tx) => made.plans.importPlan(tx, plan, system));
    await importing(draft);
    return { ...made, store, time, importing };
  }

  test("hands out what waits for nothing, in the order of the score", async () => {
    const { ready } = await board(
      aPlan([
        aTask({ id: "C", priority: "medium", minutes: 5, files: ["c"] }),
        aTask({ id: "B", priority: "high", dependsOn: ["E", "F"], minutes: 30 }),
        aTask({ id: "D", priority: "high", minutes: 15 }),
        aTask({ id: "A", priority: "critical", minutes: 10 }),
        ...["G", "H", "I"].map((id) => aTask({ id, dependsOn: ["D"], priority: "low" })),
        aTask({ id: "E", isDone: true }),
        aTask({ id: "F", isDone: true }),
      ]),
    );

    expect(await ready()).toEqual(["A", "D", "C", "B"]);
  });

  test("gives equal scores by age", async () => {
    const { ready, importing } = await board(chain("Z", "Y"));
    await importing({ ...chain("X"), id: "later" });

    expect(await ready()).toEqual(["Z", "Y", "X"]);
  });

  test("pages through candidates without a gap or a repetition", async () => {
    const ids = Array.from({ length: 25 }, (_, at) => `T${String(at)}`);
    const { store, plans } = await board(chain(...ids));
    const seen: string[] = [];
    let after: Candidate | null = null;
    for (;;) {
      const page: readonly Candidate[] = await store.read((reader) =>
        plans.candidates(reader, { plan: "demo", after, limit: 7 }),
      );
      seen.push(...page.map(({ id }) => id));
      after = page.at(-1) ?? null;
      if (after === null) {
        break;
      }
    }

    expect(seen).toEqual(ids);
  });

  test("lets a dependent start only when what it waits for is done", async () => {
    const { claim, submit, store, plans, ready } = await board();
    await submit("A", await claim("A"));

    expect(await ready()).toEqual([]);

    const done = await store.write((tx) => plans.done(tx, { ...system, task: demo("A") }));

    expect(done.unblocked).toEqual(["B"]);
    expect(await ready()).toEqual(["B"]);
  });

  test("gives a task to one of two claims that read it at the same version", async () => {
    const { store, plans } = await board();
    const task = await store.read((reader) => plans.get(reader, demo("A")));
    const claims = [];
    for (const session of ["s1", "s2"] as const) {
      const claim = { task, session, fence: 7, gitDir: "/w/.git", branch: "b" };
      claims.push(await store.write((tx) => plans.claim(tx, claim)));
    }

    expect(claims.map((change) => change !== null)).toEqual([true, false]);
  });

  test("gives nobody what waits, groups others or stands in a paused plan", async () => {
    const { store, plans } = await board(
      aPlan([
        aTask({ id: "Group" }),
        aTask({ id: "A", parent: "Group" }),
        aTask({ id: "B", dependsOn: ["A"] }),
      ]),
    );
    const isGiven = async (id: string) => {
      const task = await store.read((reader) => plans.get(reader, demo(id)));
      const claim = { task, session: "s1", fence: 9, gitDir: null, branch: null } as const;
      return (await store.write((tx) => plans.claim(tx, claim))) !== null;
    };

    expect([await isGiven("Group"), await isGiven("B")]).toEqual([false, false]);

    const act = { ...system, plan: "demo", reason: "Lunch" };
    await store.write((tx) => plans.pausePlan(tx, act));
    expect(await isGiven("A")).toBe(false);
    await store.write((tx) => plans.resumePlan(tx, act));
    expect(await isGiven("A")).toBe(true);
  });

  test("refuses every write under another fence, and says what holds now", async () => {
    const { claim, store, plans } = await board();
    const fence = await claim("A");
    const under = { ...system, task: demo("A"), session: "s1", fence: fence + 1 } as const;
    const writes = [
      () => store.write((tx) => plans.progress(tx, { ...under, percent: 5, note: null })),
      () =>
        store.write((tx) =>
          plans.submit(tx, { ...under, summary: "", commit: null, branch: null }),
        ),
      () => store.write((tx) => plans.release(tx, { ...under, reason: "" })),
      () => store.write((tx) => plans.fail(tx, { ...under, failure: "network", summary: "" })),
      () => store.write((tx) => plans.lose(tx, { ...under, failure: "session_lost", summary: "" })),
    ];

    for (const write of writes) {
      expect(await codeOf(write())).toBe("SKN-4401");
    }
    expect((await store.read((reader) => plans.get(reader, demo("A")))).status).toBe("claimed");
  });

  test("tells whoever has the right fence under another identity whose it is, and what to do", async () => {
    const { claim, submit } = await board();
    const fence = await claim("A", "s1");

    await expect(submit("A", fence, "s2")).rejects.toMatchObject({
      code: "SKN-4401",
      message: "demo/A is held by s1 under this fence, and the call came as s2.",
      fix: expect.stringContaining("`skein task reassign demo/A --to s2 --reason TEXT`"),
    });
  });

  test("tells whoever submits once more that the claim has ended, and not that somebody holds it", async () => {
    const { claim, submit } = await board();
    const fence = await claim("A", "s1");
    await submit("A", fence, "s1");

    for (const session of ["s1", "s2"] as const) {
      await expect(submit("A", fence, session)).rejects.toMatchObject({
        code: "SKN-4401",
        message: `Fence ${String(fence)} of ${session} is not the current one of A: it is submitted, nobody holds it.`,
        fix: expect.stringMatching(/^Write nothing more for it/u),
      });
    }
  });

  test("refuses the fence of a session that came back from the dead", async () => {
    const { claim, submit, store, plans } = await board();
    const old = await claim("A", "s1");
    const under = { ...system, task: demo("A"), session: "s1", fence: old } as const;
    await store.write((tx) =>
      plans.lose(tx, { ...under, failure: "session_lost", summary: "It is gone" }),
    );
    const current = await claim("A", "s2");

    expect(await codeOf(submit("A", old, "s1"))).toBe("SKN-4401");
    expect((await submit("A", current, "s2")).status).toBe("submitted");
  });

  test("keeps every attempt with its cause", async () => {
    const { fail, finish, store, plans, time } = await board();
    await fail("A", "agent_error", "s1");
    time.advance(1);
    await finish("A");

    const attempts = await store.read((reader) => plans.attemptsOf(reader, demo("A")));

    expect(attempts.map(({ number, outcome, cause }) => [number, outcome, cause])).toEqual([
      [1, "failed", "agent_error"],
      [2, "submitted", null],
    ]);
  });

  test("tells the next attempt what went wrong, and avoids who failed", async () => {
    const { fail, task } = await board();
    await fail("A", "agent_error", "s3");

    expect(await task("A")).toMatchObject({
      status: "pending",
      avoidSession: "s3",
      feedback: "It broke",
    });
  });

  test("waits before it tries again after a network failure", async () => {
    const { fail, ready, store, plans } = await board();
    await fail("A", "network");

    expect(await ready()).toEqual([]);
    expect(await store.read((reader) => plans.delayed(reader, null))).toMatchObject({ count: 1 });
    expect(await store.read((reader) => plans.obstacles(reader, demo("A")))).toMatchObject([
      { kind: "time", isRetry: true },
    ]);
  });

  test("blocks what waits for a dead letter, and queues it again when that is retried", async () => {
    const { fail, statuses, store, plans, task, replayed } = await board();
    await fail("A", "budget");

    expect(await statuses()).toEqual({ A: "failed", B: "blocked", C: "blocked" });
    expect(await task("A")).toMatchObject({ isDeadLetter: true, reason: "It broke" });
    expect((await task("C")).reason).toBe("A failed");
    expect(await replayed()).toEqual(await statuses());

    const retried = await store.write((tx) => plans.retryTask(tx, { ...system, task: demo("A") }));

    expect(retried.revived).toEqual(["B", "C"]);
    expect(await statuses()).toEqual({ A: "pending", B: "pending", C: "pending" });
    expect(await replayed()).toEqual(await statuses());
  });

  test("keeps a task blocked while another of its dependencies stays failed", async () => {
    const { fail, statuses, store, plans } = await board(chain("A", "B", "C:A,B"));
    await fail("A", "budget");
    await fail("B", "budget");
    await store.write((tx) => plans.retryTask(tx, { ...system, task: demo("A") }));

    expect(await statuses()).toEqual({ A: "pending", B: "failed", C: "blocked" });

    await store.write((tx) => plans.retryTask(tx, { ...system, task: demo("B") }));

    expect((await statuses())["C"]).toBe("pending");
  });

  test("cancels a running dependent and tells which claim ended", async () => {
    const { claim, fail, importing, store, plans, statuses, task, replayed } = await board(
      groupAfter([]),
    );
    const fence = await claim("B", "s2");
    await importing(groupAfter(["A"]));
    const own = await claim("A");
    const under = { ...system, task: demo("A"), session: "s1", fence: own } as const;
    const outcome = await store.write((tx) =>
      plans.fail(tx, { ...under, failure: "budget", summary: "No money" }),
    );

    expect(outcome).toMatchObject({
      blocked: ["Group"],
      canceled: [{ plan: "demo", id: "B", session: "s2", fence }],
    });
    expect(await task("B")).toMatchObject({ status: "canceled", reason: "A failed" });
    expect(await replayed()).toEqual(await statuses());
    expect((await store.read((reader) => plans.getPlan(reader, "demo"))).status).toBe("finished");

    await store.write((tx) => plans.retryTask(tx, { ...system, task: demo("A") }));
    expect(await statuses()).toEqual({ A: "pending", Group: "pending", B: "pending" });
    await fail("A", "budget");
    expect(await statuses()).toEqual({ A: "failed", Group: "blocked", B: "blocked" });
  });

  test("completes containers from the inside out, and what waits for them", async () => {
    const { finish, statuses, ready, replayed } = await board(
      aPlan([
        aTask({ id: "Outer" }),
        aTask({ id: "Inner", parent: "Outer" }),
        aTask({ id: "A", parent: "Inner" }),
        aTask({ id: "B", parent: "Outer" }),
        aTask({ id: "After", dependsOn: ["Outer"] }),
      ]),
    );

    expect(await ready()).toEqual(["A", "B"]);

    await finish("A");
    expect(await statuses()).toMatchObject({ Inner: "done", Outer: "pending" });
    expect(await finish("B")).toEqual(["After"]);
    expect(await statuses()).toMatchObject({ Outer: "done", After: "pending" });
    expect(await replayed()).toEqual(await statuses());
  });

  test("lets the children of a container wait for what the container depends on", async () => {
    const { finish, ready } = await board(
      aPlan([
        aTask({ id: "First" }),
        aTask({ id: "Group", dependsOn: ["First"] }),
        aTask({ id: "A", parent: "Group" }),
      ]),
    );

    expect(await ready()).toEqual(["First"]);
    expect(await finish("First")).toEqual(["A"]);
  });

  test("pauses a plan by itself when more than 15 % of at least seven attempts failed, those not counted that a locked file kept out", async () => {
    const done = ["A", "B", "C", "D", "E"];
    const { finish, fail, store, plans, ready } = await board(chain(...done, "F", "G", "H", "I"));
    for (const id of done) {
      await finish(id);
    }
    await fail("I", "file_locked");
    await fail("F", "budget");
    expect(await ready()).toEqual(["G", "H"]);
    await fail("G", "budget");

    const plan = await store.read((reader) => plans.getPlan(reader, "demo"));
    expect(plan).toMatchObject({
      status: "paused",
      pauseReason: expect.stringContaining("2 of 7"),
    });
    expect(await ready()).toEqual([]);
    const act = { ...system, plan: "demo", reason: "Mended" };
    await store.write((tx) => plans.resumePlan(tx, act));
    expect(await ready()).toEqual(["H"]);
  });

  test("calls a plan finished when every task has ended", async () => {
    const { finish, fail, store, plans } = await board(chain("A", "B"));
    await finish("A");
    await fail("B", "budget");

    expect((await store.read((reader) => plans.getPlan(reader, "demo"))).status).toBe("finished");
  });

  test("sends a submitted task back with feedback once, then to a person", async () => {
    const { claim, submit, store, plans, task } = await board(chain("A"));
    const reject = () =>
      store.write((tx) =>
        plans.reject(tx, {
          ...system,
          task: demo("A"),
          failure: "git_conflict",
          summary: "src/a.ts conflicts",
        }),
      );
    await submit("A", await claim("A"));
    const first = await reject();
    await submit("A", await claim("A"));
    const second = await reject();

    expect([first.decision.kind, second.decision.kind]).toEqual(["retry", "person"]);
    expect(await task("A")).toMatchObject({ status: "failed", feedback: "src/a.ts conflicts" });
  });

  test("finds a task by its id alone unless several plans have it", async () => {
    const { store, plans, importing, claim } = await board(chain("A", "B"));
    const find = (name: string, session: "s1" | null = null) =>
      store.read((reader) => plans.resolve(reader, name, session));

    expect((await find("A")).plan).toBe("demo");

    await importing({ ...chain("A"), id: "other" });
    expect(await codeOf(find("A"))).toBe("SKN-5403");
    expect(await codeOf(find("Q"))).toBe("SKN-5402");
    expect((await find("other/A")).plan).toBe("other");
    await claim("A", "s1");
    expect((await find("A", "s1")).plan).toBe("demo");
  });

  test("names what a task waits for", async () => {
    const { store, plans, claim } = await board();
    await claim("A");

    expect(await store.read((reader) => plans.obstacles(reader, demo("B")))).toEqual([
      { kind: "dependency", task: "A", status: "claimed", isLanded: false },
    ]);
    expect(await store.read((reader) => plans.obstacles(reader, demo("A")))).toMatchObject([
      { kind: "held", session: "s1" },
    ]);
  });

  test("gives a released task back to the queue and remembers who let it go", async () => {
    const { store, plans, claim, task, ready } = await board(chain("A"));
    const fence = await claim("A");
    const under = { ...system, task: demo("A"), session: "s1", fence } as const;
    await store.write((tx) => plans.release(tx, { ...under, reason: "Too hard" }));

    expect(await ready()).toEqual(["A"]);
    expect(await task("A")).toMatchObject({ session: null, fence: null, avoidSession: "s1" });
  });

  test("refuses an edit of a plan that changed in the meantime", async () => {
    const { store, plans } = await board();
    const edit = (version: number, title: string) =>
      store.write((tx) =>
        plans.editPlan(tx, { ...system, plan: "demo", version, edit: { title } }),
      );
    const edited = await edit(1, "Second");

    expect(edited).toMatchObject({ title: "Second", version: 2 });
    expect(await codeOf(edit(1, "Third"))).toBe("SKN-4402");
  });

  test("goes on with a container when a child is canceled, and ends it with the last", async () => {
    const plan = aPlan([
      aTask({ id: "Group" }),
      aTask({ id: "A", parent: "Group" }),
      aTask({ id: "B", parent: "Group" }),
      aTask({ id: "After", dependsOn: ["Group"] }),
    ]);
    const { store, plans, statuses, replayed, finish } = await board(plan);
    const cancel = (id: string) =>
      store.write((tx) => plans.cancelTask(tx, { ...system, task: demo(id), reason: "No" }));
    await cancel("A");
    expect(await statuses()).toMatchObject({ A: "canceled", Group: "pending", After: "pending" });
    await cancel("B");
    expect(await statuses()).toMatchObject({ B: "canceled", Group: "canceled", After: "blocked" });
    await store.write((tx) => plans.retryTask(tx, { ...system, task: demo("B") }));
    expect(await statuses()).toMatchObject({ B: "pending", Group: "pending", After: "pending" });
    expect(await finish("B")).toEqual(["After"]);
    expect(await statuses()).toMatchObject({ A: "canceled", Group: "done", After: "pending" });
    expect(await replayed()).toEqual(await statuses());
  });

  test("cancels and retries a container with all that is in it", async () => {
    const plan = aPlan([
      aTask({ id: "Group" }),
      aTask({ id: "A", parent: "Group" }),
      aTask({ id: "After", dependsOn: ["A"] }),
    ]);
    const { store, plans, statuses, replayed } = await board(plan);
    const group = demo("Group");
    await store.write((tx) => plans.cancelTask(tx, { ...system, task: group, reason: "No" }));
    expect(await statuses()).toEqual({ Group: "canceled", A: "canceled", After: "blocked" });
    await store.write((tx) => plans.retryTask(tx, { ...system, task: group }));
    expect(await statuses()).toEqual({ Group: "pending", A: "pending", After: "pending" });
    expect(await replayed()).toEqual(await statuses());
  });

  test("works an edit out again when somebody else was faster, three times in all", async () => {
    const { store, plans } = await board();
    const seen: number[] = [];
    const edited = (rivals: number) => {
      let left = rivals;
      const rival = async (tx: Transaction, change: PlanChange) => {
        left -= 1;
        if (left >= 0) {
          await plans.editPlan(tx, { ...change, edit: { budgetMicroUsd: left } });
        }
        return plans.editPlan(tx, change);
      };
      return editWithReload(
        store,
        { ...plans, editPlan: rival },
        {
          ...system,
          plan: "demo",
          edit: ({ version }) => {
            seen.push(version);
            return { title: "Mine" };
          },
        },
      );
    };

    expect((await edited(2)).title).toBe("Mine");
    expect(seen).toHaveLength(3);
    expect(await codeOf(edited(3))).toBe("SKN-4402");
  });

  test("refuses to retry what was stopped with another task, and names that one", async () => {
    const { fail, store, plans } = await board();
    await fail("A", "budget");
    const retry = store.write((tx) => plans.retryTask(tx, { ...system, task: demo("B") }));

    await expect(retry).rejects.toMatchObject({
      code: "SKN-4403",
      fix: expect.stringContaining("skein task retry demo/A"),
    });
  });

  test("cancels a plan with all of its tasks and starts it anew with an import", async () => {
    const { store, plans, statuses, claim, importing, replayed, finish } = await board();
    await finish("A");
    const fence = await claim("B");
    const act = { ...system, plan: "demo", reason: "Not needed" };
    const canceled = await store.write((tx) => plans.cancelPlan(tx, act));

    expect(canceled.ended).toEqual([{ plan: "demo", id: "B", session: "s1", fence, cause: 8 }]);
    expect(await statuses()).toEqual({ A: "done", B: "canceled", C: "canceled" });
    expect(await replayed()).toEqual(await statuses());

    await importing(chain("A", "B:A", "C:B"));
    expect(await statuses()).toEqual({ A: "done", B: "pending", C: "pending" });
    expect(await replayed()).toEqual(await statuses());
  });
});
