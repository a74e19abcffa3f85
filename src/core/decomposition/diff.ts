import type { Issue } from "../hosting/index.ts";
import { readChildLine } from "./child.ts";
import type { ChildrenPlan } from "./children-plan.ts";
import { issueOfPlan } from "../base/issue-plan.ts";
import type { ProofOf } from "./proof.ts";

/** One call to the host that is still to be made. */
export type CreateStep =
  | { readonly kind: "create"; readonly key: string }
  | { readonly kind: "link"; readonly key: string }
  | { readonly kind: "block"; readonly key: string; readonly by: string };

/** What is there already. */
export interface Existing {
  /** Children by key. */
  readonly children: ReadonlyMap<string, Issue>;
  /** Database ids of those that stand under the parent. */
  readonly linked: ReadonlySet<number>;
}

/**
 * What is left to be done, in this order: all children, each after those that it depends on, so that its text can name them; then their
 * places under the parent; then who blocks whom. Said again, a place or a block changes nothing.
 */
export function stepsFor(
  plan: ChildrenPlan,
  { children, linked }: Existing,
): readonly CreateStep[] {
  const keys = new Set(plan.children.map(({ key }) => key));
  return [
    ...plan.children
      .filter(({ key }) => !children.has(key))
      .map(({ key }) => ({ kind: "create" as const, key })),
    ...plan.children
      .filter(({ key }) => !linked.has(children.get(key)?.id ?? -1))
      .map(({ key }) => ({ kind: "link" as const, key })),
    ...plan.children.flatMap(({ key, dependsOn }) =>
      dependsOn.filter((by) => keys.has(by)).map((by) => ({ kind: "block" as const, key, by })),
    ),
  ];
}

/**
 * The children of an approved plan among issues, by key: made by our own account, for this parent, with the proof of this approval. Of two of one key the
 * older counts.
 */
export function findChildren(
  issues: readonly Issue[],
  wanted: { readonly plan: string; readonly proofOf: ProofOf; readonly self: number },
): ReadonlyMap<string, Issue> {
  const parent = issueOfPlan(wanted.plan);
  const found = new Map<string, Issue>();
  for (const issue of issues.toSorted((one, other) => one.number - other.number)) {
    const line = issue.author.id === wanted.self ? readChildLine(issue.body) : null;
    const isOurs = line?.parent === parent && line.proof === wanted.proofOf(line.key);
    if (line !== null && isOurs && !found.has(line.key)) {
      found.set(line.key, issue);
    }
  }
  return found;
}
