import { describe, expect, test } from "vitest";
import { partsOf } from "../../../../src/core/planner/asking/parts.ts";

const long =
  "What is to be true in this part of the goal, said at such a length that it can be planned.";

function goalOf(sections: number, body = long): Parameters<typeof partsOf>[0] {
  const parts = Array.from({ length: sections }, (_, at) => `## Part ${String(at + 1)}\n\n${body}`);
  return { kind: "goal", file: null, text: ["# Rework", ...parts].join("\n\n") };
}

describe("partsOf", () => {
  test.each([
    [3, 0],
    [4, 4],
    [8, 8],
    [9, 0],
  ])("of %i sections plans %i at the same time", (sections, parts) => {
    expect(partsOf(goalOf(sections))).toHaveLength(parts);
  });

  test("counts no short section", () => {
    expect(partsOf(goalOf(8, "Do it."))).toEqual([]);
  });
});
