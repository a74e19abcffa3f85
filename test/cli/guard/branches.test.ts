import { describe, expect, test } from "vitest";

import { decideBranch } from "../../../src/cli/guard/branches.ts";

const tiers = ["lead", "manager", "worker", "sub"] as const;
const anyBranch = { lead: null, manager: null, worker: null, sub: null };
const settings = {
  protected: ["main", "dev", "release/*"],
  agents: { ...anyBranch, manager: ["dev", "plan/**"], worker: ["feature/*", "fix/*"], sub: [] },
};

describe("decideBranch", () => {
  test.each(["main", "dev", "release/1"])(
    "lets no tier change the protected branch %s",
    (branch) => {
      for (const tier of tiers) {
        expect(decideBranch(settings, branch, tier)?.what).toContain(
          `Branch ${branch} is protected`,
        );
      }
    },
  );

  test.each([
    ["lead", "whatever", true],
    ["manager", "plan/a/b", true],
    ["manager", "feature/a", false],
    ["worker", "feature/a", true],
    ["worker", "feature/a/b", false],
    ["worker", "Feature/a", false],
    ["sub", "feature/a", false],
  ] as const)("of a %s on %s: %s", (tier, branch, isAllowed) => {
    expect(decideBranch(settings, branch, tier) === null).toBe(isAllowed);
  });
});
