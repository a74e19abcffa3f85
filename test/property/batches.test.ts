import { expect } from "vitest";
import type { Caller } from "../../src/core/dispatch/index.ts";
import type { TaskDraft } from "../../src/core/plans/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { countingOpener } from "../support/counted-store.ts";
import type { StoreCounts } from "../support/counted-store.ts";
import { createDice } from "../support/glob-oracle.ts";
import type { Dice } from "../support/glob-oracle.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const folders = ["src", "src/a", "src/b", "docs", "lib/x", "lib/y", "test"] as const;
const ends = ["/**", "/*.ts", "/one.ts", ""] as const;
const skills = ["sql", "css"] as const;
const priorities = ["critical", "high", "medium", "low"] as const;

function oneOf<T>(dice: Dice, of: readonly [T, ...T[]]): T {
  return of[dice(of.length)] ?? of[0];
}

function randomTask(dice: Dice, at: number): TaskDraft {
  const files = Array.from(
    { length: dice(4) },
    () => `${oneOf(dice, folders)}${oneOf(dice, ends)}`,
  );
  return aTask(`T${String(at)}`, {
    files: [...new Set([...files, ...(dice(2) === 0 ? [`own/${String(at)}/**`] : [])])],
    priority: oneOf(dice, priorities),
    minutes: 10 + dice(3) * 10,
    skills: dice(6) === 0 ? [oneOf(dice, skills)] : [],
    budgetMicroUsd: dice(6) === 0 ? 150_000 : null,
    dependsOn: at > 2 && dice(8) === 0 ? ["T0"] : [],
  });
}

/** A project with tasks, some sessions that have worked and some that are new, and paths that another session holds. */
interface Board {
  readonly stand: CoordinationStand;
  readonly askers: readonly Caller[];
  readonly counts: StoreCounts;
}

async function prepare(open: OpenTestStore, project: string, dice: Dice): Promise<Board> {
  const [counting, counts] = countingOpener((options) => open({ ...options, project }));
  const stand = await createStand(counting);
  const { dispatch } = stand;
  const tasks = Array.from({ length: 4 + dice(14) }, (_, at) => randomTask(dice, at));
  const budgetMicroUsd = dice(3) === 0 ? 200_000 + dice(2_000_000) : null;
  await dispatch.importPlan(aPlan(tasks, { budgetMicroUsd }), { actor: "person:ana" });
  const askers: Caller[] = [];
  for (let at = 0; at < 2 + dice(8); at += 1) {
    const named = aCaller(`agent-${String(at)}`, {
      skills: dice(3) === 0 ? [oneOf(dice, skills)] : null,
    });
    const { handle } = await dispatch.identify(named);
    const caller = { ...named, handle };
    if (dice(3) === 0) {
      const { claim } = await dispatch.nextTask(next(caller));
      if (claim !== null) {
        await dispatch.finishTask(finish(caller, { task: claim.task.id, fence: claim.fence }));
      }
    }
    askers.push(caller);
  }
  for (const caller of [aCaller("holder"), ...askers].filter(() => dice(4) === 0)) {
    await dispatch.claimFiles({
      caller,
      paths: [oneOf(dice, folders)],
      mode: oneOf(dice, ["exclusive", "shared"]),
      durationMs: null,
      reason: "mine",
      waitMs: 0,
      origin: "files",
      key: null,
      signal: null,
    });
  }
  return { stand, askers, counts };
}

/** Asks for all at once, while somebody writes, so that they come to stand in one line; null where not all were served in one write. */
async function together({ stand, askers, counts }: Board): Promise<readonly string[] | null> {
  await stand.dispatch.recover();
  const before = counts.writes;
  const writing = stand.store.write((tx) => tx.get("SELECT 1 AS one", []));
  const asked = askers.map((caller, at) =>
    stand.dispatch.nextTask(next(caller, { key: at % 2 === 0 ? `key-${String(at)}` : null })),
  );
  const outcomes = await Promise.all(asked);
  await writing;
  const given = outcomes.map(({ claim }) => claim);
  return counts.writes === before + 2
    ? given.map((claim) => (claim === null ? "none" : toldOf(claim)))
    : null;
}

async function oneByOne({ stand, askers }: Board): Promise<readonly string[]> {
  const told: string[] = [];
  for (const [at, caller] of askers.entries()) {
    const key = at % 2 === 0 ? `key-${String(at)}` : null;
    const { claim } = await stand.dispatch.nextTask(next(caller, { key }));
    told.push(claim === null ? "none" : toldOf(claim));
  }
  return told;
}

type Claim = NonNullable<Awaited<ReturnType<CoordinationStand["dispatch"]["nextTask"]>>["claim"]>;

/** All of a claim that is the same in two projects. */
function toldOf({ task, fence, leases, warnings, results, baseCommits }: Claim): string {
  const { plan, id, status, session, attempts, version } = task;
  const held = leases.map((lease) => ({ ...lease, untilMs: null, grantedAtMs: null }));
  const of = { plan, id, status, session, attempts, version, fence, held };
  return JSON.stringify({ ...of, warnings, results, baseCommits });
}

const policy = { caseInsensitive: false };

async function stateOf({ stand }: Board): Promise<object> {
  const facts = await stand.store.read((reader) => readStateFacts({ ...stand, policy }, reader));
  expect(checkInvariants(facts)).toEqual([]);
  return stand.store.read(async (reader) => ({
    budgets: await stand.costs.budgets(reader),
    kinds: facts.events.map(({ kind, actor, data }) => ({ kind, actor, data })),
  }));
}

proveOnBothStores({
  sqlite: proofRun("R2_BATCHES", 120),
  postgres: proofRun("R2_BATCHES_POSTGRES", 12),
  title: ({ count, seed }) =>
    `sessions that are given tasks together get what they get one after the other, ${String(count)} boards from seed ${String(seed)}`,
  prove: async (run, open) => {
    let whole = 0;
    for (let at = 0; at < run.count; at += 1) {
      const seed = run.seed + at;
      const place = `board ${String(seed)}: ${replayLine(run.row, seed, "test/property/batches.test.ts")}`;
      const one = await prepare(open, `one-${String(seed)}`, createDice(seed));
      const all = await prepare(open, `all-${String(seed)}`, createDice(seed));
      const told = await together(all);
      const state = await stateOf(all);
      if (told !== null) {
        whole += 1;
        expect(told, place).toEqual(await oneByOne(one));
        expect(state, place).toEqual(await stateOf(one));
      }
    }
    // Else the comparison would prove nothing.
    expect(whole).toBeGreaterThan(run.count / 5);
  },
});
