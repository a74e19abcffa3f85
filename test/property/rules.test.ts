import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { evaluate } from "../../src/core/rules/index.ts";
import type { PolicyNode, RuleChoice, RuleResult } from "../../src/core/rules/index.ts";
import { patternMatches } from "../../src/core/leases/index.ts";
import { known } from "../../src/core/rules/index.ts";
import { aFile, aLease, aLedger, aPolicy, aRule, aSnapshot, dayMs } from "../support/rules.ts";

const runs = Number(process.env["SKEIN_PROOF_RULES"] ?? 2_000);
const seed = Number(process.env["SKEIN_PROOF_SEED"] ?? 1);

/** A real rule for each result, on the snapshot of `aSnapshot`. */
const rules: Readonly<Record<RuleResult, RuleChoice>> = {
  pass: { kind: "secrets" },
  fail: { kind: "branch_name", patterns: ["never"] },
  skipped: { kind: "target_branch", branches: ["dev"], permission: "write", users: [], from: null },
  error: { kind: "branch_name", patterns: ["{a"] },
};

const leaf = fc
  .constantFrom<RuleResult>("pass", "fail", "skipped", "error")
  .map((result) => aRule(rules[result]));

const { node } = fc.letrec<{ node: PolicyNode; group: PolicyNode }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, withCrossShrink: true }, leaf, tie("group")),
  group: fc.record({
    kind: fc.constantFrom("and" as const, "or" as const),
    of: fc.array(tie("node"), { minLength: 1, maxLength: 4 }),
    targets: fc.constant(null),
  }),
}));

function resultOf(nodes: readonly PolicyNode[]): string {
  return evaluate(aPolicy(nodes), aSnapshot()).conclusion;
}

/** What a tree says, by the words of the documentation: skipped ones are taken out first, then the rest is counted. */
function told(tree: PolicyNode): RuleResult {
  if (tree.kind === "rule") {
    const [row] = evaluate(aPolicy([tree]), aSnapshot()).rows;
    return row?.result ?? "skipped";
  }
  const left = tree.of.map(told).filter((result) => result !== "skipped");
  if (left.length === 0) {
    return "skipped";
  }
  const decisive: RuleResult = tree.kind === "and" ? "fail" : "pass";
  const other: RuleResult = tree.kind === "and" ? "pass" : "fail";
  if (left.includes(decisive)) {
    return decisive;
  }
  return left.includes("error") ? "error" : other;
}

describe("composition", () => {
  test("says what the tree says, and is green only where it passes or has nothing to say", () => {
    fc.assert(
      fc.property(node, (tree) => {
        const result = told(tree);

        expect(resultOf([tree])).toBe(result === "skipped" ? "pass" : result);
      }),
      { numRuns: runs, seed },
    );
  });

  test("does not change when a skipped rule is put anywhere", () => {
    fc.assert(
      fc.property(node, fc.nat({ max: 20 }), (tree, at) => {
        expect(resultOf([withSkipped(tree, at)])).toBe(resultOf([tree]));
      }),
      { numRuns: runs, seed },
    );
  });

  test("does not depend on the order", () => {
    fc.assert(
      fc.property(node, (tree) => {
        expect(resultOf([turned(tree)])).toBe(resultOf([tree]));
      }),
      { numRuns: runs, seed },
    );
  });

  test("an `and` is never greener than any of its rules, an `or` never less green than its best", () => {
    const rank = ["fail", "error", "pass"];
    fc.assert(
      fc.property(fc.array(node, { minLength: 1, maxLength: 5 }), (nodes) => {
        const results = nodes.map(told).filter((result) => result !== "skipped");
        fc.pre(results.length > 0);
        const ranks = results.map((result) => rank.indexOf(result));
        const all = resultOf([{ kind: "and", of: nodes, targets: null }]);
        const one = resultOf([{ kind: "or", of: nodes, targets: null }]);

        expect(rank.indexOf(all)).toBe(Math.min(...ranks));
        expect(rank.indexOf(one)).toBe(Math.max(...ranks));
      }),
      { numRuns: runs, seed },
    );
  });

  test("has a row for every rule", () => {
    fc.assert(
      fc.property(node, (tree) => {
        expect(evaluate(aPolicy([tree]), aSnapshot()).rows).toHaveLength(leaves(tree));
      }),
      { numRuns: runs, seed },
    );
  });
});

describe("the leases rule", () => {
  const name = fc.constantFrom("a", "B", "src", "é", "[id]", "x.ts");
  const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((names) => names.join("/"));
  const pattern = fc.oneof(
    path.map((text) => ({ kind: "literal" as const, text })),
    path.map((text) => ({ kind: "dir" as const, text })),
    fc
      .array(fc.constantFrom("a", "B", "src", "*", "**", "?", "*.ts", "{a,src}"), {
        minLength: 1,
        maxLength: 4,
      })
      .map((names) => ({ kind: "glob" as const, text: names.join("/") })),
  );

  test("fails exactly where the leases' own decision finds a path in the pattern", () => {
    fc.assert(
      fc.property(path, pattern, fc.boolean(), (touched, held, caseInsensitive) => {
        const ledger = known(
          aLedger({ caseInsensitive, leases: [aLease("", { patterns: [held] })] }),
        );
        const files = known([aFile(touched)]);
        const policy = aPolicy([aRule({ kind: "leases", maxAgeMs: dayMs })]);
        const { conclusion } = evaluate(policy, aSnapshot({ ledger, files }));

        expect(conclusion === "fail").toBe(patternMatches(held, touched, { caseInsensitive }));
      }),
      { numRuns: runs, seed },
    );
  });
});

function withSkipped(tree: PolicyNode, at: number): PolicyNode {
  if (tree.kind === "rule") {
    return { kind: "and", of: [tree, aRule(rules.skipped)], targets: null };
  }
  const place = at % (tree.of.length + 1);
  const of = [...tree.of.slice(0, place), aRule(rules.skipped), ...tree.of.slice(place)];
  return { ...tree, of };
}

function turned(tree: PolicyNode): PolicyNode {
  return tree.kind === "rule" ? tree : { ...tree, of: tree.of.map(turned).toReversed() };
}

function leaves(tree: PolicyNode): number {
  return tree.kind === "rule" ? 1 : tree.of.reduce((sum, child) => sum + leaves(child), 0);
}
