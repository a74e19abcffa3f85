import type { Permission, Policy, PolicyNode, RuleChoice } from "../core/rules/index.ts";
import type { SettingsFile } from "./schema.ts";
import type { WrittenNode } from "./sections/rules.ts";

/** Fills in what the section leaves out. Only a file without a misfit has nodes of exactly one kind. */
export function toRules(file: Pick<SettingsFile, "rules" | "branches" | "generated">): Policy {
  const guarded = file.branches?.protected ?? [];
  return {
    require: file.rules?.require?.map((node) => toNode(node, guarded)) ?? null,
    generated: file.generated ?? [],
  };
}

function toNode(node: WrittenNode, guarded: readonly string[]): PolicyNode {
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

function toChoice(node: WrittenNode, guarded: readonly string[]): RuleChoice {
  return toPersonChoice(node, guarded) ?? toChangeChoice(node);
}

/** The rules that look at people. */
function toPersonChoice(
  { target_branch: target, protected_paths: guardedPaths, approvals }: WrittenNode,
  guarded: readonly string[],
): RuleChoice | null {
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
function toChangeChoice(node: WrittenNode): RuleChoice {
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
function toWordChoice(node: WrittenNode): RuleChoice | null {
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

interface Entitled {
  readonly permission: Permission;
  readonly users: readonly string[];
}

interface WrittenEntitled {
  readonly permission?: Permission | undefined;
  readonly users?: readonly string[] | undefined;
}

function toEntitled({ permission = "write", users = [] }: WrittenEntitled): Entitled {
  return { permission, users };
}

function toAgeMs(written: { readonly max_age_hours?: number | undefined } | null): number {
  return (written?.max_age_hours ?? defaultMaxAgeHours) * 3_600_000;
}
