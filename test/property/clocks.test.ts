import { jumpClocks } from "../support/clock-jumps.ts";
import { liveHistory } from "../support/histories/history.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import type { ProofRun } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";

const runs = { sqlite: proofRun("R12", 100), postgres: proofRun("CLOCKS_POSTGRES", 10) };

async function eachSeed(
  { row, count, seed }: ProofRun,
  live: (seed: number) => Promise<void>,
): Promise<void> {
  for (let history = seed; history < seed + count; history += 1) {
    try {
      await live(history);
    } catch (error) {
      throw new Error(replayLine(row, history, "test/property/clocks"), { cause: error });
    }
  }
}

proveOnBothStores({
  ...runs,
  title: ({ count, seed }) =>
    `R12: no jump of the wall clock changes what the model says, over ${String(count)} histories from seed ${String(seed)}`,
  prove: async (run, open) =>
    eachSeed(run, (seed) => liveHistory({ seed, open, disturb: jumpClocks })),
});

/** A tenth of them, since each process is a store of its own. */
function shared(run: ProofRun): ProofRun {
  return { ...run, count: Math.max(1, Math.round(run.count / 10)) };
}

proveOnBothStores({
  sqlite: shared(runs.sqlite),
  postgres: shared(runs.postgres),
  title: ({ count }) =>
    `R12: processes whose wall clocks differ agree on everything, over ${String(count)} histories`,
  prove: async (run, _open, openTeam) =>
    eachSeed(run, async (seed) => {
      const team = openTeam();
      try {
        await liveHistory({ seed, processes: 3, open: team.open, disturb: jumpClocks });
      } finally {
        await team.remove();
      }
    }),
});
