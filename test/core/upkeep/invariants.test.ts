import { describe, expect, test } from "vitest";

import type { Event, EventDraft } from "../../../src/core/events/index.ts";
import type { Budget } from "../../../src/core/costs/index.ts";
import type { Lease } from "../../../src/core/leases/index.ts";
import type { Attempt, Task } from "../../../src/core/plans/index.ts";
import type { Session } from "../../../src/core/sessions/index.ts";
import { checkInvariants, readStateFacts } from "../../../src/core/upkeep/index.ts";
import type { StateFacts } from "../../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../../support/coordination.ts";
import { openMemoryStore } from "../../support/stores.ts";

/** A sound state: ada holds demo/T1 and its lease, bob holds nothing. */
async function soundFacts(): Promise<StateFacts> {
  const stand = await createStand(openMemoryStore);
  const plan = aPlan([aTask("T1", { files: ["src/**"] }), aTask("T2", { files: ["b.ts"] })]);
  await stand.dispatch.importPlan(plan, { actor: "person:ana" });
  await stand.dispatch.nextTask(next(aCaller("ada"), { task: "T1" }));
  await stand.dispatch.identify(aCaller("bob"));
  const policy = { caseInsensitive: false };
  return stand.store.read((reader) => readStateFacts({ ...stand, policy }, reader));
}

interface Planted {
  readonly task?: Partial<Task>;
  readonly attempt?: Partial<Attempt>;
  readonly session?: Partial<Session>;
}

/** The facts with changes of T1, its attempt and its holder. */
function changed(facts: StateFacts, { task, attempt, session }: Planted): StateFacts {
  return {
    ...facts,
    tasks: facts.tasks.map((one) =>
      one.task.id === "T1"
        ? {
            task: { ...one.task, ...task },
            attempts: one.attempts.map((each) => ({ ...each, ...attempt })),
          }
        : one,
    ),
    sessions: facts.sessions.map((one) => (one.id === "s1" ? { ...one, ...session } : one)),
  };
}

function withLease(facts: StateFacts, odd: Partial<Lease>): StateFacts {
  const [lease] = facts.leases;
  return lease === undefined
    ? facts
    : { ...facts, leases: [...facts.leases, { ...lease, id: "L2", session: "s2", ...odd }] };
}

function withEvent(facts: StateFacts, draft: Partial<EventDraft>): StateFacts {
  const [last] = facts.events.slice(-1);
  const event: Event = {
    kind: "task.submitted",
    actor: "system",
    cause: null,
    data: {},
    changes: [],
    atMs: last?.atMs ?? 0,
    by: null,
    prevHash: "",
    hash: "",
    seq: (last?.seq ?? 0) + 1,
    ...draft,
  };
  return { ...facts, events: [...facts.events, event] };
}

/** A budget of 100, and then grants, spends and ends as they are named: `T2 +60`, `T2 60` and `T2 end`. */
function withMoney(facts: StateFacts, acts: readonly string[], isHard = true): StateFacts {
  const limit = { scope: "plan:demo", limit_micro_usd: 100, is_hard: isHard };
  const start = withEvent(facts, { kind: "budget.set", data: limit });
  return acts.reduce((before, act) => {
    const [task = "", what = ""] = act.split(" ");
    const id = `demo/${task}`;
    if (what.startsWith("+")) {
      const data = { task: id, reserved_micro_usd: Number(what) };
      return withEvent(before, { kind: "task.claimed", data });
    }
    const spend = { plan: "demo", task, micro_usd: Number(what) };
    return what === "end"
      ? withEvent(before, {
          kind: "plan.edited",
          changes: [{ entity: "task", id, set: { status: "pending" } }],
        })
      : withEvent(before, {
          kind: "spend.recorded",
          changes: [{ entity: "spend", id: "C1", set: spend }],
        });
  }, start);
}

function broken(facts: StateFacts): readonly number[] {
  return [...new Set(checkInvariants(facts).map(({ invariant }) => invariant))].toSorted(
    (one, other) => one - other,
  );
}

const dirB = [{ kind: "dir", text: "src/b" }] as const;

