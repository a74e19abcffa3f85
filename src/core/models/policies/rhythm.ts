import type { Heard } from "./known-window.ts";

/** The rhythm of a provider's windows, learned from answers that come so late that what they tell of a window is over. */
export interface Rhythm {
  hear(heard: Heard): void;
  /** The length of a window in milliseconds; null while it is not sure. It may come out too long at first, as a multiple. */
  periodMs(): number | null;
  /** The longest that a window still had when it counted a call: no window is shorter. */
  longestMs(): number;
  /** Forgets the rhythm and learns none any more: what was learned has proved wrong. */
  break(): void;
}

/** When a window ended, and what it told of itself until then. */
interface End {
  readonly atMs: number;
  readonly least: number;
  readonly most: number;
}

/** Fewer ends could lie on any rhythm. */
const leastEnds = 3;
const mostEnds = 12;
/** How far an end may lie off, as a part of the window: a request takes its time to get to the provider. */
const slack = 0.03;
const leastSlackMs = 25;
/** So many ends must have stood still while this part of the limit was used: those of a bucket that refills steadily move with each call. */
const leastSure = 2;
const sureShare = 4;

export function createRhythm(): Rhythm {
  let ends: readonly End[] = [];
  let longestMs = 0;
  let isBroken = false;
  let periodMs: number | null = null;
  return {
    hear: (heard) => {
      longestMs = Math.max(longestMs, heard.lengthMs);
      if (!isBroken) {
        ends = withEnd(ends, heard, longestMs);
        periodMs = isFixed(ends, heard.limit) ? periodOf(ends, longestMs) : null;
      }
    },
    periodMs: () => periodMs,
    longestMs: () => longestMs,
    break: () => {
      isBroken = true;
      periodMs = null;
    },
  };
}

function slackOf(lengthMs: number): number {
  return Math.max(leastSlackMs, lengthMs * slack);
}

/**
 * Ends that lie nearer than half a window are one: the latest of them, since a request only ever arrives after it was sent, some much later.
 * What the others told counts only where it lies at the same place.
 */
function withEnd(
  ends: readonly End[],
  { earliestEndMs: atMs, remaining }: Heard,
  longestMs: number,
): readonly End[] {
  const told: End = { atMs, least: remaining, most: remaining };
  const near = ends.find((end) => Math.abs(end.atMs - atMs) <= longestMs / 2);
  const end = near === undefined ? told : joined(near, told, slackOf(longestMs));
  return [...ends.filter((each) => each !== near), end]
    .toSorted((one, other) => one.atMs - other.atMs)
    .slice(-mostEnds);
}

function joined(one: End, other: End, slackMs: number): End {
  if (Math.abs(one.atMs - other.atMs) > slackMs) {
    return one.atMs > other.atMs ? one : other;
  }
  return {
    atMs: Math.max(one.atMs, other.atMs),
    least: Math.min(one.least, other.least),
    most: Math.max(one.most, other.most),
  };
}

function isFixed(ends: readonly End[], limit: number): boolean {
  const sure = ends.filter(({ least, most }) => (most - least) * sureShare >= limit);
  return ends.length >= leastEnds && sure.length >= leastSure;
}

/** The longest length of which all distances are multiples, and that is no shorter than what was told of a window. */
function periodOf(ends: readonly End[], longestMs: number): number | null {
  const gaps = ends
    .slice(1)
    .map(({ atMs }, index) => atMs - (ends[index]?.atMs ?? atMs))
    .toSorted((a, b) => a - b);
  const [shortest = 0] = gaps;
  const most = longestMs > 0 ? Math.floor((shortest + slackOf(longestMs)) / longestMs) : 0;
  for (let parts = 1; parts <= most; parts += 1) {
    const period = fit(gaps, shortest / parts);
    if (period !== null) {
      return period;
    }
  }
  return null;
}

/** A length near the guess that all gaps are multiples of, the shortest gaps first: each makes it surer. */
function fit(gaps: readonly number[], guessMs: number): number | null {
  let [sumMs, count] = [0, 0];
  for (const gap of gaps) {
    const periodMs = count === 0 ? guessMs : sumMs / count;
    const times = Math.round(gap / periodMs);
    if (Math.abs(gap - times * periodMs) > slackOf(guessMs)) {
      return null;
    }
    sumMs += gap;
    count += times;
  }
  return sumMs / count;
}
