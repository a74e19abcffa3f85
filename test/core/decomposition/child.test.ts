import { describe, expect, test } from "vitest";
import { childBody, readChildLine, restoreBlock } from "../../../src/core/decomposition/child.ts";
import type { PlannedChild } from "../../../src/core/decomposition/index.ts";

const child: PlannedChild = {
  key: "T2",
  title: "Round gross prices",
  outcome: "Prices are round.",
  scope: ["src/price/**"],
  accept: ["11.90 is shown", "nothing else changes"],
  minutes: 30,
  dependsOn: ["T1"],
  skills: [],
  priority: "medium",
  spec: "Look at `round`.",
  tokens: 23_000,
  microUsd: 120_000,
};

const text = { parent: 12, proof: "ab".repeat(6), child, blockers: [13], result: null };

describe("childBody", () => {
  test("says outcome, scope, what it depends on, its size, and when it is done", () => {
    expect(childBody(text)).toBe(
      [
        "<!-- skein:child:v1 gh-12 T2 abababababab aadb83609efc -->",
        "**Outcome.** Prices are round.",
        "**Scope.** `src/price/**`",
        "**Depends on:** #13",
        "**Estimate.** M, 30 min, about 23,000 tokens, 0.12 USD. Part of #12.",
        "**Done when**\n\n- [ ] 11\\.90 is shown\n- [ ] nothing else changes",
        "<details><summary>Details</summary>\n\n```\n| Look at `round`.\n```\n\n</details>",
        "<!-- skein:end:v1 -->",
      ].join("\n\n"),
    );
  });

  test("is read back by its hidden line", () => {
    expect(readChildLine(childBody(text))).toMatchObject({
      parent: 12,
      key: "T2",
      proof: "abababababab",
    });
    expect(readChildLine("A child of nobody.")).toBeNull();
  });
});

describe("restoreBlock", () => {
  const body = childBody(text);

  test("gives back the very text where nothing is to be changed, also as the host sends it", () => {
    const sent = body.replaceAll("\n", "\r\n");

    expect(restoreBlock(sent, body)).toBe(sent);
  });

  test("keeps the ticks of people, and what they wrote around it", () => {
    const ticked = `Before.\n\n${body.replace("- [ ] 11", "- [x] 11")}\n\nAfter.`;

    expect(restoreBlock(ticked, body)).toBe(ticked);
    expect(restoreBlock(ticked.replace("Prices are round", "Prices are free"), body)).toBe(ticked);
  });

  test("puts the block back where somebody took it out, above what is left", () => {
    expect(restoreBlock("Mine alone.", body)).toBe(`${body}\n\nMine alone.`);
    expect(restoreBlock("", body)).toBe(body);
  });

  test("comes to rest on every text", () => {
    for (const odd of ["", "x", body.slice(0, 200), `${body}\n${body}`, body.slice(70)]) {
      const once = restoreBlock(odd, body);

      expect(restoreBlock(once, body)).toBe(once);
    }
  });
});
