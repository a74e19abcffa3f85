import { liveHistory } from "../support/histories/history.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import { proveOnBothStores } from "../support/proof-stores.ts";

proveOnBothStores({
  sqlite: proofRun("R1", 400),
  postgres: proofRun("R1_POSTGRES", 12),
  title: ({ count, seed }) =>
    `R1: the store does what the model does over ${String(count)} histories of 100 commands from seed ${String(seed)}`,
  prove: async ({ row, count, seed }, open) => {
    for (let history = seed; history < seed + count; history += 1) {
      try {
        await liveHistory({ seed: history, open });
      } catch (error) {
        throw new Error(replayLine(row, history, "test/property/histories"), { cause: error });
      }
    }
  },
});
