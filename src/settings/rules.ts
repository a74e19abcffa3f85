import type { SettingsFile } from "./schema.ts";
import type { WrittenNode } from "./sections/rules.ts";

/** One rule with its options filled in. */
export type RuleSetting =
  | { readonly kind: "branch_name"; readonly patterns: readonly string[] }
  | ({
      readonly kind: "target_branch";
      readonly branches: readonly string[];
      readonly from: readonly string[] | null;
    } & EntitledSetting)
  | ({
      readonly kind: "protected_paths";
      readonly paths: readonly string[];
      readonly count: number;
      readonly authorCounts: boolean;
    } & EntitledSetting)
  | ({ readonly kind: "approvals"; readonly count: number } & EntitledSetting)
  | {
      readonly kind: "task_link";
      readonly accept: readonly ("issue" | "task" | "key")[];
      readonly keys: readonly string[];
    }
  | {
      readonly kind: "size";
      readonly maxLines: number | null;
      readonly maxFiles: number | null;
      readonly except: readonly string[];
    }
  | { readonly kind: "trailers"; readonly require: readonly string[] }
  | { readonly kind: "fences"; readonly maxAgeMs: number }
  | { readonly kind: "leases"; readonly maxAgeMs: number }
  | { readonly kind: "labels"; readonly forbid: readonly string[] }
  | { readonly kind: "secrets" }
  | { readonly kind: "lockfile" };

interface EntitledSetting {
  readonly permission: "read" | "triage" | "write" | "maintain" | "admin";
  readonly users: readonly string[];
}

/** A rule, or some that count together. */
export type RuleNodeSetting =
  | {
      readonly kind: "and" | "or";
      readonly of: readonly RuleNodeSetting[];
      readonly targets: readonly string[] | null;
    }
  | {
      readonly kind: "rule";
      readonly name: string | null;
      readonly isAdvisory: boolean;
      readonly targets: readonly string[] | null;
      readonly choice: RuleSetting;
    };

/** What holds for a pull request: the `Policy` of core's rules. */
export interface RulesSetting {
  /** Null: nobody chose. */
  readonly require: readonly RuleNodeSetting[] | null;
  readonly generated: readonly string[];
}

/** Fills in what the section leaves out. Only a file without a misfit has nodes of exactly one kind. */
export function toRules(
  file: Pick<SettingsFile, "rules" | "branches" | "generated">,
): RulesSetting {
  const guarded = file.branches?.protected ?? [];
  return {
    require: file.rules?.require?.map((node) => toNode(node, guarded)) ?? null,
    generated: file.generated ?? [],
  };
}

function toNode(node: WrittenNode, guarded: readonly string[]): RuleNodeSetting {
  const targets = node.targets ?? null;
  const group = node.and ?? node.or;
  if (group !== undefined) {
    const kind = node.and === undefined ? "or" : "and";
    return { kind, of: group.map((child) => toNode(child, guarded)), targets };
  }
  const { name = null, advisory: isAdvisory = false } = node;
  return { kind: "rule", name, isAdvisory, targets, choice: toChoice(node, guarded) };
}

const defaultMaxAgeHours = 24;

function toChoice(node: WrittenNode, guarded: readonly string[]): RuleSetting {
  return toPersonChoice(node, guarded) ?? toChangeChoice(node);
}

/** The rules that look at people. */
function toPersonChoice(
  { target_branch: target, protected_paths: guardedPaths, approvals }: WrittenNode,
  guarded: readonly string[],
): RuleSetting | null {
  if (target !== undefined) {
    const { branches = guarded, from = null, ...entitled } = target ?? {};
    return { kind: "target_branch", branches, from, ...toEntitled(entitled) };
  }
  if (guardedPaths !== undefined) {
    const { paths, count, author_counts: authorCounts = false, ...entitled } = guardedPaths;
    return { kind: "protected_paths", paths, count, authorCounts, ...toEntitled(entitled) };
  }
  if (approvals !== undefined) {
    const { count = 1, ...entitled } = approvals ?? {};
    return { kind: "approvals", count, ...toEntitled(entitled) };
  }
  return null;
}

/** The rules that look at the change. */
function toChangeChoice(node: WrittenNode): RuleSetting {
  if (node.fences !== undefined) {
    return { kind: "fences", maxAgeMs: toAgeMs(node.fences) };
  }
  if (node.leases !== undefined) {
    return { kind: "leases", maxAgeMs: toAgeMs(node.leases) };
  }
  if (node.size !== undefined) {
    const { max_lines: maxLines = null, max_files: maxFiles = null, except = [] } = node.size;
    return { kind: "size", maxLines, maxFiles, except };
  }
  if (node.lockfile !== undefined) {
    return { kind: "lockfile" };
  }
  return toWordChoice(node) ?? { kind: "secrets" };
}

/** The rules that look at names and words. */
function toWordChoice(node: WrittenNode): RuleSetting | null {
  if (node.branch_name !== undefined) {
    return { kind: "branch_name", ...node.branch_name };
  }
  if (node.trailers !== undefined) {
    return { kind: "trailers", ...node.trailers };
  }
  if (node.labels !== undefined) {
    return { kind: "labels", ...node.labels };
  }
  if (node.task_link !== undefined) {
    const { accept = ["issue", "task"], keys = [] } = node.task_link ?? {};
    return { kind: "task_link", accept, keys };
  }
  return null;
}

interface WrittenEntitled {
  readonly permission?: EntitledSetting["permission"] | undefined;
  readonly users?: readonly string[] | undefined;
}

function toEntitled({ permission = "write", users = [] }: WrittenEntitled): EntitledSetting {
  return { permission, users };
}

function toAgeMs(written: { readonly max_age_hours?: number | undefined } | null): number {
  return (written?.max_age_hours ?? defaultMaxAgeHours) * 3_600_000;
}
