import type { Git } from "./git.ts";

/** One changed path, relative to the repository's root. */
export interface ChangedPath {
  readonly path: string;
  /** Where it was before a rename or what it was copied from, or null. */
  readonly fromPath: string | null;
  readonly kind: "added" | "changed" | "deleted" | "renamed" | "copied" | "untracked" | "unmerged";
}

/** Every path that a list of changes touches: both sides of renames, the written side of copies. */
export function touchedPaths(changes: readonly ChangedPath[]): readonly string[] {
  const paths = new Set<string>();
  for (const { path, fromPath, kind } of changes) {
    paths.add(path);
    if (fromPath !== null && kind === "renamed") {
      paths.add(fromPath);
    }
  }
  return [...paths];
}

/** What differs between HEAD and the files of a worktree, staged or not, untracked files included, ignored ones not. */
export async function dirtyPaths(git: Git): Promise<readonly ChangedPath[]> {
  const { stdout } = await git.run([
    "status",
    "--porcelain=v2",
    "-z",
    "--untracked-files=all",
    "--renames",
    "--ignore-submodules=none",
  ]);
  return parseStatus(stdout);
}

/** A committed `.gitmodules` may tell git to look at no change of a submodule: which commit of it is meant is a change as any other. */
export const withSubmodules = "--ignore-submodules=dirty";

/**
 * What the next commit would change against HEAD.
 *
 * `indexFile` is git's `GIT_INDEX_FILE` inside a hook (`git commit --only` makes a temporary index), or null.
 */
export async function stagedPaths(
  git: Git,
  indexFile: string | null,
): Promise<readonly ChangedPath[]> {
  const { stdout } = await git.run(
    ["diff", "--cached", "--name-status", "-z", "-M", "--no-ext-diff", withSubmodules],
    indexFile === null ? {} : { env: { GIT_INDEX_FILE: indexFile } },
  );
  return parseNameStatus(stdout);
}

/** Reads `git status --porcelain=v2 -z`. */
export function parseStatus(text: string): readonly ChangedPath[] {
  const fields = text.split("\0");
  const changes: ChangedPath[] = [];
  for (let index = 0; index < fields.length; index += 1) {
    const field = fields[index] ?? "";
    if (field.startsWith("2 ")) {
      index += 1;
      changes.push(renameOf(field, fields[index] ?? ""));
    } else if (field !== "" && !field.startsWith("#") && !field.startsWith("!")) {
      changes.push(entryOf(field));
    }
  }
  return changes;
}

/** Fields before the path: `1 XY sub mH mI mW hH hI`, `2 … score`, `u XY sub m1 m2 m3 mW h1 h2 h3`, `?`. */
function entryOf(field: string): ChangedPath {
  if (field.startsWith("? ")) {
    return { path: field.slice(2), fromPath: null, kind: "untracked" };
  }
  if (field.startsWith("u ")) {
    return { path: afterSpaces(field, 10), fromPath: null, kind: "unmerged" };
  }
  return { path: afterSpaces(field, 8), fromPath: null, kind: kindOfStates(field.slice(2, 4)) };
}

function kindOfStates(states: string): ChangedPath["kind"] {
  if (states.includes("D")) {
    return "deleted";
  }
  return states.includes("A") ? "added" : "changed";
}

function renameOf(field: string, fromPath: string): ChangedPath {
  const kind = afterSpaces(field, 8).startsWith("C") ? "copied" : "renamed";
  return { path: afterSpaces(field, 9), fromPath, kind };
}

function afterSpaces(text: string, count: number): string {
  let start = 0;
  for (let seen = 0; seen < count; seen += 1) {
    start = text.indexOf(" ", start) + 1;
  }
  return text.slice(start);
}

/** Reads `git diff --name-status -z`. */
export function parseNameStatus(text: string): readonly ChangedPath[] {
  const fields = text.split("\0");
  const changes: ChangedPath[] = [];
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const letter = (fields[index] ?? "").charAt(0);
    const first = fields[index + 1] ?? "";
    if (letter === "R" || letter === "C") {
      index += 1;
      const kind = letter === "R" ? "renamed" : "copied";
      changes.push({ path: fields[index + 1] ?? "", fromPath: first, kind });
    } else {
      changes.push({ path: first, fromPath: null, kind: kindOfLetter(letter) });
    }
  }
  return changes;
}

function kindOfLetter(letter: string): ChangedPath["kind"] {
  switch (letter) {
    case "A":
      return "added";
    case "D":
      return "deleted";
    case "U":
      return "unmerged";
    default:
      return "changed";
  }
}
