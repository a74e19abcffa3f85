import { test } from "vitest";
import { postgresUrl } from "./postgres.ts";
import { createHistoryPlace } from "./postgres-histories.ts";
import type { ProofRun } from "./proof.ts";
import { openFileTeam } from "./skewed-team.ts";
import type { OpenTeam } from "./skewed-team.ts";
import { openMemoryStore } from "./stores.ts";
import type { OpenTestStore } from "./stores.ts";

/** What a proof says of itself. */
export interface StoreProof {
  /** How often it runs on SQLite. */
  readonly sqlite: ProofRun;
  /** How often it runs on PostgreSQL, where each step is dearer. */
  readonly postgres: ProofRun;
  /** Names the case by its count and its seed; the name of the store comes after it. */
  readonly title: (run: ProofRun) => string;
  /** How long one run may take before it counts as hanging, in milliseconds. Default as `vitest.config.ts` says. */
  readonly timeoutMs?: ((run: ProofRun) => number) | undefined;
  /** Opens as many stores as it likes, each a project of its own whose clock it turns; or projects that several processes share. */
  readonly prove: (run: ProofRun, open: OpenTestStore, openTeam: OpenTeam) => Promise<void>;
}

/** Proves the same on both stores, from one file: in memory, and on a PostgreSQL server whose clock the proof turns. */
export function proveOnBothStores(proof: StoreProof): void {
  const { sqlite, postgres, title, timeoutMs, prove } = proof;
  const limitOf = (run: ProofRun): { readonly timeout?: number } =>
    timeoutMs === undefined ? {} : { timeout: timeoutMs(run) };
  test(`${title(sqlite)}, on SQLite`, limitOf(sqlite), async () => {
    await prove(sqlite, openMemoryStore, openFileTeam);
  });
  const onPostgres = `${title(postgres)}, on PostgreSQL`;
  if (postgresUrl === null) {
    test.skip(`${onPostgres}: not tried, no server at hand (see SKEIN_TEST_POSTGRES)`);
    return;
  }
  const url = postgresUrl;
  test(onPostgres, limitOf(postgres), async () => {
    const place = await createHistoryPlace(url);
    try {
      await prove(postgres, place.open, place.openTeam);
    } finally {
      await place.remove();
    }
  });
}
