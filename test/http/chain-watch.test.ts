import { describe, expect, test } from "vitest";
import type { Family } from "../../src/core/metrics/index.ts";
import { createChainWatch } from "../../src/http/chain-watch.ts";
import { aCaller, aPlan, aTask, createStand, next } from "../support/coordination.ts";
import type { CoordinationStand } from "../support/coordination.ts";
import { openMemoryStore } from "../support/stores.ts";

async function aLog(): Promise<CoordinationStand> {
  const stand = await createStand(openMemoryStore);
  await stand.dispatch.importPlan(aPlan([aTask("T1")]), { actor: "person:ana" });
  await stand.dispatch.nextTask(next(aCaller("ada")));
  return stand;
}

function told(families: readonly Family[]): readonly (readonly [string, number | undefined])[] {
  return families.map(({ name, values }) => [name, values[0]?.value]);
}

/** Lets the check that a look began come to its end. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}

describe("createChainWatch", () => {
  test("waits for its first check and tells what it found; later, how long ago that was", async () => {
    const stand = await aLog();
    let nowMs = 0;
    const watch = createChainWatch(() => nowMs);

    const first = await watch.look("a", stand);
    nowMs = 60_000;
    const second = await watch.look("a", stand);

    expect([first, second].map(told)).toEqual([
      [
        ["skein_audit_chain_ok", 1],
        ["skein_audit_check_age_seconds", 0],
      ],
      [
        ["skein_audit_chain_ok", 1],
        ["skein_audit_check_age_seconds", 60],
      ],
    ]);
  });

  test("finds a changed event at the next check, an hour later", async () => {
    const stand = await aLog();
    let nowMs = 0;
    const watch = createChainWatch(() => nowMs);
    await watch.look("a", stand);
    await stand.store.write(async (tx) =>
      tx.run("UPDATE events SET text = replace(text, 'ana', 'eve') WHERE project = ? AND seq = 1", [
        tx.project,
      ]),
    );

    nowMs = 3_599_999;
    await watch.look("a", stand);
    await settle();
    const before = await watch.look("a", stand);
    nowMs = 3_600_000;
    await watch.look("a", stand);
    await settle();
    const after = await watch.look("a", stand);

    expect([before, after].map(([ok]) => ok?.values[0]?.value)).toEqual([1, 0]);
  });

  test("begins anew after a store that was away", async () => {
    const stand = await aLog();
    const watch = createChainWatch(() => 0);
    const away = {
      ...stand,
      store: { ...stand.store, read: () => Promise.reject(new Error("away")) },
    };

    expect(await watch.look("a", away)).toEqual([]);
    expect((await watch.look("a", stand))[0]?.values[0]?.value).toBe(1);
  });
});
