import type { Issue } from "../hosting/index.ts";
import { readChildLine } from "./child.ts";
import { planIdOf } from "../base/issue-plan.ts";
import { scopeDigest } from "./children-plan.ts";
import type { ChildrenPlan } from "./children-plan.ts";
import { findChildren } from "./diff.ts";
import type { ProofOf } from "./proof.ts";

/** An open issue that a planned child seems to repeat. */
export interface Duplicate {
  readonly key: string;
  readonly number: number;
  /** As the issue says it. */
  readonly title: string;
  /** True: Skein made it for the same files, so that no other is made. False: people should look. */
  readonly isSure: boolean;
}

/** Titles of work on the same files are the same work from here on. */
const likeSameScope = 0.6;
/** Of issues whose files nobody knows only near twins are named. */
const likeAlone = 0.85;

/**
 * Finds open issues that say the same as planned children: Skein's own of any parent with the same scope and an alike title, and others of
 * nearly the same title. Children of this very plan are none. An issue's hidden line counts only where our own account made the issue.
 */
export function findDuplicates(
  plan: ChildrenPlan,
  issues: readonly Issue[],
  { proofOf, self }: { readonly proofOf: ProofOf; readonly self: number },
): readonly Duplicate[] {
  const own = findChildren(issues, { plan: plan.id, proofOf, self });
  const mine = new Set([...own.values()].map(({ number }) => number));
  const others = issues.filter(
    ({ isOpen, isPullRequest, number }) =>
      isOpen && !isPullRequest && planIdOf(number) !== plan.id && !mine.has(number),
  );
  const known = others.map((issue) => ({
    issue,
    words: wordsOf(issue.title),
    scope: issue.author.id === self ? (readChildLine(issue.body)?.scope ?? null) : null,
  }));
  return plan.children.flatMap(({ key, title, scope }) => {
    const words = wordsOf(title);
    const digest = scope.length === 0 ? null : scopeDigest(scope);
    const found = known
      .map((other) => ({
        ...other,
        likeness: likenessOf(words, other.words),
        isSame: digest !== null && other.scope === digest,
      }))
      .filter(({ isSame, likeness }) => likeness >= (isSame ? likeSameScope : likeAlone))
      .toSorted((one, other) => Number(other.isSame) - Number(one.isSame))[0];
    return found === undefined
      ? []
      : [{ key, number: found.issue.number, title: found.issue.title, isSure: found.isSame }];
  });
}

function wordsOf(title: string): ReadonlySet<string> {
  return new Set(title.toLowerCase().match(/[\p{L}\p{N}][\p{L}\p{N}_.-]*/gu) ?? []);
}

/** Words in common, as a part of all words of both. */
function likenessOf(one: ReadonlySet<string>, other: ReadonlySet<string>): number {
  const common = [...one].filter((word) => other.has(word)).length;
  const all = one.size + other.size - common;
  return all === 0 ? 0 : common / all;
}