describe("checkInvariants", () => {
  test("finds nothing in a sound state", async () => {
    expect(checkInvariants(await soundFacts())).toEqual([]);
  });

  test("1: finds a task with two live holders, with none, or with one that has ended", async () => {
    const facts = await soundFacts();
    const doubled = facts.tasks.map(({ task, attempts }) => ({
      task,
      attempts: attempts.flatMap((one) => [one, { ...one, fence: one.fence + 1, number: 2 }]),
    }));

    expect(broken({ ...facts, tasks: doubled })).toContain(1);
    expect(broken(changed(facts, { attempt: { endedAtMs: 1 } }))).toContain(1);
    expect(broken(changed(facts, { attempt: { session: "s2" } }))).toContain(1);
    expect(broken(changed(facts, { session: { endedAtMs: 1 } }))).toContain(1);
    expect(broken(changed(facts, { task: { status: "submitted" } }))).toContain(1);
  });

  test("2: finds leases that share a path, whatever their text", async () => {
    const facts = await soundFacts();

    expect(broken(withLease(facts, { patterns: dirB }))).toEqual([2]);
    expect(broken(withLease(facts, { patterns: dirB, mode: "shared" }))).toEqual([2]);
  });

  test("2: allows what is over, apart, or held by a session for whom the other works", async () => {
    const facts = await soundFacts();
    const lease = { patterns: dirB };
    const family = facts.sessions.map((one) =>
      one.id === "s2" ? { ...one, ancestors: ["s1"] as const } : one,
    );

    expect(broken(withLease(facts, { ...lease, releasedAtMs: 1 }))).toEqual([]);
    expect(broken(withLease(facts, { ...lease, untilMs: 0 }))).toEqual([]);
    expect(broken(withLease(facts, { patterns: [{ kind: "literal", text: "b.ts" }] }))).toEqual([]);
    expect(broken({ ...withLease(facts, lease), sessions: family })).toEqual([]);
  });

  test("3: finds a fence that is used twice, falls, or is the number of no event", async () => {
    const facts = await soundFacts();
    const fence = facts.tasks[0]?.task.fence ?? 0;
    const twice = facts.tasks.map((one) =>
      one.task.id === "T2" ? { ...one, attempts: facts.tasks[0]?.attempts ?? [] } : one,
    );

    expect(broken({ ...facts, tasks: twice })).toContain(3);
    expect(broken(changed(facts, { attempt: { fence: 99 }, task: { fence: 99 } }))).toContain(3);
    const change = { entity: "task", id: "demo/T2", set: { status: "claimed", fence } } as const;
    expect(broken(withEvent(facts, { kind: "task.claimed", changes: [change] }))).toContain(3);
  });

  test("4: finds a write that was accepted under an old fence, or from another session", async () => {
    const facts = await soundFacts();
    const fence = facts.tasks[0]?.task.fence ?? 0;
    const changes = [{ entity: "task", id: "demo/T1", set: { status: "submitted" } }] as const;

    expect(broken(withEvent(facts, { data: { session: "s1", fence }, changes }))).not.toContain(4);
    expect(broken(withEvent(facts, { data: { session: "s1", fence: 1 }, changes }))).toContain(4);
    expect(broken(withEvent(facts, { data: { session: "s2", fence }, changes }))).toContain(4);
  });

  test("5: finds state that the log does not tell, and state that is lost", async () => {
    const facts = await soundFacts();

    expect(broken(changed(facts, { task: { title: "Other" } }))).toEqual([5]);
    expect(broken({ ...facts, tasks: facts.tasks.slice(0, 1) })).toEqual([5]);
    expect(broken({ ...facts, leases: [] })).toEqual([5]);
  });

  test("6: finds a grant over a hard budget, but not an overrun", async () => {
    const facts = await soundFacts();
    const money = (...acts: readonly string[]): readonly number[] =>
      broken(withMoney(facts, acts)).filter((invariant) => invariant === 6);

    expect(money("T2 +60", "T3 +40")).toEqual([]);
    expect(money("T2 +60", "T3 +41")).toEqual([6]);
    expect(money("T2 +60", "T2 end", "T3 +100")).toEqual([]);
    expect(money("T2 +60", "T2 40", "T3 +40")).toEqual([]);
    expect(money("T2 +60", "T3 +40", "T2 90")).toEqual([]);
    expect(money("T2 +60", "T2 90", "T2 end", "T3 +11")).toEqual([6]);
    expect(broken(withMoney(facts, ["T2 +60", "T3 +60"], false))).toEqual([]);
  });

  test("6: finds a budget that counts less than nothing", async () => {
    const facts = await soundFacts();
    const budget: Budget = {
      scope: "project",
      limitMicroUsd: 100,
      isHard: true,
      reservedMicroUsd: -1,
      spentMicroUsd: 0,
    };

    expect(broken({ ...facts, budgets: [budget] })).toEqual([6]);
  });

  test("7: finds a move that the machine of tasks does not have", async () => {
    const facts = await soundFacts();
    const moved = (status: string): StateFacts =>
      withEvent(facts, {
        kind: "task.done",
        changes: [{ entity: "task", id: "demo/T1", set: { status } }],
      });

    expect(broken(moved("done"))).toContain(7);
    expect(broken(moved("nowhere"))).toContain(7);
    expect(broken(moved("submitted"))).not.toContain(7);
  });

  test("8 and 9: pass on what the check of the log found", async () => {
    const facts = await soundFacts();
    const faulty = (fault: "gap" | "hash" | "text" | "head"): StateFacts => ({
      ...facts,
      log: { ...facts.log, faults: [{ seq: 2, fault, detail: "planted" }] },
    });

    expect(broken(faulty("gap"))).toEqual([8]);
    expect(broken(faulty("head"))).toEqual([8]);
    expect(broken(faulty("hash"))).toEqual([9]);
    expect(broken(faulty("text"))).toEqual([9]);
  });

  test("10: finds a claim that others left standing beyond its time", async () => {
    const facts = await soundFacts();
    const renewedAtMs = facts.nowMs - 40 * 60_000;

    expect(broken(changed(facts, { session: { renewedAtMs } }))).toEqual([10]);
    expect(broken(changed(facts, { session: { renewedAtMs, isParked: true } }))).toEqual([]);
    expect(broken(changed(facts, { session: { renewedAtMs, callUntilMs: facts.nowMs } }))).toEqual(
      [],
    );
  });
});
