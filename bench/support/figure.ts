/** One measured figure and what it is held against. */
export interface Figure {
  /** What was measured, in words: `claim over hand-written, NORMAL`. */
  readonly name: string;
  readonly value: number;
  /** `x` for a ratio, else `ms`, `/s`, `s`, `MB`, a count of things. */
  readonly unit: string;
  /** The bound, or null for a figure that only informs. */
  readonly target: Target | null;
}

/** A bound: the figure is at least, or at most, this. */
export interface Target {
  readonly bound: "at least" | "at most";
  readonly value: number;
}

/** Makes a bound from below. */
export function atLeast(value: number): Target {
  return { bound: "at least", value };
}

/** Makes a bound from above. */
export function atMost(value: number): Target {
  return { bound: "at most", value };
}

/** True when a figure keeps its target, or has none. */
export function isMet({ value, target }: Figure): boolean {
  if (target === null) {
    return true;
  }
  return target.bound === "at least" ? value >= target.value : value <= target.value;
}

/** Marks the line of a bench's output that holds its figures. */
export const figuresMark = "@figures ";

/** Hands the figures of one bench to `bench/main.ts`; run by hand, a bench shows them as they are. */
export function report(figures: readonly Figure[]): void {
  console.log(figuresMark + JSON.stringify(figures));
}

/** True when a bench was asked for a short run. */
export const isQuick = process.argv.includes("--quick");
