import { hash } from "node:crypto";

import type { Permission } from "./snapshot.ts";

/** One rule with what its people chose. Patterns of branches and paths are those of leases: `*`, `**`, `?`, `[..]`, `{a,b}`. */
export type RuleChoice =
  | { readonly kind: "branch_name"; readonly patterns: readonly string[] }
  | {
      readonly kind: "target_branch";
      readonly branches: readonly string[];
      readonly permission: Permission;
      /** Logins that may without the permission; the only way for a bot. */
      readonly users: readonly string[];
      /** Branches of the same repository that alone may be merged there; null: any. */
      readonly from: readonly string[] | null;
    }
  | {
      readonly kind: "protected_paths";
      readonly paths: readonly string[];
      readonly count: number;
      readonly permission: Permission;
      readonly users: readonly string[];
      /** True: a person who is the author and has the permission counts as one. */
      readonly authorCounts: boolean;
    }
  | {
      readonly kind: "approvals";
      readonly count: number;
      readonly permission: Permission;
      readonly users: readonly string[];
    }
  | {
      readonly kind: "task_link";
      readonly accept: readonly ("issue" | "task" | "key")[];
      /** Prefixes of keys, as `SHOP` for `SHOP-12`. */
      readonly keys: readonly string[];
    }
  | {
      readonly kind: "size";
      readonly maxLines: number | null;
      readonly maxFiles: number | null;
      /** Paths that do not count. */
      readonly except: readonly string[];
    }
  | { readonly kind: "trailers"; readonly require: readonly string[] }
  | { readonly kind: "fences"; readonly maxAgeMs: number }
  | { readonly kind: "leases"; readonly maxAgeMs: number }
  | { readonly kind: "labels"; readonly forbid: readonly string[] }
  | { readonly kind: "secrets" }
  | { readonly kind: "lockfile" };

/** A rule, or some that count together. */
export type PolicyNode =
  | {
      readonly kind: "and" | "or";
      readonly of: readonly PolicyNode[];
      /** Only for changes into these branches; null: into any. */
      readonly targets: readonly string[] | null;
    }
  | {
      readonly kind: "rule";
      /** Null: its kind. */
      readonly name: string | null;
      readonly isAdvisory: boolean;
      readonly targets: readonly string[] | null;
      readonly choice: RuleChoice;
    };

/** The rules of a repository, as committed on its default branch. */
export interface Policy {
  /** All of these must hold; null: nobody chose, and `defaultNodes` count. */
  readonly require: readonly PolicyNode[] | null;
  /** Paths that a tool writes: they need no lease and no scope, and do not count for the size. */
  readonly generated: readonly string[];
}

/** How deep `and` and `or` may stand in each other. */
export const maxDepth = 5;

/** Older ledgers say nothing. */
export const defaultMaxAgeMs = 24 * 3_600_000;

/** What holds where nobody chose: none of it needs a setting, and what needs a ledger is silent without one. */
export const defaultNodes: readonly PolicyNode[] = [
  rule({ kind: "leases", maxAgeMs: defaultMaxAgeMs }),
  rule({ kind: "fences", maxAgeMs: defaultMaxAgeMs }, true),
  rule({ kind: "secrets" }),
  rule({ kind: "lockfile" }, true),
];

function rule(choice: RuleChoice, isAdvisory = false): PolicyNode {
  return { kind: "rule", name: null, isAdvisory, targets: null, choice };
}

/** Changes whenever the policy does: a verdict under another one is void. */
export function policyHash(policy: Policy): string {
  return hash("sha256", JSON.stringify([policy.require ?? defaultNodes, policy.generated]));
}
