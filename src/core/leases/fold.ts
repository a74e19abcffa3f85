/** A set of code points: ranges with both ends included, sorted, apart from each other. */
export type CharSet = readonly (readonly [from: number, to: number])[];

/** Folds case as case-insensitive file systems do: one code point at a time, then NFC again. Idempotent. */
export function foldText(text: string): string {
  if (/^[\0-\u007F]*$/u.test(text)) {
    return text.toLowerCase();
  }
  return Array.from(text, foldCharacter).join("").normalize("NFC");
}

/** Adds to a set every code point that differs from one of its members by case only. */
export function closeUnderFold(set: CharSet): CharSet {
  const groups = caseGroups();
  const added: [number, number][] = [];
  for (const group of groups) {
    if (group.some((point) => hasPoint(set, point))) {
      added.push(...group.map((point): [number, number] => [point, point]));
    }
  }
  return joinRanges([...set, ...added]);
}

/** Sorts ranges and joins those that touch. */
export function joinRanges(ranges: CharSet): CharSet {
  const joined: [number, number][] = [];
  for (const [from, to] of ranges.toSorted((one, other) => one[0] - other[0])) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last[1] + 1) {
      last[1] = Math.max(last[1], to);
    } else {
      joined.push([from, to]);
    }
  }
  return joined;
}

/** The ranges that two sets share. */
export function commonRanges(one: CharSet, other: CharSet): CharSet {
  const common: [number, number][] = [];
  let left = 0;
  let right = 0;
  for (;;) {
    const a = one[left];
    const b = other[right];
    if (a === undefined || b === undefined) {
      return common;
    }
    const from = Math.max(a[0], b[0]);
    const to = Math.min(a[1], b[1]);
    if (from <= to) {
      common.push([from, to]);
    }
    if (a[1] < b[1]) {
      left += 1;
    } else {
      right += 1;
    }
  }
}

export function hasPoint(set: CharSet, point: number): boolean {
  for (const [from, to] of set) {
    if (from <= point && point <= to) {
      return true;
    }
  }
  return false;
}

function foldCharacter(character: string): string {
  return single(
    single(character, character.toUpperCase()),
    single(character, character.toUpperCase()).toLowerCase(),
  );
}

/** `mapped` when it is one code point, else `character`. */
function single(character: string, mapped: string): string {
  const [first = "", ...rest] = mapped;
  return rest.length === 0 && first !== "" ? first : character;
}

let groups: readonly (readonly number[])[] | null = null;

/** Code points that fold to the same one, in groups of two and more; found once, when a class first needs them. */
function caseGroups(): readonly (readonly number[])[] {
  groups ??= findCaseGroups();
  return groups;
}

/** Above this no script has case (Adlam, at U+1E943, is the last). */
const lastCased = 0x1_e9_43;

function findCaseGroups(): readonly (readonly number[])[] {
  const byFold = new Map<number, number[]>();
  const isCased = /\p{Changes_When_Casemapped}/u;
  for (let point = 0x41; point <= lastCased; point += 1) {
    const character = String.fromCodePoint(point);
    if (isCased.test(character)) {
      const folded = foldCharacter(character).codePointAt(0) ?? point;
      byFold.set(folded, [...(byFold.get(folded) ?? []), point]);
    }
  }
  return [...byFold.values()].filter((group) => group.length > 1);
}
