import { star } from "./glob.ts";

/** How the elements of two lists meet. */
export interface Meet<E, W> {
  /** Something that is in both, or null. */
  both(one: E, other: E): W | null;
  /** Something that is in one. */
  any(one: E): W;
}

/** Two lists whose `star` places stand for any run of elements. */
export interface Lists<E> {
  readonly one: readonly (E | typeof star)[];
  readonly other: readonly (E | typeof star)[];
}

/**
 * Finds a list that both lists with stars describe, or null when there is none: a walk over the product of the two automata, which visits
 * each pair of places once, so the time is at most the product of the lengths. A star may end, or take what the other list has; two
 * elements go on together when they meet.
 */
export function meetingOf<E, W>(lists: Lists<E>, meet: Meet<E, W>): readonly W[] | null {
  const { one, other } = lists;
  const width = other.length + 1;
  const goal = one.length * width + other.length;
  const cameFrom = new Int32Array(goal + 1).fill(-1);
  const open = [0];
  cameFrom[0] = 0;
  const visitWhen = (isStep: boolean, at: number, from: number): void => {
    if (isStep && cameFrom[at] === -1) {
      cameFrom[at] = from;
      open.push(at);
    }
  };
  for (let at = open.pop(); at !== undefined && at !== goal; at = open.pop()) {
    const left = one[Math.floor(at / width)];
    const right = other[at % width];
    if (left === star || right === star) {
      visitWhen(left !== undefined, at + width, at);
      visitWhen(right !== undefined, at + 1, at);
    } else if (left !== undefined && right !== undefined) {
      visitWhen(meet.both(left, right) !== null, at + width + 1, at);
    }
  }
  return cameFrom[goal] === -1 ? null : walkBack({ cameFrom, goal, width }, lists, meet);
}

interface Walk {
  readonly cameFrom: Int32Array;
  readonly goal: number;
  readonly width: number;
}

function walkBack<E, W>({ cameFrom, goal, width }: Walk, lists: Lists<E>, meet: Meet<E, W>): W[] {
  const found: W[] = [];
  for (let at = goal; at !== 0; at = cameFrom[at] ?? 0) {
    const before = cameFrom[at] ?? 0;
    const left = lists.one[Math.floor(before / width)];
    const right = lists.other[before % width];
    const element = elementOf(meet, {
      left: at - before === 1 || left === star ? null : left,
      right: at - before === width || right === star ? null : right,
    });
    if (element !== null) {
      found.push(element);
    }
  }
  return found.toReversed();
}

function elementOf<E, W>(
  meet: Meet<E, W>,
  step: { readonly left: E | null | undefined; readonly right: E | null | undefined },
): W | null {
  const left = step.left ?? null;
  const right = step.right ?? null;
  if (left !== null && right !== null) {
    return meet.both(left, right);
  }
  const taken = left ?? right;
  return taken === null ? null : meet.any(taken);
}
