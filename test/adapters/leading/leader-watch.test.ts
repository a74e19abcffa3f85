import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createWatch } from "../../../src/adapters/leading/leader-watch.ts";
import type { Watch } from "../../../src/adapters/leading/leader-watch.ts";
import { silence } from "../../../src/adapters/server/silence.ts";
import { createProcessProbe } from "../../../src/adapters/process/probe.ts";

/** How long a leader that runs may say nothing before it is asked whether it lives, and how long for that answer. */
const { silentMs, pingMs } = silence;
const lookMs = 100;

let said: string[];
let silenceMs: number;
let isNothing: boolean;
let watch: Watch;

beforeEach(() => {
  vi.useFakeTimers();
  [said, silenceMs, isNothing] = [[], 0, false];
  const { startedAt } = createProcessProbe().self();
  const owed = { add: () => {}, settle: () => {}, lose: () => {} };
  watch = createWatch({
    seat: { socket: "", key: "", version: "1", store: "", pid: process.pid, startedAt },
    patience: silence,
    owed: { ...owed, isNothing: () => isNothing, silenceMs: () => silenceMs },
    ping: () => said.push("ping"),
    lose: (isFrozen) => said.push(isFrozen ? "frozen" : "lost"),
  });
  watch.begin();
});

afterEach(() => {
  vi.useRealTimers();
});

/** What is said in one look at a leader that has said nothing for so long. */
function lookAfter(ms: number): readonly string[] {
  silenceMs = ms;
  vi.advanceTimersByTime(lookMs);
  return said.splice(0);
}

test.runIf(process.platform === "linux")(
  "a leader that runs is not given up for the silence of a busy machine",
  () => {
    expect(silence).toEqual({ silentMs: 10_000, pingMs: 2_000 });
  },
);

describe("the watch over a leader that runs and owes an answer", () => {
  test("asks it once whether it lives when it has been silent, and gives it up when that is not answered", () => {
    expect(lookAfter(silentMs - 1)).toEqual([]);
    expect(lookAfter(silentMs)).toEqual(["ping"]);
    expect(lookAfter(silentMs + pingMs)).toEqual([]);
    expect(lookAfter(silentMs + pingMs + 1)).toEqual(["lost"]);
    expect(vi.getTimerCount()).toBe(0);
  });

  test("does not give up one that it has not asked, however late it looks", () => {
    expect(lookAfter(silentMs * 9)).toEqual(["ping"]);
  });

  test("asks anew one that has given a sign of life and is silent again", () => {
    expect(lookAfter(silentMs)).toEqual(["ping"]);
    expect(lookAfter(0)).toEqual([]);
    expect(lookAfter(silentMs * 9)).toEqual(["ping"]);
  });

  test("looks no more once nothing is owed, and again with the next call", () => {
    isNothing = true;
    expect(lookAfter(silentMs)).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);

    isNothing = false;
    watch.begin();
    watch.begin();

    expect(vi.getTimerCount()).toBe(1);
    expect(lookAfter(silentMs)).toEqual(["ping"]);
  });
});
