import { expect, test } from "vitest";

import { SkeinError } from "../../../src/core/index.ts";
import type { FinishTaskRequest } from "../../../src/core/dispatch/index.ts";
import type { Usage } from "../../../src/core/costs/index.ts";
import type { PlanDraft } from "../../../src/core/plans/index.ts";
import { checkInvariants, readStateFacts } from "../../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../../support/coordination.ts";
import type { CoordinationStand } from "../../support/coordination.ts";
import { openMemoryStore } from "../../support/stores.ts";

const policy = { caseInsensitive: false };
const person = "person:ana";
const scopes = [["src/**"], ["src/a.ts"], ["docs/*.md"], ["web/", "b.ts"], ["b.ts"], []];
const names = ["ada", "bob", "cleo"];

/** A small generator whose every number follows from the seed. */
function dice(seed: number): (sides: number) => number {
  let state = seed * 2_654_435_761 + 1;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % sides;
  };
}

type Roll = ReturnType<typeof dice>;

async function prepare(roll: Roll): Promise<CoordinationStand> {
  const stand = await createStand(openMemoryStore);
  await stand.dispatch.importPlan(anyPlan(roll), { actor: person });
  return stand;
}

/** A plan of up to eight tasks, some of them containers or done before; imported again, it changes what it can. */
function anyPlan(roll: Roll): PlanDraft {
  const tasks = Array.from({ length: 8 }, (_, index) =>
    aTask(`T${String(index)}`, {
      title: `Title ${String(roll(3))}`,
      files: scopes[roll(scopes.length)] ?? [],
      dependsOn: index > 2 && roll(3) === 0 ? [`T${String(1 + roll(index - 1))}`] : [],
      parent: index > 2 && roll(6) === 0 ? "T0" : null,
      budgetMicroUsd: roll(4) === 0 ? 2_000_000 : null,
      isDone: roll(12) === 0,
    }),
  );
  const kept = roll(3) === 0 ? tasks.slice(0, 7) : tasks;
  const known = new Set(kept.map(({ id }) => id));
  return aPlan(
    kept.map((task) => ({ ...task, dependsOn: task.dependsOn.filter((id) => known.has(id)) })),
    { verify: roll(2) === 0 ? "merge" : "none", budgetMicroUsd: 20_000_000 },
  );
}

type Step = (stand: CoordinationStand, roll: Roll) => Promise<unknown>;

const anyTask = (roll: Roll): string => `T${String(roll(8))}`;
const anyone = (roll: Roll): string => names[roll(names.length)] ?? "ada";

function aUsage(roll: Roll): Usage {
  const tokens = { inputTokens: roll(1_000), outputTokens: 5, cacheReadTokens: 0 };
  return { model: null, ...tokens, cacheWriteTokens: 0, microUsd: roll(3_000_000) };
}

async function heldBy(stand: CoordinationStand, name: string) {
  const session = await stand.dispatch.find(aCaller(name));
  return session === null
    ? null
    : stand.store.read((reader) => stand.plans.taskHeldBy(reader, session.id));
}

async function endWith(
  stand: CoordinationStand,
  roll: Roll,
  odd: Partial<FinishTaskRequest>,
): Promise<unknown> {
  const name = anyone(roll);
  const task = await heldBy(stand, name);
  const claim = { task: task?.id ?? anyTask(roll), fence: task?.fence ?? roll(30) };
  return stand.dispatch.finishTask(finish(aCaller(name), claim, odd));
}

