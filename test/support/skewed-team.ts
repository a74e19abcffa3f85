import { rmSync } from "node:fs";
import { join } from "node:path";
import { openSqliteStore } from "../../src/core/store/index.ts";
import { makeTemporaryDirectory } from "./stores.ts";
import type { OpenTestStore } from "./stores.ts";
import { createSeededRandom, createVirtualTime } from "./virtual-time.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** One project that several processes open; their wall clocks differ by five minutes from one to the next. */
export interface SkewedTeam {
  /** Opens it as another process. */
  readonly open: OpenTestStore;
  /** Removes what was made for it. */
  remove(): Promise<void>;
}

/** Makes a project for one team. */
export type OpenTeam = () => SkewedTeam;

/** The clock of one process after the other, the first of them five minutes slow. */
export function nodeClocks(
  time: VirtualTime,
): () => { readonly number: number; readonly time: VirtualTime } {
  let opened = 0;
  return () => {
    opened += 1;
    return { number: opened, time: skewed(time, (opened - 2) * 300_000) };
  };
}

/** A team over one file, in a directory of its own. */
export function openFileTeam(): SkewedTeam {
  const directory = makeTemporaryDirectory();
  const clockOfNode = nodeClocks(createVirtualTime());
  return {
    open: async ({ migrations, project = "demo" }) => {
      const { number, time } = clockOfNode();
      const store = await openSqliteStore({
        file: join(directory, "skein", "skein.db"),
        project,
        migrations,
        time,
        random: createSeededRandom(number),
        settings: { synchronous: "normal" },
      });
      return { store, time };
    },
    remove: () => {
      rmSync(directory, { recursive: true });
      return Promise.resolve();
    },
  };
}

/** A second clock of the same time: another wall, the same steady one. */
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
