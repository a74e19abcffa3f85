import { describe, expect, test } from "vitest";
import type { Heard } from "../../../../src/core/models/policies/known-window.ts";
import { createRateWindow } from "../../../../src/core/models/policies/rate-window.ts";
import type { Place, RateWindow } from "../../../../src/core/models/policies/rate-window.ts";
import { createRhythm } from "../../../../src/core/models/policies/rhythm.ts";
import { createSlowWindow } from "../../../../src/core/models/policies/slow-window.ts";
import type { SlowWindow } from "../../../../src/core/models/policies/slow-window.ts";
import { someLimits } from "../../../support/models.ts";

const limit = 15;
const windowMs = 2_000;

interface Provider {
  /** From a request's arrival to its answer. */
  readonly latencyMs: number;
  /** Where the windows' borders lie. */
  readonly offsetMs: number;
  /** From when on others use one third of each window; default: nobody does. */
  readonly othersFromMs?: number | undefined;
}

interface Journey {
  readonly place: Place;
  readonly arrivesMs: number;
  answersMs: number;
  isIn: boolean;
  remaining: number;
  endMs: number;
}

interface Ran {
  readonly refused: number;
  /** Of what the limit allows, in the second half of the calls. */
  readonly used: number;
}

/** Asks a provider that tells its limit in spans, a millisecond a step, until so many calls are answered. */
function run(window: RateWindow, provider: Provider, calls: number): Ran {
  const journeys = new Set<Journey>();
  const arrivals: number[] = [];
  let [sent, answered, refused] = [0, 0, 0];
  for (let nowMs = 0; answered < calls && nowMs < 300_000; nowMs += 1) {
    for (const journey of journeys) {
      if (journey.arrivesMs === nowMs) {
        arrive(journey, { provider, arrivals, nowMs });
      } else if (journey.answersMs === nowMs) {
        journeys.delete(journey);
        answered += journey.isIn ? 1 : 0;
        refused += journey.isIn ? 0 : 1;
        const resetMs = journey.endMs - journey.arrivesMs;
        const limits = someLimits({ requests: limit, remaining: journey.remaining, resetMs });
        const told = {
          limits,
          isRefused: !journey.isIn,
          retryAfterMs: journey.isIn ? null : resetMs,
        };
        window.giveBack(journey.place, told, nowMs);
      }
    }
    const most = answered === 0 ? 1 : calls + refused;
    while (sent < most) {
      const taken = window.take(nowMs);
      if (taken.kind === "wait") {
        break;
      }
      const arrivesMs = nowMs + 1 + ((sent * 7) % 5);
      const blank = { answersMs: -1, isIn: false, remaining: 0, endMs: 0 };
      journeys.add({ place: taken.place, arrivesMs, ...blank });
      sent += 1;
    }
  }
  const half = arrivals.slice(-Math.ceil(calls / 2));
  const tookMs = (half.at(-1) ?? 0) - (half[0] ?? 0);
  return { refused, used: (((half.length - 1) / limit) * windowMs) / tookMs };
}

interface Arrival {
  readonly provider: Provider;
  readonly arrivals: number[];
  readonly nowMs: number;
}

function arrive(journey: Journey, { provider, arrivals, nowMs }: Arrival): void {
  const startMs = Math.floor((nowMs + provider.offsetMs) / windowMs) * windowMs - provider.offsetMs;
  const others = nowMs >= (provider.othersFromMs ?? Number.POSITIVE_INFINITY) ? limit / 3 : 0;
  const used = others + arrivals.filter((atMs) => atMs >= startMs).length;
  journey.isIn = used < limit;
  journey.remaining = Math.max(0, limit - used - 1);
  journey.endMs = startMs + windowMs;
  // Answers do not all take the same time.
  const spreadMs = (arrivals.length * 13) % 40;
  journey.answersMs = nowMs + (journey.isIn ? provider.latencyMs + spreadMs : 1);
  if (journey.isIn) {
    arrivals.push(nowMs);
  }
}

describe("createRateWindow, where answers take longer than a window", () => {
  test.each([
    [2_100, 0],
    [3_000, 300],
    [3_000, 1_100],
    [4_000, 700],
    [4_700, 1_700],
    [9_000, 1_100],
  ])(
    "uses the allowed rate with answers of %i ms and borders at %i, and is never refused",
    (latencyMs, offsetMs) => {
      const { refused, used } = run(createRateWindow(), { latencyMs, offsetMs }, 240);

      expect(refused).toBe(0);
      expect(used).toBeGreaterThanOrEqual(0.95);
      expect(used).toBeLessThanOrEqual(1.02);
    },
  );

  test.each([
    [3_000, 300],
    [4_000, 700],
  ])(
    "goes back to what it is told when others use the same key: answers of %i ms",
    (latencyMs, offsetMs) => {
      const provider = { latencyMs, offsetMs, othersFromMs: 25_000 };
      const { refused, used } = run(createRateWindow(), provider, 240);

      expect(refused).toBeGreaterThan(0);
      expect(refused).toBeLessThan(10);
      expect(used).toBeLessThan(0.8);
    },
  );
});

