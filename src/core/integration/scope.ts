import { patternMatches } from "../leases/index.ts";
import type { PathPattern, PathPolicy } from "../leases/index.ts";

export interface ScopeFacts {
  /** Paths that a commit touches, both sides of renames. */
  readonly changed: readonly string[];
  /** The task's own scope. */
  readonly scope: readonly PathPattern[];
  /** What its session held beside it: more paths, edits, also leases that have ended. */
  readonly held: readonly PathPattern[];
  /** Paths that need no lease. */
  readonly exempt: readonly PathPattern[];
}

/** Paths beyond a task's scope, and those among them that its session never held. */
export interface ScopeFindings {
  readonly beyond: readonly string[];
  readonly unleased: readonly string[];
}

/** Compares what a commit touches with what its task may touch. A task without a scope may touch everything. */
export function findBeyondScope(facts: ScopeFacts, policy: PathPolicy): ScopeFindings {
  const { changed, scope, held, exempt } = facts;
  if (scope.length === 0) {
    return { beyond: [], unleased: [] };
  }
  const isIn = (patterns: readonly PathPattern[], path: string): boolean =>
    patterns.some((pattern) => patternMatches(pattern, path, policy));
  const beyond = changed.filter((path) => !isIn(scope, path) && !isIn(exempt, path));
  return { beyond, unleased: beyond.filter((path) => !isIn(held, path)) };
}
