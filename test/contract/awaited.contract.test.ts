import { expect, test } from "vitest";
import type { Caller } from "../../src/core/dispatch/index.ts";
import type { PlanDraft } from "../../src/core/plans/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

const [ada, bob] = [aCaller("ada"), aCaller("bob")];

/** T2 and what follows wait for T1. */
function chain(odd: Partial<PlanDraft>): PlanDraft {
  return aPlan([aTask("T1"), aTask("T2", { dependsOn: ["T1"] })], odd);
}

async function handIn(stand: CoordinationStand, caller: Caller): Promise<void> {
  const { claim } = await stand.dispatch.nextTask(next(caller));
  const task = claim === null ? "none" : `${claim.task.plan}/${claim.task.id}`;
  await stand.dispatch.finishTask(finish(caller, { task, fence: claim?.fence ?? 0 }));
}

eachStore("what is awaited", (open) => {
  test("says that submitted work is to be integrated, and how", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(chain({ verify: "merge" }), { actor: "person:ana" });
    await handIn(stand, ada);

    const { waiting } = await stand.dispatch.nextTask(next(bob));
    const [submitted, dependant] = [
      await stand.dispatch.why("demo/T1", null),
      await stand.dispatch.why("demo/T2", null),
    ];

    expect(waiting).toMatchObject({
      submitted: 1,
      awaited: { toIntegrate: 1, toAccept: 0, toAnswer: 0 },
      reasons: [
        "demo/T1 waits to be integrated: a person's `skein integrate` lands it, `skein integrate --watch` whatever comes.",
      ],
    });
    const next1 = expect.stringContaining("`skein integrate`");
    expect(submitted.reasons).toMatchObject([
      { text: "It is submitted and not integrated yet.", next: next1 },
    ]);
    expect(dependant.reasons).toMatchObject([
      { text: "It waits for T1, which is submitted.", next: next1 },
    ]);
  });

  test("says that integrated work is to be accepted, and by whom", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(chain({ verify: "lead" }), { actor: "person:ana" });
    await handIn(stand, ada);
    await stand.store.write((tx) =>
      stand.plans.integrated(tx, {
        task: { plan: "demo", id: "T1" },
        commit: "c0ffee",
        actor: "system",
        cause: null,
      }),
    );

    const { waiting } = await stand.dispatch.nextTask(next(bob));
    const [integrated, dependant] = [
      await stand.dispatch.why("demo/T1", null),
      await stand.dispatch.why("demo/T2", null),
    ];

    expect(waiting).toMatchObject({
      submitted: 1,
      awaited: { toIntegrate: 0, toAccept: 1, toAnswer: 0 },
      reasons: [
        "demo/T1 is integrated and waits for a lead, a manager or a person to accept: `skein task verify demo/T1`.",
      ],
    });
    const accept = "A lead, a manager or a person accepts it: `skein task verify demo/T1`.";
    expect(integrated.reasons).toMatchObject([
      { text: "It is integrated and not accepted yet.", next: accept },
    ]);
    expect(dependant.reasons).toMatchObject([
      { text: "It waits for T1, which is integrated and not accepted yet.", next: accept },
    ]);
  });

  test("says so of a claim, however many sessions without one asked before", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
    const { standing } = await stand.dispatch.nextTask(next(ada));
    const idle = await Promise.all(
      Array.from({ length: 12 }, async (_, at) =>
        stand.dispatch.nextTask(next(aCaller(`idle${String(at)}`))),
      ),
    );
    const question = { question: "Which rate?", options: [], deadlineInMs: null };
    for (const { session } of idle.map((each) => each.standing)) {
      await stand.store.write((tx) =>
        stand.approvals.ask(tx, { ...question, session: session.id, plan: null, task: null }),
      );
    }
    const asked = { session: standing.session.id, plan: "demo", task: "T1" };
    await stand.store.write((tx) => stand.approvals.ask(tx, { ...question, ...asked }));

    const { waiting } = await stand.dispatch.nextTask(next(bob));

    expect(waiting?.awaited).toMatchObject({ toAnswer: 1 });
    expect(waiting?.reasons[0]).toContain("demo/T1 waits for a person to answer");
  });

  test("says whose claim waits for a person's answer, of the plan that is asked for alone", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(chain({}), { actor: "person:ana" });
    await stand.dispatch.importPlan(
      aPlan([aTask("X1"), aTask("X2", { dependsOn: ["X1"] })], { id: "other" }),
      {
        actor: "person:ana",
      },
    );
    const { standing } = await stand.dispatch.nextTask(next(ada, { plan: "demo" }));
    await stand.dispatch.nextTask(next(aCaller("cleo"), { plan: "other" }));
    await stand.store.write((tx) =>
      stand.approvals.ask(tx, {
        session: standing.session.id,
        plan: null,
        task: null,
        question: "Which rate?",
        options: [],
        deadlineInMs: null,
      }),
    );

    const { waiting } = await stand.dispatch.nextTask(next(bob, { plan: "demo" }));
    const elsewhere = await stand.dispatch.nextTask(next(bob, { plan: "other" }));

    expect(waiting).toMatchObject({ claimed: 1, awaited: { toAnswer: 1 } });
    expect(waiting?.reasons).toEqual([
      expect.stringMatching(
        /^demo\/T1 waits for a person to answer s1 until .*: `skein approve A1 --answer TEXT`\. It asks "Which rate\?"\.$/u,
      ),
    ]);
    expect(elsewhere.waiting).toMatchObject({ claimed: 1, awaited: { toAnswer: 0 }, reasons: [] });
  });

  test("counts all of many, whichever wait longest", async () => {
    const stand = await createStand(open);
    const tasks = Array.from({ length: 203 }, (_, at) => aTask(`T${String(at)}`, { files: [] }));
    await stand.dispatch.importPlan(aPlan(tasks, { verify: "lead" }), { actor: "person:ana" });
    await stand.store.write((tx) =>
      tx.run(
        "UPDATE tasks SET status = 'submitted', integrated_commit = CASE WHEN id = 'T0' THEN NULL ELSE 'c0ffee' END WHERE project = ?",
        [tx.project],
      ),
    );

    const { waiting } = await stand.dispatch.nextTask(next(bob));

    expect(waiting?.awaited).toEqual({ toIntegrate: 1, toAccept: 202, toAnswer: 0, toRetry: 0 });
    expect(waiting?.reasons).toContainEqual(expect.stringContaining("and 199 more are integrated"));
  });

  test("names a few of many, and says of paths that they come free with the integration", async () => {
    const stand = await createStand(open);
    const tasks = [1, 2, 3, 4, 5].map((at) => aTask(`T${String(at)}`));
    const held = [aTask("A", { files: ["a/**"] }), aTask("B", { files: ["a/b.ts"] })];
    await stand.dispatch.importPlan(aPlan([...tasks, ...held], { verify: "merge" }), {
      actor: "person:ana",
    });
    for (let at = 0; at < 6; at += 1) {
      await handIn(stand, ada);
    }

    const { waiting } = await stand.dispatch.nextTask(next(bob));

    expect(waiting).toMatchObject({ submitted: 6, onPaths: 1, awaited: { toIntegrate: 6 } });
    expect(waiting?.reasons).toEqual([
      expect.stringMatching(
        /^demo\/T1, demo\/T2, demo\/T3 and 3 more wait to be integrated: .* lands them,/u,
      ),
      expect.stringMatching(/held by ada \(s1\) until its work is integrated\.$/u),
    ]);
  });

  test("names what failed for good and how many tasks that blocks", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(chain({}), { actor: "person:ana" });
    const { claim } = await stand.dispatch.nextTask(next(ada));
    const given = { task: "demo/T1", fence: claim?.fence ?? 0 };
    await stand.dispatch.finishTask(finish(ada, given, { outcome: "failed", cause: "budget" }));

    const { waiting } = await stand.dispatch.nextTask(next(bob));

    expect(waiting).toMatchObject({
      ended: 2,
      awaited: { toIntegrate: 0, toAccept: 0, toAnswer: 0, toRetry: 1 },
      reasons: [
        "demo/T1 failed for good (1 blocked): a person's `skein task retry demo/T1` queues it again.",
      ],
    });
  });
});
