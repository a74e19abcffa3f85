import type { Heard } from "./known-window.ts";
import { createPace } from "./pacing.ts";
import type { Taken } from "./rate-window.ts";
import { createRhythm } from "./rhythm.ts";

/** What is known of a provider whose answers take longer than its windows. */
export interface SlowWindow {
  /** True while it decides alone: the length of the windows is known, and answers take longer. */
  isOn(): boolean;
  /** Null where it has nothing to say. While it learns it only makes calls wait. */
  take(nowMs: number): Taken | null;
  /** Notes that a call goes, however it was let through. */
  note(nowMs: number): void;
  hear(answer: LateAnswer): void;
}

interface LateAnswer {
  /** Null: it told nothing. */
  readonly heard: Heard | null;
  readonly isRefused: boolean;
  /** From the request on. */
  readonly tookMs: number;
}

/** A number that no window has. */
const noWindow = -1;

/** One answer may be late by chance. */
const leastLate = 3;

/** While the rhythm is learned, calls are spread over more than one window, so that they tell of two that follow each other. */
const learningWindows = 2;

/**
 * Learns all the time, and paces calls while answers take longer than a window. A refusal while it paces shows that it has learned wrongly, as
 * where others use the same key, and ends it for good.
 */
export function createSlowWindow(): SlowWindow {
  const rhythm = createRhythm();
  const pace = createPace();
  let limit = 1;
  let lateInRow = 0;
  let isLate = false;
  const isOn = (): boolean => isLate && rhythm.periodMs() !== null;
  return {
    isOn,
    take: (nowMs) => {
      const periodMs = rhythm.periodMs();
      if (!isLate) {
        return null;
      }
      const ms =
        periodMs === null
          ? pace.gapMs(nowMs, (rhythm.longestMs() * learningWindows) / limit)
          : pace.waitMs(nowMs, { limit, periodMs });
      if (ms > 0) {
        return { kind: "wait", ms };
      }
      return periodMs === null ? null : { kind: "go", place: { window: noWindow, sentMs: nowMs } };
    },
    note: (nowMs) => pace.note(nowMs),
    hear: ({ heard, isRefused, tookMs }) => {
      if (isRefused && isOn()) {
        rhythm.break();
      }
      if (heard !== null) {
        ({ limit } = heard);
      }
      if (heard?.isTold === true) {
        rhythm.hear(heard);
        // Answers that take about as long as a window do not switch to and fro.
        const windowMs = rhythm.periodMs() ?? rhythm.longestMs();
        lateInRow = tookMs > (isOn() ? windowMs / 2 : windowMs) ? lateInRow + 1 : 0;
        isLate = isOn() ? lateInRow > 0 : lateInRow >= leastLate;
      }
    },
  };
}
