/** What is to happen, earliest first. */
export interface Calendar {
  /** The time of what is happening now, in milliseconds. */
  nowMs(): number;
  /** Runs `next` so much later; what is due at the same time runs in the order in which it was told. */
  after(ms: number, next: () => void): void;
  /** Runs what is due up to a time, and leaves the rest. */
  runUntil(ms: number): void;
}

interface Entry {
  readonly atMs: number;
  readonly order: number;
  readonly next: () => void;
}

export function createCalendar(): Calendar {
  const heap: Entry[] = [];
  let now = 0;
  let order = 0;
  const isBefore = (one: Entry, other: Entry): boolean =>
    one.atMs < other.atMs || (one.atMs === other.atMs && one.order < other.order);
  return {
    nowMs: () => now,
    after: (ms, next) => {
      order += 1;
      push(heap, { atMs: now + ms, order, next }, isBefore);
    },
    runUntil: (ms) => {
      for (let first = heap[0]; first !== undefined && first.atMs <= ms; first = heap[0]) {
        pop(heap, isBefore);
        now = first.atMs;
        first.next();
      }
      now = ms;
    },
  };
}

type IsBefore = (one: Entry, other: Entry) => boolean;

function push(heap: Entry[], entry: Entry, isBefore: IsBefore): void {
  let at = heap.length;
  heap.push(entry);
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const above = heap[parent];
    if (above === undefined || !isBefore(entry, above)) {
      break;
    }
    heap[at] = above;
    at = parent;
  }
  heap[at] = entry;
}

function pop(heap: Entry[], isBefore: IsBefore): void {
  const last = heap.pop();
  if (last === undefined || heap.length === 0) {
    return;
  }
  let at = 0;
  for (;;) {
    const [left, right] = [heap[2 * at + 1], heap[2 * at + 2]];
    if (left === undefined) {
      break;
    }
    const isRight = right !== undefined && isBefore(right, left);
    const child = isRight ? right : left;
    if (!isBefore(child, last)) {
      break;
    }
    heap[at] = child;
    at = 2 * at + (isRight ? 2 : 1);
  }
  heap[at] = last;
}