const steps: readonly Step[] = [
  (stand, roll) => stand.dispatch.nextTask(next(aCaller(anyone(roll)))),
  (stand, roll) => stand.dispatch.nextTask(next(aCaller(anyone(roll)), { task: anyTask(roll) })),
  (stand, roll) => endWith(stand, roll, { outcome: "submitted", commit: "c".repeat(40) }),
  (stand, roll) => endWith(stand, roll, { outcome: "failed", cause: "agent_error" }),
  (stand, roll) => endWith(stand, roll, { outcome: "failed", cause: "git_conflict" }),
  (stand, roll) => endWith(stand, roll, { outcome: "released", claimNext: roll(2) === 0 }),
  (stand, roll) =>
    stand.dispatch.claimFiles({
      caller: aCaller(anyone(roll)),
      paths: [["b.ts", "src/x.ts", "docs/", "new/**"][roll(4)] ?? "b.ts"],
      mode: roll(3) === 0 ? "shared" : "exclusive",
      durationMs: null,
      reason: "walk",
      waitMs: 0,
      origin: roll(2) === 0 ? "edit" : "files",
      key: null,
      signal: null,
    }),
  (stand, roll) =>
    stand.dispatch.releaseFiles({ caller: aCaller(anyone(roll)), leases: [], key: null }),
  async (stand, roll) => {
    const task = anyTask(roll);
    const key = { plan: "demo", id: task };
    const landed = {
      plan: "demo",
      task,
      commit: "d".repeat(40),
      actor: person,
      cause: null,
    } as const;
    return stand.store.write(async (tx) => {
      await stand.plans.integrated(tx, { task: key, commit: landed.commit, actor: person });
      await stand.leases.integrated(tx, landed);
      return stand.plans.done(tx, { task: key, actor: person });
    });
  },
  (stand, roll) =>
    stand.store.write((tx) =>
      stand.plans.reject(tx, {
        task: { plan: "demo", id: anyTask(roll) },
        failure: "validation_failed",
        summary: "no",
        actor: person,
      }),
    ),
  (stand, roll) => stand.dispatch.cancelTask(anyTask(roll), { actor: person, reason: "walk" }),
  (stand, roll) => stand.dispatch.retryTask(anyTask(roll), { actor: person, reason: "walk" }),
  (stand, roll) =>
    stand.dispatch.reassign({
      target: anyTask(roll),
      by: null,
      person: "ana",
      reason: "walk",
      to: roll(2) === 0 ? "best" : null,
    }),
  (stand, roll) => stand.dispatch.importPlan(anyPlan(roll), { actor: person }),
  async (stand, roll) => {
    const name = anyone(roll);
    const task = await heldBy(stand, name);
    return stand.dispatch.updateTask({
      caller: aCaller(name),
      task: task?.id ?? anyTask(roll),
      fence: task?.fence ?? roll(30),
      note: roll(2) === 0 ? "going on" : null,
      percent: roll(2) === 0 ? roll(100) : null,
      addPaths: roll(2) === 0 ? ["b.ts"] : [],
      usage: [aUsage(roll)],
      key: roll(4) === 0 ? `k${String(roll(5))}` : null,
    });
  },
  async (stand, roll) => {
    const leases = await stand.store.read((reader) => stand.leases.list(reader));
    const target = leases[roll(Math.max(1, leases.length))]?.id ?? "L1";
    return roll(2) === 0
      ? stand.dispatch.forceRelease({ target, by: null, person: "ana", reason: "walk" })
      : stand.store.write((tx) =>
          stand.leases.handOver(tx, { lease: target, to: "s1", actor: person, cause: null }),
        );
  },
  (stand, roll) =>
    stand.dispatch.releaseTask({ target: anyTask(roll), by: null, person: "ana", reason: "walk" }),
  (stand) => stand.dispatch.resumePlan("demo", { actor: person, reason: "walk" }),
  (stand) => stand.dispatch.pausePlan("demo", { actor: person, reason: "walk" }),
  async (stand, roll) => {
    const session = await stand.dispatch.find(aCaller(anyone(roll)));
    const target = session?.id ?? "s1";
    return stand.dispatch.revoke({ target, by: null, person: "ana", reason: "walk" });
  },
  async (stand, roll) => {
    stand.time.advance([1_000, 60_000, 2_400_000][roll(3)] ?? 1_000);
    return stand.dispatch.recover();
  },
];

/** Takes one step; what Skein refuses is an answer, too. */
async function take(stand: CoordinationStand, roll: Roll): Promise<void> {
  try {
    await steps[roll(steps.length)]?.(stand, roll);
  } catch (error) {
    if (!(error instanceof SkeinError) || error.kind === "failed") {
      throw error;
    }
  }
}

test.each(Array.from({ length: 25 }, (_, seed) => seed))(
  "every invariant holds after every step of a random walk (seed %i)",
  async (seed) => {
    const roll = dice(seed);
    const stand = await prepare(roll);

    for (let step = 0; step < 60; step += 1) {
      await take(stand, roll);

      const facts = await stand.store.read((reader) =>
        readStateFacts({ ...stand, policy }, reader),
      );
      expect(checkInvariants(facts), `step ${String(step)}`).toEqual([]);
    }
  },
);
