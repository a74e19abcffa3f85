import { test } from "vitest";
import { liveHistory } from "../support/histories/history.ts";
import { proofRun, replayLine } from "../support/proof.ts";

const { count, seed } = proofRun("R1", 150);

test(`R1: the store does what the model does over ${String(count)} histories of 100 commands from seed ${String(seed)}`, async () => {
  for (let history = seed; history < seed + count; history += 1) {
    try {
      await liveHistory({ seed: history });
    } catch (error) {
      throw new Error(replayLine("R1", history, "test/property/histories"), { cause: error });
    }
  }
});