function heard(earliestEndMs: number, remaining: number, lengthMs = 1_900): Heard {
  return { limit, remaining, earliestEndMs, endMs: earliestEndMs, lengthMs, isTold: true };
}

/** What two calls of one window tell of its end. */
function ended(endMs: number): readonly Heard[] {
  return [heard(endMs, 14), heard(endMs + 3, 4)];
}

function rhythmOf(...all: readonly Heard[]): number | null {
  const rhythm = createRhythm();
  for (const each of all) {
    rhythm.hear(each);
  }
  return rhythm.periodMs();
}

/** Hears answers that took so long. */
function hearAll(slow: SlowWindow, all: readonly Heard[], tookMs: number): void {
  for (const each of all) {
    slow.hear({ heard: each, isRefused: false, tookMs });
  }
}

describe("createSlowWindow", () => {
  test("spreads calls over two windows after three late answers in a row, since one may be late by chance", () => {
    const slow = createSlowWindow();
    slow.note(0);

    hearAll(slow, ended(2_000), 3_000);
    expect(slow.take(10)).toBeNull();
    hearAll(slow, [heard(2_000, 9)], 1_900);
    hearAll(slow, ended(2_000), 3_000);
    expect(slow.take(10)).toBeNull();

    hearAll(slow, [heard(4_000, 14)], 3_000);
    expect(slow.take(10)).toEqual({ kind: "wait", ms: Math.ceil((2 * 1_900) / limit) - 10 });
    expect(slow.isOn()).toBe(false);
  });

  test("paces calls evenly once it knows the rhythm, until an answer takes less than half a window", () => {
    const slow = createSlowWindow();
    hearAll(slow, [...ended(2_000), ...ended(4_000), ...ended(6_000)], 3_000);
    slow.note(10_000);

    expect(slow.take(10_001)).toEqual({ kind: "wait", ms: (0.9 * 2_000) / limit - 1 });
    expect(slow.take(10_120)?.kind).toBe("go");
    hearAll(slow, ended(8_000), 1_200);
    expect(slow.isOn()).toBe(true);
    hearAll(slow, ended(10_000), 900);
    expect(slow.isOn()).toBe(false);
  });
});

describe("createRhythm", () => {
  test("knows no period of two ends", () => {
    expect(rhythmOf(...ended(2_000), ...ended(4_000))).toBeNull();
  });

  test("finds the period of ends that lie several windows apart, and some that are heard late", () => {
    const late = heard(9_700, 9);

    expect(rhythmOf(...ended(2_000), late, ...ended(10_000), ...ended(16_000))).toBeCloseTo(
      2_000,
      -1,
    );
  });

  test("takes the longest that fits, and a shorter one as soon as it is seen", () => {
    const known = [...ended(2_000), ...ended(6_000), ...ended(14_000)];

    expect(rhythmOf(...known)).toBeCloseTo(4_000, -1);
    expect(rhythmOf(...known, ...ended(16_000))).toBeCloseTo(2_000, -1);
  });

  test("sees no rhythm in a bucket that refills steadily: its end moves with each call", () => {
    const calls = Array.from({ length: 12 }, (_, at) => heard(2_000 + at * 133, 14 - at, at * 133));

    expect(rhythmOf(...calls, heard(9_000, 14, 133), heard(15_000, 14, 133))).toBeNull();
  });

  test("sees none in ends of each of which one call alone has told", () => {
    expect(rhythmOf(heard(2_000, 14), heard(4_000, 14), heard(6_000, 14))).toBeNull();
  });

  test("sees none in ends that fit no period", () => {
    expect(rhythmOf(...ended(2_000), ...ended(4_900), ...ended(8_500))).toBeNull();
  });

  test("learns none any more once it was wrong", () => {
    const rhythm = createRhythm();
    rhythm.break();
    for (const each of [...ended(2_000), ...ended(4_000), ...ended(6_000)]) {
      rhythm.hear(each);
    }

    expect(rhythm.periodMs()).toBeNull();
  });
});
