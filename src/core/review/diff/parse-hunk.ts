import type { DiffLine, Hunk } from "../change.ts";
import { syntaxError } from "./syntax-error.ts";

/** A hunk and the index of the line after it. */
export interface HunkAt {
  readonly hunk: Hunk;
  readonly next: number;
}

const head = /^@@ -(\d{1,9})(?:,(\d{1,9}))? \+(\d{1,9})(?:,(\d{1,9}))? @@ ?(.*)$/u;

/** True for a line that opens a hunk, well written or not. */
export function opensHunk(line: string | undefined): boolean {
  return line?.startsWith("@@ ") ?? false;
}

/**
 * Reads the hunk whose head stands at `start`: exactly as many lines as its head says.
 *
 * @throws {SkeinError} SKN-1861 where head and lines contradict each other.
 */
export function readHunk(lines: readonly string[], start: number): HunkAt {
  const match = head.exec(withoutReturn(lines[start] ?? ""));
  if (match === null) {
    throw syntaxError(start, "this is not the head of a hunk");
  }
  const [, oldStart, oldCount = "1", newStart, newCount = "1", section = ""] = match;
  const body = readBody(lines, {
    start,
    old: { line: Number(oldStart), left: Number(oldCount) },
    new: { line: Number(newStart), left: Number(newCount) },
  });
  const hunk = {
    oldStart: Number(oldStart),
    newStart: Number(newStart),
    section,
    lines: body.lines,
  };
  return { hunk, next: body.next };
}

/** One side of a hunk while it is read: the number of its next line, and how many are still to come. */
interface Side {
  line: number;
  left: number;
}

interface Counts {
  readonly start: number;
  readonly old: Side;
  readonly new: Side;
}

function readBody(
  lines: readonly string[],
  { start, old, new: next }: Counts,
): { readonly lines: readonly DiffLine[]; readonly next: number } {
  const read: DiffLine[] = [];
  let at = start + 1;
  while (old.left > 0 || next.left > 0) {
    const line = lines[at];
    if (line === undefined || (line === "" && at === lines.length - 1)) {
      throw syntaxError(start, "the hunk ends before all its lines have come");
    }
    if (!line.startsWith("\\ ")) {
      read.push(readLine(line, { at, old, new: next }));
    }
    at += 1;
  }
  while (lines[at]?.startsWith("\\ ") === true) {
    at += 1;
  }
  if (isStray(lines, at)) {
    throw syntaxError(at, "the hunk has more lines than its head says");
  }
  return { lines: read, next: at };
}

interface Place {
  readonly at: number;
  readonly old: Side;
  readonly new: Side;
}

function readLine(written: string, { at, old, new: next }: Place): DiffLine {
  const kind = kindOf(written);
  const text = withoutReturn(written.slice(1));
  const isOld = kind === "context" || kind === "removed";
  const isNew = kind === "context" || kind === "added";
  if (kind === null || (isOld && old.left === 0) || (isNew && next.left === 0)) {
    throw syntaxError(at, "this line does not fit the head of its hunk");
  }
  return { kind, oldLine: isOld ? take(old) : null, newLine: isNew ? take(next) : null, text };
}

/** Some programs take the space off an empty line of context. */
function kindOf(written: string): DiffLine["kind"] | null {
  switch (written.charAt(0)) {
    case "+":
      return "added";
    case "-":
      return "removed";
    case " ":
    case "":
    case "\r":
      return "context";
    default:
      return null;
  }
}

function take(side: Side): number {
  const { line } = side;
  side.line += 1;
  side.left -= 1;
  return line;
}

/** A line of code behind a finished hunk would be hidden from review. A mail's `-- ` and the next file's `---` are none. */
function isStray(lines: readonly string[], at: number): boolean {
  const line = lines[at] ?? "";
  const isCode = line.startsWith("+") || line.startsWith("-") || line.startsWith(" ");
  const isNextFile = line.startsWith("--- ") && (lines[at + 1] ?? "").startsWith("+++ ");
  return isCode && !isNextFile && !/^-- ?\r?$/u.test(line);
}

function withoutReturn(text: string): string {
  return text.endsWith("\r") ? text.slice(0, -1) : text;
}
