import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBackoff } from "../../../src/core/store/backoff.ts";
import { createPostgresWriters } from "../../../src/core/store/dialects/postgres-group.ts";
import type { PostgresAttempts } from "../../../src/core/store/dialects/postgres-transactions.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";

const patience = { backoff: createBackoff(createSeededRandom()), waitMs: 5_000 };

/** A database that takes so long for each transaction, in which there is room for one writer. */
function slowAttempts(ms: number): PostgresAttempts {
  return {
    read: async () => Promise.reject(new Error("Nobody reads here.")),
    glance: async () => Promise.reject(new Error("Nobody reads here.")),
    write: async ({ members }) => {
      await new Promise((resolve) => {
        setTimeout(resolve, ms);
      });
      await members[0]?.run({ inside: async () => ({ kind: "threw", error: "served" }) });
      return { kind: "done", result: undefined };
    },
  };
}

/** What becomes of each of some writers that come at once. */
async function outcomesOf(attempts: PostgresAttempts, count: number): Promise<readonly unknown[]> {
  const writers = createPostgresWriters(attempts, { patience, limit: 100 });
  const all = Array.from({ length: count }, async () =>
    writers.write(async () => undefined).catch((error: unknown) => error),
  );
  await vi.advanceTimersByTimeAsync(120_000);
  return Promise.all(all);
}

describe("the line of writers", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "performance"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("serves everybody in turn as long as it moves, though the last waits longer than a line may stand still", async () => {
    expect(await outcomesOf(slowAttempts(800), 30)).toEqual(
      Array.from({ length: 30 }, () => "served"),
    );
  });

  test("sends those away who wait while nobody is served, and serves who comes after", async () => {
    const outcomes = await outcomesOf(slowAttempts(8_000), 3);

    expect(outcomes).toMatchObject(["served", { code: "SKN-7101" }, { code: "SKN-7101" }]);
  });

  test("lets nobody wait for longer than callers do", async () => {
    const outcomes = await outcomesOf(slowAttempts(4_000), 12);

    const served = outcomes.filter((outcome) => outcome === "served");
    expect(served.length).toBe(8);
    expect(outcomes.at(-1)).toMatchObject({ code: "SKN-7101", facts: { waited_ms: 30_000 } });
  });
});
