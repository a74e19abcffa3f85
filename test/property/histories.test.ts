import { describe, test } from "vitest";
import { liveHistory } from "../support/histories/history.ts";
import { postgresUrl } from "../support/postgres.ts";
import { createHistoryPlace } from "../support/postgres-histories.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import type { ProofRun } from "../support/proof.ts";
import { openMemoryStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

const sqlite = proofRun("R1", 400);
const postgres = proofRun("R1_POSTGRES", 12);

async function liveAll({ row, count, seed }: ProofRun, open: OpenTestStore): Promise<void> {
  for (let history = seed; history < seed + count; history += 1) {
    try {
      await liveHistory({ seed: history, open });
    } catch (error) {
      throw new Error(replayLine(row, history, "test/property/histories"), { cause: error });
    }
  }
}

function told({ count, seed }: ProofRun): string {
  return `does what the model does over ${String(count)} histories of 100 commands from seed ${String(seed)}`;
}

describe("R1: the store", () => {
  test(`on SQLite ${told(sqlite)}`, async () => {
    await liveAll(sqlite, openMemoryStore);
  });

  if (postgresUrl === null) {
    test.skip(
      `on PostgreSQL ${told(postgres)}: not tried, no server at hand (see SKEIN_TEST_POSTGRES)`,
    );
  } else {
    const url = postgresUrl;
    test(`on PostgreSQL ${told(postgres)}`, async () => {
      const place = await createHistoryPlace(url);
      try {
        await liveAll(postgres, place.open);
      } finally {
        await place.remove();
      }
    });
  }
});
