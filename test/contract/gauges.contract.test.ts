import { expect, test } from "vitest";
import type { SessionId } from "../../src/core/base/ids.ts";
import { mergeFamilies, readGauges } from "../../src/core/index.ts";
import type { Family } from "../../src/core/metrics/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { eachStore } from "../support/stores.ts";

async function gaugesOf(stand: CoordinationStand): Promise<ReadonlyMap<string, number>> {
  const families = await stand.store.read(async (reader) => readGauges(stand, reader));
  return new Map(families.flatMap(linesOf));
}

/** Moves all that the sessions did back in time: no test turns a server's clock. */
async function fallSilent({ store }: CoordinationStand, ms: number): Promise<void> {
  await store.write((tx) =>
    tx.run("UPDATE sessions SET renewed_at_ms = renewed_at_ms - ? WHERE project = ?", [
      ms,
      tx.project,
    ]),
  );
}

async function ask({ store, approvals }: CoordinationStand, session: SessionId): Promise<void> {
  const question = { session, plan: null, task: null, question: "So?", options: [] };
  await store.write((tx) => approvals.ask(tx, { ...question, deadlineInMs: null }));
}

/** As `skein_tasks status=ready`, with its value. */
function linesOf({ name, values }: Family): readonly (readonly [string, number])[] {
  return values.map(({ labels, value }) => {
    const said = Object.entries(labels).map(([label, text]) => `${label}=${text}`);
    return [[name, ...said].join(" "), value];
  });
}

