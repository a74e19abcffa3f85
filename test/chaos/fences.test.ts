import { afterEach, expect, test } from "vitest";
import { SkeinError } from "../../src/core/index.ts";
import type { FinishTaskRequest } from "../../src/core/dispatch/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import { createDice } from "../support/glob-oracle.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import type { ProofRun } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { fieldPlaces, openField } from "./agents.ts";
import type { Field } from "./agents.ts";

const pauses = Number(process.env["SKEIN_PROOF_PAUSES"] ?? 2);
const outcomes: readonly FinishTaskRequest["outcome"][] = ["submitted", "failed", "released"];

proveOnBothStores({
  sqlite: proofRun("R6", 1_000),
  postgres: proofRun("R6_POSTGRES", 100),
  title: ({ count, seed }) =>
    `R6: none of ${String(count)} writes under an old fence is accepted (seed ${String(seed)})`,
  prove: writeLate,
});

async function writeLate(
  { row, count: writes, seed }: ProofRun,
  open: OpenTestStore,
): Promise<void> {
  const stand = await createStand(open);
  const dice = createDice(seed);
  await stand.dispatch.importPlan(aPlan([aTask("T1", { files: ["src/**"] })]), {
    actor: "person:ana",
  });
  const old: number[] = [];
  const accepted: string[] = [];
  for (let write = 0; write < writes; write += 1) {
    const holder = aCaller(["ada", "bob"][write % 2] ?? "ada");
    if (write % 5 === 0) {
      const { claim } = await stand.dispatch.nextTask(next(holder, { task: "T1" }));
      const fence = claim?.fence ?? 0;
      old.push(fence);
      await stand.dispatch.finishTask(
        finish(holder, { task: "T1", fence }, { outcome: "released" }),
      );
      await stand.dispatch.nextTask(
        next(aCaller(["ada", "bob", "cleo"][dice(3)] ?? "ada"), { task: "T1" }),
      );
    }
    stand.time.advance(150);
    const fence = old[dice(old.length)] ?? 0;
    const caller = aCaller(["ada", "bob", "cleo"][dice(3)] ?? "ada");
    const before = await logEnd(stand);
    const what = await unlessRefused<unknown>(
      dice(2) === 0
        ? stand.dispatch.finishTask(
            finish(caller, { task: "T1", fence }, { outcome: outcomes[dice(3)] ?? "failed" }),
          )
        : stand.dispatch.updateTask({
            caller,
            task: "T1",
            fence,
            note: "late",
            percent: 1,
            addPaths: ["late.ts"],
            usage: [],
            key: null,
          }),
    );
    if (what !== null || (await logEnd(stand)) !== before) {
      accepted.push(`write ${String(write)} under ${String(fence)}`);
    }
    if (write % 5 === 4) {
      await giveBack(stand);
    }
  }

  expect(accepted, replayLine(row, seed, "test/chaos/fences")).toEqual([]);
}

type Stand = Awaited<ReturnType<typeof createStand>>;

/** The number of the last event: a refused write adds none. */
async function logEnd({ store, events }: Stand): Promise<number> {
  return store.read(async (reader) => (await events.head(reader)).seq);
}

async function giveBack({ store, plans, dispatch }: Stand): Promise<void> {
  const task = await store.read((reader) => plans.get(reader, { plan: "demo", id: "T1" }));
  if (task.status === "claimed") {
    await dispatch.releaseTask({ target: "T1", by: null, person: "ana", reason: "next" });
  }
}

async function unlessRefused<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (error instanceof SkeinError && error.kind !== "failed") {
      return null;
    }
    throw error;
  }
}

let field: Field | null = null;
afterEach(async () => {
  await field?.clear();
});

/** Half an hour of silence is over in half a second. */
const speed = 3_600;

test.each(fieldPlaces)(
  `R6: a process that sleeps longer than its claim lasts writes nothing any more, ${String(pauses)} times, in %s`,
  { timeout: 60_000 + pauses * 60_000 },
  async (_store, url) => {
    for (let pause = 0; pause < pauses; pause += 1) {
      // Each on a plan of its own: a task that was lost to silence again and again is given to nobody.
      field = await openField([aTask("T1", { files: ["src/**"] })], url);
      await sleepThrough(field);
      await field.clear();
    }
  },
);

async function sleepThrough({ start, inspect }: Field): Promise<void> {
  const sleeper = await start("sleeper", { speed });
  const other = await start("other", { speed });
  const mine = await sleeper.ask({ op: "next" });
  sleeper.signal("SIGSTOP");
  const claim = mine?.ok?.["claim"] ?? {};
  const late = sleeper.ask({ op: "finish", handle: mine?.ok?.["handle"], ...claim });
  const theirs = await untilGiven(() => other.ask({ op: "next" }));
  sleeper.signal("SIGCONT");

  expect(claim).toMatchObject({ task: "T1" });
  expect((await late)?.code).toMatch(/^SKN-[34]/u);
  expect(theirs).toMatchObject({ task: "T1" });
  await Promise.all([sleeper.kill(), other.kill()]);
  const { facts, violations } = await inspect();
  expect(violations).toEqual([]);
  expect(facts.tasks.map(({ task }) => task.status)).not.toContain("done");
}

async function untilGiven(
  askNext: () => Promise<{ readonly ok?: Readonly<Record<string, unknown>> } | null>,
): Promise<unknown> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    const claim = (await askNext())?.ok?.["claim"] ?? null;
    if (claim !== null) {
      return claim;
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
  return null;
}
