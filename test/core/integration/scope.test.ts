import { describe, expect, test } from "vitest";

import { findBeyondScope } from "../../../src/core/integration/scope.ts";
import { parsePathPattern } from "../../../src/core/leases/index.ts";
import type { PathPattern } from "../../../src/core/leases/index.ts";

const policy = { caseInsensitive: false };

function patterns(texts: string): readonly PathPattern[] {
  return texts
    .split(" ")
    .filter((text) => text !== "")
    .map((text) => parsePathPattern(text));
}

function find(scope: string, held: string, changed: string): ReturnType<typeof findBeyondScope> {
  return findBeyondScope(
    {
      changed: changed.split(" "),
      scope: patterns(scope),
      held: patterns(held),
      exempt: [parsePathPattern("dist/**")],
    },
    policy,
  );
}

describe("findBeyondScope", () => {
  test("finds nothing within the scope or among exempt paths", () => {
    expect(find("src/** a.ts", "", "src/x/y.ts a.ts dist/a.js")).toEqual({
      beyond: [],
      unleased: [],
    });
  });

  test("tells what the session held beside its scope from what it never held", () => {
    expect(find("src/**", "docs/", "src/a.ts docs/a.md other.ts")).toEqual({
      beyond: ["docs/a.md", "other.ts"],
      unleased: ["other.ts"],
    });
  });

  test("asks nothing of a task without a scope", () => {
    expect(find("", "", "anything.ts")).toEqual({ beyond: [], unleased: [] });
  });
});
