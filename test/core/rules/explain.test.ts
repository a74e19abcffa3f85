import { describe, expect, test } from "vitest";
import { evaluate, explainLines, explainMarkdown, known } from "../../../src/core/rules/index.ts";
import type { RuleRow } from "../../../src/core/rules/index.ts";
import { aFile, aLease, aLedger, aPolicy, aSnapshot } from "../../support/rules.ts";

const result = evaluate(
  aPolicy(null),
  aSnapshot({
    files: known([aFile("src/a.ts"), aFile("package-lock.json")]),
    ledger: known(aLedger({ leases: [aLease("src/a.ts")] })),
  }),
);

function aRow(): RuleRow {
  const [row] = result.rows;
  if (row === undefined) {
    throw new Error("no row");
  }
  return row;
}

describe("explainLines", () => {
  test("tells every rule, why, and what to do", () => {
    expect(explainLines(result)).toEqual([
      "leases    fail: src/a.ts is held by grace (s1) until 12:18 UTC unless renewed; ledger published 12 minutes ago, advisory.",
      "  Next: Ask grace (s1) to hand over or release src/a.ts (L1), then let them run `skein github publish`; no push is needed here.",
      "fences    pass (advisory): No commit says that it was made under a claim.",
      "secrets   pass: No added line looks like a secret.",
      "lockfile  fail (advisory): package-lock.json changes, and no package.json does.",
      "  Next: Let the package manager write the lock file, and commit it with the manifest.",
      "",
      "Not allowed by leases. 1 rule left a warning.",
    ]);
  });
});

describe("explainMarkdown", () => {
  test("fits into a check, row by row, and says what is left out", () => {
    const long = "*".repeat(1_000);
    const rows = Array.from({ length: 100 }, () => ({
      ...aRow(),
      reason: long,
      details: Array.from({ length: 20 }, () => long),
    }));
    const few = explainMarkdown({ ...result, rows: rows.slice(0, 10) });
    const many = explainMarkdown({ ...result, rows });

    expect(few.split("\n").filter((line) => line.startsWith("| leases |"))).toHaveLength(10);
    for (const markdown of [few, many]) {
      expect(markdown.length).toBeLessThanOrEqual(60_000);
      expect(markdown).toContain("The rest did not fit in here");
      expect(
        markdown.split("\n").every((line) => !line.startsWith("| leases") || line.endsWith("|")),
      ).toBe(true);
    }
  });

  test("is a table", () => {
    expect(explainMarkdown(result).split("\n").slice(0, 5)).toEqual([
      "**Not allowed by leases. 1 rule left a warning.**",
      "",
      "| Rule | Result | Why | Next step |",
      "| --- | --- | --- | --- |",
      String.raw`| leases | fail | src/a.ts is held by grace \(s1\) until 12:18 UTC unless renewed; ledger published 12 minutes ago, advisory. | Ask grace \(s1\) to hand over or release src/a.ts \(L1\), then let them run &#96;skein github publish&#96;; no push is needed here. |`,
    ]);
  });
});
