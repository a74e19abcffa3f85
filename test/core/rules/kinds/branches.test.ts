import { describe, expect, test } from "vitest";
import { failed, known } from "../../../../src/core/rules/index.ts";
import type { Account, RuleChoice } from "../../../../src/core/rules/index.ts";
import { aPerson, headSha, offline } from "../../../support/rules.ts";
import { judged } from "./judge.ts";

describe("decideBranchName", () => {
  const choice: RuleChoice = { kind: "branch_name", patterns: ["feature/*", "fix/**"] };

  test.each([
    ["feature/x", "pass"],
    ["feature/x/y", "fail"],
    ["fix/x/y", "pass"],
    ["Feature/x", "fail"],
    ["main", "fail"],
    ["feature/", "fail"],
    ["feature/*", "pass"],
    ["evil/../feature/x", "fail"],
  ])("says of %s: %s", (ref, result) => {
    expect(judged(choice, { head: { ref, sha: headSha, isFork: false } }).result).toBe(result);
  });

  test("names the patterns, and how to mend it", () => {
    const row = judged(choice, { head: { ref: "wip", sha: headSha, isFork: false } });

    expect(row.reason).toBe("The branch wip is not named like feature/*, fix/**.");
    expect(row.fix).toContain("Push the same commits to a branch named like feature/*, fix/**");
  });

  test("has nothing to say of a commit without a branch", () => {
    expect(judged(choice, { head: { ref: null, sha: headSha, isFork: false } }).result).toBe(
      "skipped",
    );
  });
});

describe("decideTargetBranch", () => {
  const choice: RuleChoice = {
    kind: "target_branch",
    branches: ["main", "release/*"],
    permission: "maintain",
    users: ["Robo[bot]", "grace"],
    from: null,
  };

  test.each<readonly [string, Account, string]>([
    ["a person with more than is asked", aPerson("ada", { permission: "admin" }), "pass"],
    ["a person with just what is asked", aPerson("ada", { permission: "maintain" }), "pass"],
    ["a person with less", aPerson("ada"), "fail"],
    ["a person who is named, whatever the case", aPerson("GRACE", { permission: "read" }), "pass"],
    ["a bot with every permission", aPerson("ci", { kind: "bot", permission: "admin" }), "fail"],
    ["a bot that is named", aPerson("robo[bot]", { kind: "bot", permission: "none" }), "pass"],
    ["a person called like the bot", aPerson("robo", { permission: "write" }), "fail"],
  ])("%s", (_who, author, result) => {
    expect(judged(choice, { author: known(author) }).result).toBe(result);
  });

  test("has nothing to say of other branches", () => {
    const base = { ref: "dev", sha: "a".repeat(40) };

    expect(judged(choice, { base, author: known(aPerson("eve")) }).result).toBe("skipped");
  });

  test("is skipped where the author is not known, and an error where the host did not tell", () => {
    expect(judged(choice, { author: offline }).result).toBe("skipped");
    expect(judged(choice, { author: failed("GitHub answered 502.") })).toMatchObject({
      result: "error",
      reason: "GitHub answered 502.",
    });
  });

  test.each([
    ["the branch that may", { ref: "dev", isFork: false }, "pass"],
    ["another branch", { ref: "feature/x", isFork: false }, "fail"],
    ["a branch of this name in a fork", { ref: "dev", isFork: true }, "fail"],
    ["a bare commit", { ref: null, isFork: false }, "fail"],
  ])("takes changes from some branches alone: %s", (_what, head, result) => {
    const from: RuleChoice = { ...choice, permission: "write", from: ["dev"] };

    expect(judged(from, { head: { sha: headSha, ...head } }).result).toBe(result);
  });
});
