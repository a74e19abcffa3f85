import { describe, expect, test } from "vitest";

import { terminalLines } from "../../../../src/core/review/index.ts";
import { aFinding, aResult } from "../../../support/review.ts";

describe("terminalLines", () => {
  test("shows verdict, findings with code, what was left out, the rule and the cost", () => {
    const result = aResult({
      unconfirmed: [aFinding({ decision: "unconfirmed" })],
      notes: ["Slow."],
    });

    expect(terminalLines(result, { hasColour: false })).toEqual([
      "Skein review: changes asked",
      "",
      "high correctness: The total is not rounded",
      "  src/a.ts:2",
      "  A sum of floats is compared with `===`.",
      "       2 | deux",
      "  confirmed: 2 for, 1 against, support 66.7 % (needs 60 %)",
      "  1 seat disagrees",
      "",
      "1 not confirmed",
      "1 skipped",
      "Seat 2 (qwen-32b) failed: It timed out.",
      "Note: Slow.",
      "Rule: 60 % of 3 equal votes = 2 of 3",
      "Coverage: 2 hunks in 1 file to review; 1 of 1 seat saw all.",
      "Cost: 0.012346 USD",
    ]);
  });

  test("tells a seat that failed once, where a note names it", () => {
    const note = "seat 2 (qwen-32b) did not review: It timed out.";

    const lines = terminalLines(aResult({ notes: [note] }), { hasColour: false });

    expect(lines.filter((line) => line.includes("It timed out."))).toEqual([`Note: ${note}`]);
  });

  test("unfolds dissent, what was not confirmed and what was skipped", () => {
    const result = aResult({ unconfirmed: [aFinding({ title: "Other", decision: "rejected" })] });

    const lines = terminalLines(result, { hasColour: false, isUnfolded: true });

    expect(lines).toContain("  Seat 4 disagrees: The callers round.");
    expect(lines).toContain("  package-lock.json: It is a lock file.");
    expect(lines).toContainEqual(expect.stringMatching(/^ {2}src\/a\.ts:2: Other \(rejected: /u));
  });

  test("names the other places of a finding, ten at most", () => {
    const places = Array.from({ length: 12 }, () => ({ path: "b.ts", line: 3, endLine: 4 }));
    const result = aResult({ findings: [aFinding({ places })] });

    const lines = terminalLines(result, { hasColour: false });

    expect(lines).toContainEqual(
      expect.stringMatching(/^ {2}also at (?:b\.ts:3-4, ){9}b\.ts:3-4 and 2 more$/u),
    );
  });

  test("colours only when told", () => {
    const plain = terminalLines(aResult(), { hasColour: false }).join("\n");
    const coloured = terminalLines(aResult(), { hasColour: true }).join("\n");

    expect(plain).not.toContain("\u001b");
    expect(coloured).toContain("\u001b[31mchanges asked\u001b[0m");
    expect(coloured.replaceAll(/\p{Cc}\[\d+m/gu, "")).toBe(plain);
  });

  test("cuts a long quote and says how much is left", () => {
    const quoted = Array.from({ length: 20 }, (_, index) => `x${String(index)}`).join("\n");

    const lines = terminalLines(aResult({ findings: [aFinding({ quoted })] }), {
      hasColour: false,
    });

    expect(lines).toContain("         | 8 more lines");
  });

  test("lets no text of others reach the terminal's controls, from any place", () => {
    const evil = "\u001b]0;x\u0007\u009b31m\r\n\u202e\u200b\u0000\u2028x";
    const finding = aFinding({
      title: evil,
      body: evil,
      quoted: evil,
      path: evil,
      places: [{ path: evil, line: 1, endLine: 1 }],
      ballots: [{ seat: 2, vote: "reject", reason: evil, isRediscovery: false }],
    });
    const result = aResult({
      findings: [finding],
      unconfirmed: [finding],
      notes: [evil],
      effectiveRule: evil,
      skipped: [{ path: evil, reason: evil }],
      seats: [
        { seat: 1, model: evil, family: evil, weight: 1, calls: 0, microUsd: 0, error: evil },
      ],
    });

    for (const line of terminalLines(result, { hasColour: false, isUnfolded: true })) {
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\u2028]/u);
    }
  });
});
