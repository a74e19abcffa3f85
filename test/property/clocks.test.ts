import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "vitest";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { jumpClocks } from "../support/clock-jumps.ts";
import { liveHistory } from "../support/histories/history.ts";
import { proofRun, replayLine } from "../support/proof.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";
import { createSeededRandom, createVirtualTime } from "../support/virtual-time.ts";
import type { VirtualTime } from "../support/virtual-time.ts";

const { count, seed } = proofRun("R12", 100);
async function eachSeed(live: (seed: number) => Promise<void>): Promise<void> {
  for (let history = seed; history < seed + count; history += 1) {
    try {
      await live(history);
    } catch (error) {
      throw new Error(replayLine("R12", history, "test/property/clocks"), { cause: error });
    }
  }
}

test(`R12: no jump of the wall clock changes what the model says, over ${String(count)} histories from seed ${String(seed)}`, async () => {
  await eachSeed((history) => liveHistory({ seed: history, disturb: jumpClocks }));
});

/** A second clock of the same host: another wall, the same steady one. */
function skewed(time: VirtualTime, skewMs: number): VirtualTime {
  let offMs = skewMs;
  return {
    get bootId() {
      return time.bootId;
    },
    wallMs: () => time.wallMs() + offMs,
    nowMs: () => time.nowMs() + offMs,
    monotonicMs: () => time.monotonicMs(),
    advance: (ms) => {
      time.advance(ms);
    },
    jumpWall: (ms) => {
      offMs += ms;
    },
    reboot: () => {
      time.reboot();
    },
  };
}

/** Opens one file again and again, each time with a clock that is off by another five minutes. */
function openShared(directory: string): OpenTestStore {
  const time = createVirtualTime();
  let opened = 0;
  return async ({ migrations, project = "demo" }) => {
    opened += 1;
    const own = skewed(time, (opened - 2) * 300_000);
    const store = await openSqliteStore({
      file: join(directory, "skein", "skein.db"),
      project,
      migrations,
      time: own,
      random: createSeededRandom(opened),
      settings: { synchronous: "normal" },
    });
    return { store, time: own };
  };
}

const shared = Math.max(1, Math.round(count / 10));

test(`R12: processes whose wall clocks differ agree on everything, over ${String(shared)} histories`, async () => {
  for (let history = seed; history < seed + shared; history += 1) {
    const directory = makeTemporaryDirectory();
    try {
      const open = openShared(directory);
      await liveHistory({ seed: history, processes: 3, open, disturb: jumpClocks });
    } catch (error) {
      throw new Error(replayLine("R12", history, "test/property/clocks"), { cause: error });
    } finally {
      rmSync(directory, { recursive: true });
    }
  }
});
