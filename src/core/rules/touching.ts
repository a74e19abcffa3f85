import { literalPrefix, patternMatches } from "../leases/index.ts";
import type { PathPattern } from "../leases/index.ts";
import { cannotJudge } from "./rule.ts";
import type { Verdict } from "./rule.ts";

/** Patterns of others, and the paths of a change that are held against them. */
export interface Touching {
  readonly patterns: readonly PathPattern[];
  readonly paths: readonly string[];
  readonly caseInsensitive: boolean;
}

/** The paths that some pattern covers, by the leases' own exact decision. */
export function touchedOf({ patterns, paths, caseInsensitive }: Touching): readonly string[] {
  const prefixed = patterns.map(withPrefix);
  return paths.map(withFold).flatMap((path) => {
    const isTouched = prefixed.some(
      (pattern) =>
        isNear(path, pattern) && patternMatches(pattern.pattern, path.path, { caseInsensitive }),
    );
    return isTouched ? [path.path] : [];
  });
}

/** What may be spent on comparing: some seconds. Hundreds of sessions with a few globs each and a change of hundreds of files cost a tenth. */
const maxCost = 100_000_000;

/**
 * Refuses what would take too long to compare: a ledger is written by whoever may push, and globs can be made to take a millisecond for
 * each path. Null when it may go on.
 */
export function tooCostly(all: Iterable<Touching>): Verdict | null {
  let cost = 0;
  for (const { patterns, paths } of all) {
    const folded = paths.map(withFold);
    for (const pattern of patterns.map(withPrefix)) {
      cost += paths.length + costOf(pattern, folded);
      if (cost > maxCost) {
        return cannotJudge(
          "The ledger has too many patterns, or too intricate ones, for a change of so many files.",
          "Publish anew with `skein github publish` when sessions hold directories or files in place of globs.",
        );
      }
    }
  }
  return null;
}

/** Characters that meet characters, once for each alternative of the braces. */
function costOf({ pattern, prefix }: Prefixed, paths: readonly Folded[]): number {
  if (pattern.kind !== "glob") {
    return 0;
  }
  const weight = pattern.text.length * alternativesIn(pattern.text);
  return paths
    .filter((path) => isNear(path, { prefix }))
    .reduce((sum, { path }) => sum + weight * path.length, 0);
}

/** At least as many as the braces stand for; leases allow 64. */
function alternativesIn(glob: string): number {
  const braces = glob.split("{").length - 1;
  const commas = glob.split(",").length - 1;
  return braces === 0 ? 1 : Math.min(64, Math.ceil((commas / braces + 1) ** braces));
}

interface Prefixed {
  readonly pattern: PathPattern;
  /** Folded; empty where it says nothing. */
  readonly prefix: string;
}

interface Folded {
  readonly path: string;
  readonly folded: string | null;
}

/** A quick look before the exact one. It never says no to what matches: beyond plain letters case is not its affair. */
function isNear({ folded }: Folded, { prefix }: Pick<Prefixed, "prefix">): boolean {
  return folded === null || folded.startsWith(prefix);
}

function withPrefix(pattern: PathPattern): Prefixed {
  const prefix = literalPrefix(pattern);
  return { pattern, prefix: isPlain(prefix) ? prefix.toLowerCase() : "" };
}

function withFold(path: string): Folded {
  return { path, folded: isPlain(path) ? path.toLowerCase() : null };
}

function isPlain(text: string): boolean {
  return /^[ -~]*$/u.test(text);
}
