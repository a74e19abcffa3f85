import { git } from "./git-store.ts";
import type { Anchor, Side } from "./state.ts";

/** A line of a hunk with its numbers on both sides; null where it is not. */
export interface DiffLine {
  readonly kind: "+" | "-" | " ";
  readonly text: string;
  readonly old: number | null;
  readonly new: number | null;
}

export interface Hunk {
  readonly header: string;
  /** The last line of the old side before the hunk, 0 for none. */
  readonly after: number;
  readonly lines: readonly DiffLine[];
}

export interface FileDiff {
  readonly path: string;
  readonly previousPath: string | null;
  readonly status: "added" | "removed" | "modified" | "renamed" | "copied" | "changed";
  /** The blob on the new side, or on the old one of a removed file. */
  readonly blob: string;
  readonly additions: number;
  readonly deletions: number;
  /** From the first `@@`; null for binary files and where only the name or mode changed. */
  readonly patch: string | null;
  readonly hunks: readonly Hunk[];
}

/** Two commits, and how many unchanged lines stand around a change. */
export interface Span {
  readonly from: string;
  readonly to: string;
  /** Default 3, as GitHub. */
  readonly context?: number | undefined;
}

/** What changed between two commits, with renames found as GitHub finds them. */
export async function diffOf(
  gitDir: string,
  { from, to, context = 3 }: Span,
): Promise<readonly FileDiff[]> {
  const flags = ["--no-ext-diff", "--no-color", "--full-index", "--find-renames"];
  const raw = await git(gitDir, ["diff", "--raw", "-z", ...flags, from, to]);
  const text = await git(gitDir, [
    "diff",
    "--patch",
    `--unified=${String(context)}`,
    ...flags,
    from,
    to,
  ]);
  const patches = `\n${text}`.split("\ndiff --git ").slice(1);
  let at = 0;
  return entriesOf(raw).map((entry) => {
    const parts = patches.slice(at, at + (entry.letter === "T" ? 2 : 1));
    at += parts.length;
    return fileOf(entry, parts);
  });
}

/** The line of an anchor and the hunk that holds it; null where the diff does not have it. */
export function lineAt(
  file: FileDiff,
  side: Side,
  line: number,
): { readonly hunk: Hunk; readonly at: number } | null {
  for (const hunk of file.hunks) {
    const at = hunk.lines.findIndex((entry) => numberOn(entry, side) === line);
    if (at !== -1) {
      return { hunk, at };
    }
  }
  return null;
}

/** What GitHub shows above a comment: the hunk down to its line. */
export function hunkText(file: FileDiff, anchor: Anchor): string {
  const found = anchor.line === null ? null : lineAt(file, anchor.side, anchor.line);
  if (found === null) {
    return "";
  }
  const lines = found.hunk.lines.slice(0, found.at + 1);
  return [found.hunk.header, ...lines.map(({ kind, text }) => `${kind}${text}`)].join("\n");
}

/** The old way to name a line: how many lines below the first hunk header it stands, from 1; null where it is not. */
export function positionOf(file: FileDiff, anchor: Anchor): number | null {
  let before = 0;
  for (const { lines } of file.hunks) {
    const at = lines.findIndex((entry) => numberOn(entry, anchor.side) === anchor.line);
    if (at !== -1) {
      return before + at + 1;
    }
    before += lines.length + 1;
  }
  return null;
}

/** The anchor that a position names, null where there is none. */
export function anchorAt(file: FileDiff, position: number): Anchor | null {
  let before = 0;
  for (const { lines } of file.hunks) {
    const line = lines[position - before - 1];
    if (line !== undefined && position > before) {
      const side = line.kind === "-" ? "LEFT" : "RIGHT";
      const number = numberOn(line, side);
      return { path: file.path, side, line: number, startLine: null, startSide: null };
    }
    before += lines.length + 1;
  }
  return null;
}

