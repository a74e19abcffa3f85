import type { Span } from "./trend.ts";

/** One stretch of work of one worker; null: it goes on. */
export interface Stretch {
  readonly worker: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
}

/**
 * How well workers beside each other are used: of the time in which somebody worked, from each worker's first stretch to the end of its last,
 * the share in which that worker worked itself. Nights in which nobody works count for nobody. Null with fewer than two workers.
 */
export function parallelEfficiency(stretches: readonly Stretch[], span: Span): number | null {
  const byWorker = new Map<string, Piece[]>();
  for (const { worker, startedAtMs, endedAtMs } of stretches) {
    const from = Math.max(startedAtMs, span.fromMs);
    const to = Math.min(endedAtMs ?? span.toMs, span.toMs);
    if (from < to) {
      byWorker.set(worker, [...(byWorker.get(worker) ?? []), { from, to }]);
    }
  }
  if (byWorker.size < 2) {
    return null;
  }
  const own = [...byWorker.values()].map(joined);
  const anybody = joined(own.flat());
  const worked = own.map(lengthOf).reduce(plus, 0);
  const present = own.map((pieces) => lengthOf(within(anybody, around(pieces)))).reduce(plus, 0);
  return worked / present;
}

interface Piece {
  readonly from: number;
  readonly to: number;
}

/** The same time without overlaps, in order. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const whole: Piece[] = [];
  for (const piece of pieces.toSorted((one, other) => one.from - other.from)) {
    const last = whole.at(-1);
    if (last !== undefined && piece.from <= last.to) {
      whole[whole.length - 1] = { from: last.from, to: Math.max(last.to, piece.to) };
    } else {
      whole.push(piece);
    }
  }
  return whole;
}

function around(pieces: readonly Piece[]): Piece {
  return { from: pieces[0]?.from ?? 0, to: pieces.at(-1)?.to ?? 0 };
}

function within(pieces: readonly Piece[], frame: Piece): readonly Piece[] {
  return pieces
    .map(({ from, to }) => ({ from: Math.max(from, frame.from), to: Math.min(to, frame.to) }))
    .filter(({ from, to }) => from < to);
}

function lengthOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, { from, to }) => sum + to - from, 0);
}

function plus(one: number, other: number): number {
  return one + other;
}
