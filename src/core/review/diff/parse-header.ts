import type { ChangedFile } from "../change.ts";
import { isInside, readGitNames, readName, readSides } from "./names.ts";
import type { Sides } from "./names.ts";
import { syntaxError } from "./syntax-error.ts";

/** What stands before the hunks of one file, and the index of the line after it. */
export interface HeaderAt {
  readonly file: Omit<ChangedFile, "hunks">;
  readonly next: number;
  /** True behind `---` and `+++`: without a hunk the diff is cut off, or its hunks have colours. */
  readonly hasHunks: boolean;
}

/** The lines of a header as far as they were there. */
interface Draft {
  minus?: string;
  plus?: string;
  from?: string;
  to?: string;
  origin?: "rename" | "copy";
  isNew?: boolean;
  isDeleted?: boolean;
  isBinary?: boolean;
}

type Note = (draft: Draft, rest: string) => void;

const ignored: Note = () => undefined;

const notes: readonly (readonly [start: string, note: Note])[] = [
  ["--- ", (draft, rest) => (draft.minus = rest)],
  ["+++ ", (draft, rest) => (draft.plus = rest)],
  ["new file mode ", (draft) => (draft.isNew = true)],
  ["deleted file mode ", (draft) => (draft.isDeleted = true)],
  ["rename from ", noteFrom("rename")],
  ["copy from ", noteFrom("copy")],
  ["rename to ", (draft, rest) => (draft.to = rest)],
  ["copy to ", (draft, rest) => (draft.to = rest)],
  ["Binary files ", (draft) => (draft.isBinary = true)],
  ["GIT binary patch", (draft) => (draft.isBinary = true)],
  ["old mode ", ignored],
  ["new mode ", ignored],
  ["index ", ignored],
  ["similarity index ", ignored],
  ["dissimilarity index ", ignored],
];

/**
 * Reads the header that opens at `start` with `diff --git`.
 *
 * @throws {SkeinError} SKN-1861 where it names no file, two different ones, or one outside the repository.
 */
export function readGitHeader(lines: readonly string[], start: number): HeaderAt {
  const draft: Draft = {};
  let at = start + 1;
  for (; at < lines.length; at += 1) {
    const line = withoutReturn(lines[at] ?? "");
    const found = notes.find(([opening]) => line.startsWith(opening));
    if (found === undefined) {
      break;
    }
    found[1](draft, line.slice(found[0].length));
  }
  const named = readGitNames(withoutReturn(lines[start] ?? "").slice("diff --git ".length));
  const hasHunks = draft.plus !== undefined;
  return { file: describe(draft, named, start), next: at, hasHunks };
}

/** Reads the header of a diff that git did not write: `---` at `start`, and `+++`. */
export function readPlainHeader(lines: readonly string[], start: number): HeaderAt {
  const draft = {
    minus: withoutReturn(lines[start] ?? "").slice(4),
    plus: withoutReturn(lines[start + 1] ?? "").slice(4),
  };
  return { file: describe(draft, null, start), next: start + 2, hasHunks: true };
}

/**
 * Reads what `diff -r` says of a binary file, in one line that is all there is of it; null for any other line.
 *
 * @throws {SkeinError} SKN-1861 where the names cannot be told.
 */
export function readBinaryNotice(lines: readonly string[], start: number): HeaderAt | null {
  const match = /^Binary files (.+) and (.+) differ$/u.exec(withoutReturn(lines[start] ?? ""));
  if (match === null) {
    return null;
  }
  const [, minus = "", plus = ""] = match;
  const file = describe({ minus, plus, isBinary: true }, null, start);
  return { file, next: start + 1, hasHunks: false };
}

function describe(draft: Draft, named: Sides | null, start: number): HeaderAt["file"] {
  const sides = sidesOf(draft, named, start);
  const path = sides.new ?? sides.old;
  if (path === null) {
    throw syntaxError(start, "the header names no file");
  }
  if (![sides.old ?? path, path].every(isInside)) {
    throw syntaxError(start, "the header names a path that cannot lie in the repository");
  }
  return {
    path,
    oldPath: draft.origin === undefined ? null : sides.old,
    kind: kindOf(draft, sides),
    isBinary: draft.isBinary ?? false,
  };
}

/** What a rename says is surest, then `---` and `+++`, then the first line. */
function sidesOf(draft: Draft, named: Sides | null, start: number): Sides {
  const marks = toldByMarks(draft, start);
  const origin = toldByOrigin(draft, start);
  if (marks !== null && origin !== null && !areSame(marks, origin)) {
    throw syntaxError(start, "the header names different files");
  }
  return origin ?? marks ?? named ?? { old: null, new: null };
}

function toldByMarks({ minus, plus }: Draft, start: number): Sides | null {
  if (minus === undefined && plus === undefined) {
    return null;
  }
  const sides = readSides(minus ?? "", plus ?? "");
  if (sides === null) {
    throw syntaxError(start, "the header has only one of `---` and `+++`, or a path in it is cut");
  }
  return sides;
}

function toldByOrigin({ from, to }: Draft, start: number): Sides | null {
  if (from === undefined && to === undefined) {
    return null;
  }
  const sides = { old: readName(from ?? ""), new: readName(to ?? "") };
  if (sides.old === null || sides.new === null) {
    throw syntaxError(start, "the header says only half of a rename");
  }
  return sides;
}

function areSame(one: Sides, other: Sides): boolean {
  return one.old === other.old && one.new === other.new;
}

/** A copy is a new file whose hunks show the difference from its source. */
function kindOf(draft: Draft, sides: Sides): ChangedFile["kind"] {
  if (draft.origin === "rename") {
    return "renamed";
  }
  if (draft.origin === "copy" || draft.isNew === true || sides.old === null) {
    return "added";
  }
  return draft.isDeleted === true || sides.new === null ? "deleted" : "modified";
}

function noteFrom(origin: "rename" | "copy"): Note {
  return (draft, rest) => {
    draft.from = rest;
    draft.origin = origin;
  };
}

function withoutReturn(line: string): string {
  return line.endsWith("\r") ? line.slice(0, -1) : line;
}
