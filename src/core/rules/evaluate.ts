import { SkeinError } from "../base/errors.ts";
import { allOf, oneOf } from "./compose.ts";
import { decide } from "./decide.ts";
import { branchMatcher, listed, shown } from "./patterns.ts";
import { defaultNodes, maxDepth, policyHash } from "./policy.ts";
import type { Policy, PolicyNode } from "./policy.ts";
import { cannotJudge, counted, skips } from "./rule.ts";
import type { RuleResult, RuleRow, Verdict } from "./rule.ts";
import type { Snapshot } from "./snapshot.ts";

/** What all rules together say of a change. It is bound to both commits and the policy, and void for any other. */
export interface RulesResult {
  /** `pass` also where every rule was skipped: then the summary says that nothing was judged. */
  readonly conclusion: "pass" | "fail" | "error";
  /** One line. */
  readonly summary: string;
  /** Every rule of the policy, in its order. */
  readonly rows: readonly RuleRow[];
  /** The names of the rules by which it ends so. */
  readonly deciding: readonly string[];
  readonly baseSha: string;
  readonly headSha: string;
  readonly policyHash: string;
}

/** Judges a change by a policy. It looks at the snapshot alone, and answers the same for the same. */
export function evaluate(policy: Policy, snapshot: Snapshot): RulesResult {
  const nodes = policy.require ?? defaultNodes;
  const parts = nodes.map((node, index) =>
    judge(node, { policy, snapshot, place: String(index + 1), depth: 1, targets: [] }),
  );
  const { result, rows, deciding } = joined(parts, allOf);
  return {
    conclusion: result === "skipped" ? "pass" : result,
    summary: summaryOf(result, { rows, deciding }),
    rows,
    deciding: [...new Set(deciding)],
    baseSha: snapshot.base.sha,
    headSha: snapshot.head.sha,
    policyHash: policyHash(policy),
  };
}

/** Where a node stands. */
interface Place {
  readonly policy: Policy;
  readonly snapshot: Snapshot;
  readonly place: string;
  readonly depth: number;
  /** Of the groups around it. */
  readonly targets: readonly (readonly string[])[];
}

interface Judged {
  readonly result: RuleResult;
  readonly rows: readonly RuleRow[];
  /** The names of the rules by which it ends so: one that fails beside another that passes in an `or` is none. */
  readonly deciding: readonly string[];
}

function joined(
  parts: readonly Judged[],
  compose: (results: readonly RuleResult[]) => RuleResult,
): Judged {
  const result = compose(parts.map((part) => part.result));
  return {
    result,
    rows: parts.flatMap((part) => part.rows),
    deciding: parts.filter((part) => part.result === result).flatMap((part) => part.deciding),
  };
}

function judge(node: PolicyNode, at: Place): Judged {
  const targets = node.targets === null ? at.targets : [...at.targets, node.targets];
  if (node.kind === "rule") {
    const verdict = guarded(() => offTarget(targets, at) ?? decide(node.choice, at));
    const { kind } = node.choice;
    const row = { rule: node.name ?? kind, kind, place: at.place, isAdvisory: node.isAdvisory };
    const result = node.isAdvisory ? "skipped" : verdict.result;
    return { result, rows: [{ ...row, ...verdict }], deciding: [row.rule] };
  }
  if (at.depth >= maxDepth) {
    return tooDeep(node.kind, at);
  }
  const parts = node.of.map((child, index) => {
    const place = `${at.place}.${node.kind}.${String(index + 1)}`;
    return judge(child, { ...at, place, depth: at.depth + 1, targets });
  });
  return joined(parts, node.kind === "and" ? allOf : oneOf);
}

function offTarget(targets: Place["targets"], { snapshot }: Place): Verdict | null {
  const { ref } = snapshot.base;
  const missed = targets.find((patterns) => !branchMatcher(patterns)(ref));
  return missed === undefined
    ? null
    : skips(`It is for changes into ${listed(missed)}, and this one goes into ${shown(ref)}.`);
}

function tooDeep(kind: string, { place }: Place): Judged {
  const verdict = cannotJudge(
    `The policy is more than ${String(maxDepth)} deep.`,
    "Write it with fewer `and` and `or` inside of each other.",
  );
  const row = { rule: kind, kind, place, isAdvisory: false, ...verdict };
  return { result: "error", rows: [row], deciding: [kind] };
}

/** A pattern that cannot be read is an error of its rule alone. */
function guarded(work: () => Verdict): Verdict {
  try {
    return work();
  } catch (error) {
    if (error instanceof SkeinError) {
      return cannotJudge(`${error.code}: ${error.message}`, error.fix);
    }
    throw error;
  }
}

function summaryOf(
  result: RuleResult,
  { rows, deciding }: Pick<Judged, "deciding" | "rows">,
): string {
  const names = listed([...new Set(deciding)]);
  const notes = rows.filter(
    (row) => row.warnings.length > 0 || (row.isAdvisory && /fail|error/u.test(row.result)),
  );
  const noted = notes.length === 0 ? "" : ` ${counted(notes.length, "rule")} left a warning.`;
  switch (result) {
    case "pass":
      return `Every rule that applies holds.${noted}`;
    case "fail":
      return `Not allowed by ${names}.${noted}`;
    case "error":
      return `Could not be judged: ${names}.${noted}`;
    case "skipped":
      return `Nothing was judged: no rule applies here.${noted}`;
    default:
      return result satisfies never;
  }
}
