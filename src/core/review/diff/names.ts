import { readQuotedPath } from "./quoted-path.ts";

/** The two sides' paths of one file of a diff; null where a side has no file. */
export interface Sides {
  readonly old: string | null;
  readonly new: string | null;
}

const nowhere = "/dev/null";

/** What git writes before the paths: `a/` and `b/`, or the mnemonic letters of its sides. */
const prefixes = /^[abciow12]\//u;

/**
 * Reads the rest of a `diff --git` line. Without quotes it has no mark between its two paths, so they are told apart only where they are
 * equal; all others are told by the lines that follow. Null when it cannot be read.
 */
export function readGitNames(rest: string): Sides | null {
  const pair = rest.startsWith('"') || rest.endsWith('"') ? quotedPair(rest) : equalPair(rest);
  if (pair === null) {
    return null;
  }
  return withoutPrefixes(pair);
}

/** Reads what stands behind `---`, `+++`, `rename from` and the like, without its prefix being taken off. */
export function readName(rest: string): string | null {
  if (rest.startsWith('"')) {
    return readQuotedPath(rest, 0)?.path ?? null;
  }
  // A path with a space is followed by a tab; other programs write a time behind it.
  const tab = rest.indexOf("\t");
  const name = tab === -1 ? rest : rest.slice(0, tab);
  return name === "" ? null : name;
}

/** The paths behind `---` and `+++`: prefixes off where both sides have one, `/dev/null` as null. */
export function readSides(minus: string, plus: string): Sides | null {
  const [old, next] = [readName(minus), readName(plus)];
  return old === null || next === null ? null : withoutPrefixes([old, next]);
}

/** No file system takes longer paths. */
const maxPathChars = 4_096;

/** True for a path that can lie inside a repository: relative, and without empty, `.` and `..` segments. */
export function isInside(path: string): boolean {
  return (
    path !== "" &&
    path.length <= maxPathChars &&
    !path.includes("\0") &&
    path.split("/").every((segment) => segment !== "" && segment !== "." && segment !== "..")
  );
}

function withoutPrefixes([old, next]: readonly [string, string]): Sides {
  // Git's two prefixes differ, so `a/x` on both sides is a folder called `a`.
  const arePrefixed =
    [old, next].every((name) => name === nowhere || prefixes.test(name)) &&
    old.charAt(0) !== next.charAt(0);
  const bare = (name: string): string | null =>
    name === nowhere ? null : arePrefixed ? name.replace(prefixes, "") : name;
  return { old: bare(old), new: bare(next) };
}

function quotedPair(rest: string): readonly [string, string] | null {
  const first = readQuotedPath(rest, 0);
  if (first !== null) {
    const second = rest.slice(first.end + 1);
    const name = second.startsWith('"') ? readQuotedPath(second, 0)?.path : second;
    return name === undefined || name === "" ? null : [first.path, name];
  }
  const quote = rest.indexOf(' "');
  const second = quote === -1 ? null : readQuotedPath(rest, quote + 1);
  return second === null ? null : [rest.slice(0, quote), second.path];
}

function equalPair(rest: string): readonly [string, string] | null {
  const middle = (rest.length - 1) / 2;
  const [old, next] = [rest.slice(0, middle), rest.slice(middle + 1)];
  const areEqual = rest.charAt(middle) === " " && old.slice(2) === next.slice(2);
  return areEqual ? [old, next] : null;
}
