import { performance } from "node:perf_hooks";

/** How often something was done, and how long each time took. */
export interface Rate {
  readonly what: string;
  readonly count: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
}

export interface MeasureOptions {
  readonly what: string;
  readonly seconds: number;
  /** What one run counts for, as a batch does. Default 1. */
  readonly weight?: number | undefined;
  /** Does it once and tells how many milliseconds of it count; null ends the measurement. */
  readonly once: (at: number) => Promise<number | null>;
}

/** Does something again and again for a time. */
export async function measure({ what, seconds, weight = 1, once }: MeasureOptions): Promise<Rate> {
  const endMs = performance.now() + seconds * 1_000;
  const took: number[] = [];
  for (let at = 0; performance.now() < endMs; at += 1) {
    const ms = await once(at);
    if (ms === null) {
      break;
    }
    took.push(ms);
  }
  return rateOf(what, took, weight);
}

function rateOf(what: string, took: readonly number[], weight: number): Rate {
  const sorted = took.toSorted((one, other) => one - other);
  const total = took.reduce((sum, ms) => sum + ms, 0);
  const at = (share: number): number =>
    rounded(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    what,
    count: took.length * weight,
    perSecond: total === 0 ? 0 : Math.round((took.length * weight * 1_000) / total),
    p50: at(0.5),
    p99: at(0.99),
    worst: rounded(sorted.at(-1) ?? 0),
  };
}

function rounded(ms: number): number {
  return Math.round(ms * 1_000) / 1_000;
}

/** Times one piece of work. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await work();
  return performance.now() - from;
}
