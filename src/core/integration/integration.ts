import type { Actor } from "../base/ids.ts";
import type { Task } from "../plans/index.ts";

/** The git side of integration. Implemented in `adapters/git`. Commits are full hexadecimal object names. */
export interface Workspace {
  /** Resolves a name to a commit, or null. */
  resolve(revision: string): Promise<string | null>;
  /** True when `commit` is reachable from `branch`. */
  isAncestor(commit: string, branch: string): Promise<boolean>;
  /** The commit on `branch` whose patch equals that of `commit`, after a squash or a rebase; null when there is none. */
  findSamePatch(commit: string, branch: string): Promise<string | null>;
  /** Paths that the commits between the branch and `commit` touch, both sides of renames. */
  changedPaths(commit: string, branch: string): Promise<readonly string[]>;
  /**
   * Puts the commits of `commit` that `branch` lacks onto it, without touching any worktree of a person, and moves the branch only if
   * everything, the checks included, succeeded. Never resolves a conflict by itself.
   */
  integrate(request: IntegrateRequest): Promise<IntegrateResult>;
  /** Runs a named check of the committed configuration of the default branch at a commit, in a scratch worktree. */
  runCheck(name: string, commit: string): Promise<CheckResult>;
}

export interface IntegrateRequest {
  readonly commit: string;
  readonly branch: string;
  readonly method: "rebase" | "merge";
  /** Named checks that must pass on the result before the branch moves. */
  readonly checks: readonly string[];
  /** The subject line of a merge commit, and trailers. */
  readonly message: string;
}

export type IntegrateResult =
  | { readonly kind: "integrated"; readonly commit: string }
  | { readonly kind: "already"; readonly commit: string }
  | { readonly kind: "conflict"; readonly files: readonly string[]; readonly detail: string }
  | { readonly kind: "check-failed"; readonly check: CheckResult }
  /** The branch moved meanwhile or is checked out with changes in the way: nothing was done. */
  | { readonly kind: "retry"; readonly detail: string };

export interface CheckResult {
  readonly name: string;
  readonly passed: boolean;
  readonly exitCode: number | null;
  /** The end of the output, at most 4 KB. */
  readonly output: string;
}

/** What happened to one submitted task. */
export interface Landing {
  readonly task: Task;
  readonly result:
    | IntegrateResult
    /** It touches paths beyond its scope that its session never leased: it goes back to its worker. */
    | { readonly kind: "out-of-scope"; readonly files: readonly string[]; readonly detail: string }
    /** Nothing was done: its commit is not here, or its state changed meanwhile. */
    | { readonly kind: "skipped"; readonly detail: string };
}

/** Lands submitted work on the integration branch, one task at a time, and proves what landed by other ways. */
export interface Integration {
  /** Integrates submitted tasks in dependency and age order; a conflict goes back to its worker as feedback, never resolved here. */
  integrate(options: IntegrateOptions): Promise<readonly Landing[]>;
  /**
   * Proves that a submitted task reached the integration branch (ancestry, then patch), runs its check, and marks it done.
   * @throws {SkeinError} SKN-48xx with what is missing.
   */
  verifyTask(request: VerifyRequest): Promise<Task>;
}

export interface IntegrateOptions {
  readonly branch: string;
  readonly method: "rebase" | "merge";
  readonly plan: string | null;
  readonly task: string | null;
  readonly checks: readonly string[];
  readonly by: Actor;
  readonly signal: AbortSignal | null;
}

export interface VerifyRequest {
  readonly task: string;
  readonly branch: string;
  readonly by: Actor;
}
