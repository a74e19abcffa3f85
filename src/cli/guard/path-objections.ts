import type { GuardedPaths } from "../../core/guarding/index.ts";
import { parsePathPattern, patternMatches } from "../../core/leases/index.ts";
import { shellWord } from "../shell-word.ts";
import { guardErrors } from "./errors.ts";
import type { Guarded, Objection } from "./guarded.ts";

/** The paths of a commit or a push, by what the ledger says of them. */
export interface PathsFound extends GuardedPaths {
  /** Held by the session or those it works for, or free. */
  readonly mine: readonly string[];
}

/** Asks the ledger about paths, but for those that a tool writes. */
export async function findPaths(
  { ledger, settings, repository }: Guarded,
  paths: readonly string[],
): Promise<PathsFound> {
  const { caseInsensitive } = settings.leases;
  const policy = {
    caseInsensitive: caseInsensitive === "auto" ? repository.ignoresCase : caseInsensitive,
  };
  const generated = settings.generated.map((pattern) => parsePathPattern(pattern));
  const checked = paths.filter(
    (path) => !generated.some((pattern) => patternMatches(pattern, path, policy)),
  );
  const sorted = await ledger.check(checked);
  const taken = new Set(sorted.foreign.map(({ path }) => path));
  return { ...sorted, mine: paths.filter((path) => !taken.has(path)) };
}

/** The most paths that a message names. */
const nameLimit = 10;

/** Why foreign paths stop a commit, and how to commit the rest of what is staged in a shared index. */
export function foreignObjection(found: Omit<PathsFound, "free">): Objection {
  const named = found.foreign.slice(0, nameLimit).map(({ text }) => text);
  const more = found.foreign.length - named.length;
  const own = found.mine.slice(0, nameLimit).map(shellWord).join(" ");
  const { code, fix } = guardErrors.foreignPaths;
  return {
    code,
    what: `${named.join(";\n  ")}${more > 0 ? `;\n  and ${String(more)} more` : ""}.`,
    next:
      found.mine.length === 0 || found.mine.length > nameLimit
        ? fix
        : `Commit your own paths alone: git commit --only -- ${own}`,
  };
}
