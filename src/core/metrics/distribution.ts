/** The bounds of slots double with so many of them. */
const slotsPerDoubling = 16;

const growth = 2 ** (1 / slotsPerDoubling);

/** How far a percentile may be from the true value, as a share of it: 2.2 %. */
export const relativeError = (growth - 1) / (growth + 1);

/**
 * How values lie, in little room: counts in slots whose fixed bounds grow by the same factor. Distributions of any processes and times can be
 * merged, and a percentile of the merged one is as good as of one that had seen all values.
 */
export interface Distribution {
  readonly count: number;
  readonly total: number;
  /** 0 when there is no value, as is `most`. */
  readonly least: number;
  readonly most: number;
  /** How many values lie in each slot. Slot 0 holds zero, slot s from 1 what is above g^(s-2), up to g^(s-1), with g = 2^(1/16). */
  readonly slots: ReadonlyMap<number, number>;
}

/** A distribution that grows in place: what a process holds between two flushes. */
export interface GrowingDistribution {
  /** Counts a value so many times; it is rounded to a whole number of at least 0, and what is no number counts as nothing. */
  add(value: number, times: number): void;
  /** What was counted so far. It is not copied: count no further into one that was read. */
  read(): Distribution;
}

export function createDistribution(): GrowingDistribution {
  let [count, total, least, most] = [0, 0, Number.MAX_SAFE_INTEGER, 0];
  const slots = new Map<number, number>();
  return {
    add: (value, times) => {
      if (!Number.isFinite(value)) {
        return;
      }
      const whole = Math.max(0, Math.round(value));
      const slot = slotOf(whole);
      count += times;
      total += whole * times;
      least = Math.min(least, whole);
      most = Math.max(most, whole);
      slots.set(slot, (slots.get(slot) ?? 0) + times);
    },
    read: () => ({ count, total, least: count === 0 ? 0 : least, most, slots }),
  };
}

/** The slot of a whole number of at least 0. */
function slotOf(value: number): number {
  return value === 0 ? 0 : 1 + Math.ceil(slotsPerDoubling * Math.log2(value));
}

/** The value that is off by the same share from both bounds of a slot. */
function middleOf(slot: number): number {
  return slot === 0 ? 0 : (2 * growth ** (slot - 1)) / (growth + 1);
}

export const emptyDistribution: Distribution = {
  count: 0,
  total: 0,
  least: 0,
  most: 0,
  slots: new Map(),
};

/** All values of some distributions in one. */
export function mergeDistributions(parts: readonly Distribution[]): Distribution {
  const filled = parts.filter(({ count }) => count > 0);
  if (filled.length === 0) {
    return emptyDistribution;
  }
  const slots = new Map<number, number>();
  for (const part of filled) {
    for (const [slot, count] of part.slots) {
      slots.set(slot, (slots.get(slot) ?? 0) + count);
    }
  }
  return {
    count: sumOf(filled.map(({ count }) => count)),
    total: sumOf(filled.map(({ total }) => total)),
    least: filled.reduce((least, part) => Math.min(least, part.least), Number.MAX_SAFE_INTEGER),
    most: filled.reduce((most, part) => Math.max(most, part.most), 0),
    slots,
  };
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, each) => sum + each, 0);
}

/** A distribution of values that are at hand. */
export function distributionOf(values: readonly number[]): Distribution {
  const growing = createDistribution();
  for (const value of values) {
    growing.add(value, 1);
  }
  return growing.read();
}

export function meanOf({ count, total }: Distribution): number | null {
  return count === 0 ? null : total / count;
}

/**
 * The value that a share (above 0, up to 1) of the values does not pass, by nearest rank; null when there is none. At most `relativeError`
 * away from the true one; the least and the most value are told as they were.
 */
export function percentileOf(
  { count, least, most, slots }: Distribution,
  share: number,
): number | null {
  if (count === 0) {
    return null;
  }
  const rank = Math.max(1, Math.ceil(share * count));
  if (rank === 1 || rank >= count) {
    return rank >= count ? most : least;
  }
  let seen = 0;
  for (const [slot, inSlot] of [...slots].toSorted(([one], [other]) => one - other)) {
    seen += inSlot;
    if (seen >= rank) {
      return Math.min(most, Math.max(least, middleOf(slot)));
    }
  }
  return most;
}

/** Slots as they are stored: `SLOT:COUNT`, in order, with spaces between. */
export function slotsText(slots: Distribution["slots"]): string {
  return [...slots]
    .toSorted(([one], [other]) => one - other)
    .map(([slot, count]) => `${String(slot)}:${String(count)}`)
    .join(" ");
}

/** Reads stored slots; what is no slot is passed over. */
export function slotsOf(text: string): Distribution["slots"] {
  const slots = new Map<number, number>();
  for (const [, slot, count] of text.matchAll(/(?<!\S)(\d{1,5}):(\d{1,15})(?!\S)/gu)) {
    slots.set(Number(slot), Number(count));
  }
  return slots;
}
