import fc from "fast-check";
import type { Scheduler } from "fast-check";
import { SkeinError } from "../../src/core/index.ts";
import type { Store } from "../../src/core/store/index.ts";
import { checkInvariants, readStateFacts } from "../../src/core/upkeep/index.ts";
import { aCaller, aPlan, aTask, createStand, finish, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { proofRun } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const policy = { caseInsensitive: false };

/** One act of an agent; each awaits the store several times, and others come in between. */
const act = fc.constantFrom("claim", "renew", "submit", "release", "files", "steal", "wait");
type Act = typeof act extends fc.Arbitrary<infer Value> ? Value : never;

/** A store whose calls begin and end when the scheduler lets them, and that checks all invariants after each write. */
function scheduled(store: Store, scheduler: Scheduler, check: () => Promise<void>): Store {
  const turn = (label: string): Promise<unknown> =>
    scheduler.schedule(Promise.resolve(label), label);
  return {
    ...store,
    read: async (work) => {
      await turn("read");
      const result = await store.read(work);
      await turn("was read");
      return result;
    },
    write: async (work) => {
      await turn("write");
      const result = await store.write(work);
      await check();
      await turn("was written");
      return result;
    },
  };
}

async function prepare(scheduler: Scheduler, open: OpenTestStore): Promise<CoordinationStand> {
  const raw = await createStand(open);
  const tasks = ["src/**", "src/a.ts", "docs/"].map((files, index) =>
    aTask(`T${String(index)}`, { files: [files] }),
  );
  await raw.dispatch.importPlan(aPlan(tasks), { actor: "person:ana" });
  const check = async (): Promise<void> => {
    const facts = await raw.store.read((reader) => readStateFacts({ ...raw, policy }, reader));
    const [violation] = checkInvariants(facts);
    if (violation !== undefined) {
      throw new Error(`invariant ${String(violation.invariant)}: ${violation.text}`);
    }
  };
  const store = scheduled(raw.store, scheduler, check);
  return createStand(async () => Promise.resolve({ store, time: raw.time }), 2);
}

/** What Skein refuses is an answer; whatever else goes wrong is a fault. */
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

/** An agent does its acts one after the other, with what it believes to hold. */
async function live(stand: CoordinationStand, name: string, acts: readonly Act[]): Promise<void> {
  const { dispatch, time } = stand;
  const caller = aCaller(name);
  let held = { task: "T0", fence: 0 };
  const steps: Readonly<Record<Act, () => Promise<unknown>>> = {
    claim: async () => {
      const outcome = await dispatch.nextTask(next(caller));
      held =
        outcome.claim === null ? held : { task: outcome.claim.task.id, fence: outcome.claim.fence };
    },
    renew: async () =>
      dispatch.updateTask({
        caller,
        ...held,
        note: null,
        percent: 1,
        addPaths: ["docs/x.md"],
        usage: [],
        key: null,
      }),
    submit: async () => dispatch.finishTask(finish(caller, held, { claimNext: true })),
    release: async () => dispatch.finishTask(finish(caller, held, { outcome: "released" })),
    files: async () =>
      dispatch.claimFiles({
        caller,
        paths: ["src/a.ts"],
        mode: "exclusive",
        durationMs: null,
        reason: "files",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      }),
    steal: async () =>
      dispatch.reassign({ target: "T0", by: null, person: "ana", reason: "steal", to: null }),
    wait: async () => {
      time.advance(700_000);
      return dispatch.recover();
    },
  };
  for (const each of acts) {
    await unlessRefused(steps[each]());
  }
}

/** A failure prints the seed and the path that replay it: `SKEIN_PROOF_SEED=<seed>` runs the same schedules again. */
proveOnBothStores({
  sqlite: proofRun("R2", 1_000),
  postgres: proofRun("R2_POSTGRES", 40),
  title: ({ count, seed }) =>
    `R2: every invariant holds in ${String(count)} interleavings from seed ${String(seed)}`,
  prove: async ({ count, seed }, open) => {
    const acts = fc.array(act, { minLength: 2, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.tuple(acts, acts, acts), async (scheduler, plans) => {
        const stand = await prepare(scheduler, open);
        const agents = plans.map(async (plan, at) => live(stand, `agent-${String(at)}`, plan));
        await scheduler.waitFor(Promise.all(agents));
        await stand.store.close();
      }),
      { numRuns: count, seed },
    );
  },
});