/** Where a line of the old side stands on the new one; null where it was changed or removed. */
export function movedLine(file: FileDiff | null, line: number): number | null {
  let shift = 0;
  for (const { after, lines } of file?.hunks ?? []) {
    if (line <= after) {
      break;
    }
    const own = lines.find((entry) => entry.old === line);
    if (own !== undefined) {
      return own.new;
    }
    shift += lines.reduce(
      (total, { kind }) => total + (kind === "+" ? 1 : kind === "-" ? -1 : 0),
      0,
    );
  }
  return line + shift;
}

function numberOn(line: DiffLine, side: Side): number | null {
  return side === "LEFT" ? line.old : line.new;
}

interface Entry {
  readonly letter: string;
  readonly blob: string;
  readonly path: string;
  readonly previousPath: string | null;
}

function entriesOf(raw: string): readonly Entry[] {
  const fields = raw.split("\0");
  const found: Entry[] = [];
  for (let at = 0; at < fields.length;) {
    const meta = /^:\d+ \d+ ([\da-f]+) ([\da-f]+) ([A-Z])\d*$/u.exec(fields[at] ?? "");
    if (meta === null) {
      break;
    }
    const [, old = "", now = "", letter = ""] = meta;
    const isMoved = letter === "R" || letter === "C";
    found.push({
      letter,
      blob: letter === "D" ? old : now,
      path: fields[at + (isMoved ? 2 : 1)] ?? "",
      previousPath: isMoved ? (fields[at + 1] ?? "") : null,
    });
    at += isMoved ? 3 : 2;
  }
  return found;
}

const statuses: Readonly<Record<string, FileDiff["status"]>> = {
  A: "added",
  D: "removed",
  M: "modified",
  R: "renamed",
  C: "copied",
  T: "changed",
};

function fileOf(entry: Entry, parts: readonly string[]): FileDiff {
  const hunks = parts.flatMap(hunksOf);
  const lines = hunks.flatMap((hunk) => hunk.lines);
  const patches = parts.flatMap((part) => {
    const start = part.startsWith("@@ ") ? 0 : part.indexOf("\n@@ ") + 1;
    return start > 0 ? [part.slice(start)] : [];
  });
  return {
    path: entry.path,
    previousPath: entry.previousPath,
    status: statuses[entry.letter] ?? "changed",
    blob: entry.blob,
    additions: lines.filter(({ kind }) => kind === "+").length,
    deletions: lines.filter(({ kind }) => kind === "-").length,
    patch: patches.length === 0 ? null : patches.join("\n"),
    hunks,
  };
}

function hunksOf(part: string): readonly Hunk[] {
  const hunks: (Omit<Hunk, "lines"> & { readonly lines: DiffLine[] })[] = [];
  let [oldAt, newAt, oldLeft, newLeft] = [0, 0, 0, 0];
  for (const text of part.split("\n")) {
    const current = hunks.at(-1);
    if (current !== undefined && (oldLeft > 0 || newLeft > 0)) {
      const kind = text.startsWith("+") ? "+" : text.startsWith("-") ? "-" : " ";
      if (!text.startsWith("\\")) {
        const isOld = kind !== "+";
        const isNew = kind !== "-";
        current.lines.push({
          kind,
          text: text.slice(1),
          old: isOld ? oldAt : null,
          new: isNew ? newAt : null,
        });
        oldAt += isOld ? 1 : 0;
        oldLeft -= isOld ? 1 : 0;
        newAt += isNew ? 1 : 0;
        newLeft -= isNew ? 1 : 0;
      }
      continue;
    }
    const head = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@/u.exec(text);
    if (head !== null) {
      [oldAt, oldLeft] = [Number(head[1]), Number(head[2] ?? 1)];
      [newAt, newLeft] = [Number(head[3]), Number(head[4] ?? 1)];
      hunks.push({ header: text, after: oldLeft === 0 ? oldAt : oldAt - 1, lines: [] });
    }
  }
  return hunks;
}
