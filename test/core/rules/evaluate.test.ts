import { describe, expect, test } from "vitest";
import {
  defaultNodes,
  evaluate,
  failed,
  known,
  policyHash,
} from "../../../src/core/rules/index.ts";
import type { PolicyNode, RuleChoice, Snapshot } from "../../../src/core/rules/index.ts";
import { aFile, aLease, aLedger, aPolicy, aRule, aSnapshot, offline } from "../../support/rules.ts";

const passing: RuleChoice = { kind: "secrets" };
const failing: RuleChoice = { kind: "branch_name", patterns: ["never"] };
const skipped: RuleChoice = {
  kind: "target_branch",
  branches: ["dev"],
  permission: "write",
  users: [],
  from: null,
};
/** Its pattern cannot be read. */
const broken: RuleChoice = { kind: "branch_name", patterns: ["{a"] };

function any(...choices: readonly RuleChoice[]): PolicyNode {
  return { kind: "or", of: choices.map((choice) => aRule(choice)), targets: null };
}

function conclude(nodes: readonly PolicyNode[], odd: Partial<Snapshot> = {}) {
  return evaluate(aPolicy(nodes), aSnapshot(odd));
}

function byDefault(odd: Partial<Snapshot>) {
  return evaluate(aPolicy(null), aSnapshot(odd)).conclusion;
}

describe("evaluate", () => {
  test.each<readonly [string, readonly PolicyNode[], string]>([
    ["all that hold", [aRule(passing), aRule(passing)], "pass"],
    ["one that does not", [aRule(passing), aRule(failing)], "fail"],
    ["one that was skipped", [aRule(passing), aRule(skipped)], "pass"],
    ["none but skipped ones", [aRule(skipped)], "pass"],
    ["one that cannot be judged", [aRule(passing), aRule(broken)], "error"],
    ["one that cannot, and one that fails", [aRule(broken), aRule(failing)], "fail"],
    ["one of two", [any(failing, passing)], "pass"],
    ["none of two", [any(failing, failing)], "fail"],
    ["one of two of which one was skipped", [any(skipped, failing)], "fail"],
    ["one of two of which one cannot be judged", [any(broken, passing)], "pass"],
    ["none, and one that cannot be judged", [any(broken, failing)], "error"],
    [
      "one that does not, as advice",
      [aRule(passing), aRule(failing, { isAdvisory: true })],
      "pass",
    ],
    ["one that cannot be judged, as advice", [aRule(broken, { isAdvisory: true })], "pass"],
    ["nothing", [], "pass"],
  ])("%s", (_what, nodes, conclusion) => {
    expect(conclude(nodes).conclusion).toBe(conclusion);
  });

  test("names the place of every rule, the reasons, and what is left to see", () => {
    const result = conclude([
      aRule(passing),
      { kind: "or", targets: null, of: [aRule(failing, { name: "named well" }), aRule(failing)] },
      aRule(failing, { isAdvisory: true }),
    ]);

    expect(result.rows.map(({ place, rule }) => [place, rule])).toEqual([
      ["1", "secrets"],
      ["2.or.1", "named well"],
      ["2.or.2", "branch_name"],
      ["3", "branch_name"],
    ]);
    expect(result.summary).toBe("Not allowed by named well, branch_name. 1 rule left a warning.");
  });

  test("blames no rule for what another of an `or` made good", () => {
    const named = aRule(failing, { name: "at fault" });

    expect(conclude([any(failing, passing), named]).summary).toBe("Not allowed by at fault.");
    expect(conclude([any(broken, passing), aRule(broken, { name: "odd" })]).summary).toBe(
      "Could not be judged: odd.",
    );
  });

  test("says that nothing was judged where all were skipped", () => {
    expect(conclude([aRule(skipped)]).summary).toBe("Nothing was judged: no rule applies here.");
  });

  test("skips rules and groups that are for changes into other branches", () => {
    const nodes: readonly PolicyNode[] = [
      aRule(failing, { targets: ["dev"] }),
      { kind: "and", of: [aRule(failing)], targets: ["release/*"] },
    ];

    expect(conclude(nodes).rows.map(({ result }) => result)).toEqual(["skipped", "skipped"]);
    expect(conclude(nodes).rows[0]?.reason).toBe(
      "It is for changes into dev, and this one goes into main.",
    );
    expect(conclude(nodes, { base: { ref: "release/1", sha: "a".repeat(40) } }).conclusion).toBe(
      "fail",
    );
  });

  test("names the pattern that cannot be read", () => {
    expect(conclude([aRule(broken)]).rows[0]).toMatchObject({
      result: "error",
      reason: expect.stringContaining("SKN-1505"),
    });
  });

  test("refuses what is more than five deep, and is not green", () => {
    const nested = (depth: number): PolicyNode =>
      depth === 0 ? aRule(passing) : { kind: "or", of: [nested(depth - 1)], targets: null };

    expect(conclude([nested(4)]).conclusion).toBe("pass");
    expect(conclude([nested(5)]).conclusion).toBe("error");
    expect(conclude([nested(50)]).conclusion).toBe("error");
  });

  test("binds its answer to both commits and the policy", () => {
    const policy = aPolicy([aRule(passing)]);
    const result = evaluate(policy, aSnapshot());

    expect([result.baseSha, result.headSha]).toEqual(["a".repeat(40), "b".repeat(40)]);
    expect(result.policyHash).toBe(policyHash(policy));
    expect(policyHash(aPolicy([aRule(failing)]))).not.toBe(result.policyHash);
    expect(policyHash(aPolicy([aRule(passing)], ["dist/**"]))).not.toBe(result.policyHash);
    expect(policyHash(aPolicy(null))).toBe(policyHash(aPolicy(defaultNodes)));
  });

  test("holds leases and secrets where nobody chose, and gives advice on the rest", () => {
    expect(byDefault({})).toBe("pass");
    expect(byDefault({ ledger: known(aLedger({ leases: [aLease("src/a.ts")] })) })).toBe("fail");
    expect(byDefault({ secrets: known([{ path: "src/a.ts", line: 1, kind: "x" }]) })).toBe("fail");
    expect(byDefault({ files: known([aFile("package-lock.json")]) })).toBe("pass");
    expect(byDefault({ ledger: offline, author: offline, approvals: offline })).toBe("pass");
    expect(byDefault({ ledger: failed("GitHub answered 502.") })).toBe("error");
  });
});