eachStore("readGauges", (open, kind) => {
  test("tells tasks, sessions, leases, money and events as they stand", async () => {
    const stand = await createStand(open);
    const tasks = [
      aTask("T1", { files: ["a/**"] }),
      aTask("T2", { files: ["b/**"] }),
      aTask("T3", { dependsOn: ["T1"] }),
    ];
    await stand.dispatch.importPlan(aPlan(tasks, { budgetMicroUsd: 1_000_000 }), {
      actor: "person:ana",
    });
    await stand.store.write(async (tx) =>
      stand.costs.setBudget(tx, {
        scope: "project",
        limitMicroUsd: 10_000_000,
        isHard: true,
        actor: "person:ana",
      }),
    );
    await stand.dispatch.nextTask(next(aCaller("ada"), { task: "T1" }));

    const gauges = await gaugesOf(stand);

    expect(gauges.get("skein_tasks status=ready")).toBe(1);
    expect(gauges.get("skein_tasks status=waiting")).toBe(1);
    expect(gauges.get("skein_tasks status=claimed")).toBe(1);
    expect(gauges.get("skein_sessions state=busy")).toBe(1);
    expect(gauges.get("skein_sessions state=idle")).toBe(0);
    expect(gauges.get("skein_leases")).toBe(1);
    expect(gauges.get("skein_plans status=active")).toBe(1);
    expect(gauges.get("skein_tasks_stuck")).toBe(0);
    expect(gauges.get("skein_dead_letters")).toBe(0);
    expect(gauges.get("skein_events_total")).toBeGreaterThan(3);
    expect(gauges.get("skein_live_events")).toBe(gauges.get("skein_events_total"));
    expect(gauges.get("skein_budget_remaining_ratio budget=project")).toBeLessThan(1);
    expect(gauges.get("skein_budget_remaining_ratio budget=project")).toBeGreaterThan(0.8);
  });

  test("counts what was spent by model, and the time of a task from when it became ready", async () => {
    const stand = await createStand(open);
    const tasks = [aTask("T1"), aTask("T2", { dependsOn: ["T1"] })];
    await stand.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
    const ada = aCaller("ada");
    const { claim } = await stand.dispatch.nextTask(next(ada));
    stand.time.advance(60_000);
    const usage = { model: "claude-sonnet-5-5", inputTokens: 1_000_000, outputTokens: 0 };
    await stand.dispatch.finishTask(
      finish(
        ada,
        { task: "T1", fence: claim?.fence ?? 0 },
        { usage: [{ ...usage, cacheReadTokens: 0, cacheWriteTokens: 0, microUsd: 2_500_000 }] },
      ),
    );
    stand.time.advance(30_000);

    const gauges = await gaugesOf(stand);

    expect(gauges.get("skein_spent_usd_total model=claude-sonnet-5-5")).toBe(2.5);
    expect(gauges.get("skein_tasks status=done")).toBe(1);
    // Time is the server's on PostgreSQL.
    const age = gauges.get("skein_queue_age_seconds") ?? Number.NaN;
    expect(kind === "postgres" ? age < 10 : age === 30).toBe(true);
  });

  test("calls a claim stuck once its session is silent", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
    await stand.dispatch.nextTask(next(aCaller("ada")));

    await fallSilent(stand, 59 * 60_000);
    const before = await gaugesOf(stand);
    await fallSilent(stand, 2 * 60_000);
    const after = await gaugesOf(stand);

    expect([before, after].map((each) => each.get("skein_tasks_stuck"))).toEqual([0, 1]);
    expect(after.get("skein_sessions state=dead")).toBe(1);
  });

  test("calls no claim stuck whose session is in a call, or waits for a person", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(aPlan([aTask("T1"), aTask("T2")]), { actor: "person:ana" });
    await stand.dispatch.nextTask(next(aCaller("ada")));
    const { standing } = await stand.dispatch.nextTask(next(aCaller("bob")));
    await ask(stand, standing.session.id);
    await stand.store.write((tx) =>
      tx.run(
        "UPDATE sessions SET call_until_ms = renewed_at_ms + 7200000 WHERE project = ? AND name = ?",
        [tx.project, "ada"],
      ),
    );

    await fallSilent(stand, 61 * 60_000);

    const gauges = await gaugesOf(stand);
    expect(gauges.get("skein_tasks status=claimed")).toBe(2);
    expect(gauges.get("skein_tasks_stuck")).toBe(0);
    expect(gauges.get("skein_sessions state=waiting")).toBe(1);
  });

  test("tells what waits for a person, what the day has left, and what the live log still holds", async () => {
    const stand = await createStand(open);
    await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
    const ada = aCaller("ada");
    const { claim, standing } = await stand.dispatch.nextTask(next(ada));
    const held = { task: "T1", fence: claim?.fence ?? 0 };
    await stand.dispatch.finishTask(finish(ada, held, { outcome: "failed", cause: "budget" }));
    await ask(stand, standing.session.id);
    const today = new Date(await stand.store.read(async ({ nowMs }) => Promise.resolve(nowMs)));
    for (const scope of [`day:${today.toISOString().slice(0, 10)}`, "month:2001-01"] as const) {
      await stand.store.write(async (tx) =>
        stand.costs.setBudget(tx, {
          scope,
          limitMicroUsd: 1_000,
          isHard: true,
          actor: "person:ana",
        }),
      );
    }

    const before = await gaugesOf(stand);
    await stand.store.write((tx) => stand.events.archive(tx, tx.nowMs + 1));
    const after = await gaugesOf(stand);

    expect(before.get("skein_dead_letters")).toBe(1);
    expect(before.get("skein_questions_open")).toBe(1);
    const budgets = [...before].filter(([name]) => name.startsWith("skein_budget_remaining_ratio"));
    expect(budgets).toEqual([["skein_budget_remaining_ratio budget=day", 1]]);
    // That it was archived is an event, too.
    expect(after.get("skein_events_total")).toBe((before.get("skein_events_total") ?? 0) + 1);
    expect(after.get("skein_live_events")).toBe(1);
  });
});

function leases(value: number): readonly Family[] {
  return [
    { name: "skein_leases", type: "gauge", help: "Leases.", values: [{ labels: {}, value }] },
  ];
}

test("mergeFamilies puts projects side by side under one name", () => {
  const merged = mergeFamilies([
    { labels: { project: "a" }, families: leases(1) },
    { labels: { project: "b" }, families: leases(2) },
  ]);

  expect(merged.flatMap(linesOf)).toEqual([
    ["skein_leases project=a", 1],
    ["skein_leases project=b", 2],
  ]);
});
