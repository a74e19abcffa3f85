import type { DiffLine, Hunk } from "../change.ts";

export interface SplitOptions {
  /** The most tokens that a part may have. */
  readonly room: number;
  readonly tokensOf: (hunk: Hunk) => number;
}

/** Longer than any `(part 12 of 34)`. */
const markChars = 24;

/** Cuts a hunk between lines into parts that fit, each marked in its section. A line that fits nowhere stays a part of its own. */
export function splitHunk(hunk: Hunk, options: SplitOptions): readonly Hunk[] {
  if (options.tokensOf(hunk) <= options.room) {
    return [hunk];
  }
  const section = `${hunk.section}${"0".repeat(markChars)}`;
  const groups: DiffLine[][] = [];
  let rest = hunk.lines;
  while (rest.length > 0) {
    const count = fitting(
      rest,
      (lines) => options.tokensOf({ ...hunk, section, lines }) <= options.room,
    );
    groups.push(rest.slice(0, count));
    rest = rest.slice(count);
  }
  return groups.map((lines, index) => partOf(hunk, lines, [index + 1, groups.length]));
}

/** How many of the first lines fit, at least one: found by halving, since more lines never take less. */
function fitting(
  lines: readonly DiffLine[],
  fits: (lines: readonly DiffLine[]) => boolean,
): number {
  let [least, most] = [1, lines.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(lines.slice(0, middle))) {
      least = middle;
    } else {
      most = middle - 1;
    }
  }
  return least;
}

function partOf(
  hunk: Hunk,
  lines: readonly DiffLine[],
  [part, parts]: readonly [number, number],
): Hunk {
  const mark = `(part ${String(part)} of ${String(parts)})`;
  return {
    oldStart: lines.find(({ oldLine }) => oldLine !== null)?.oldLine ?? hunk.oldStart,
    newStart: lines.find(({ newLine }) => newLine !== null)?.newLine ?? hunk.newStart,
    section: hunk.section === "" ? mark : `${hunk.section} ${mark}`,
    lines,
  };
}
