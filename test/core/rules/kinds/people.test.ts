import { describe, expect, test } from "vitest";
import { failed, known } from "../../../../src/core/rules/index.ts";
import type { PersonApproval, RuleChoice, Snapshot } from "../../../../src/core/rules/index.ts";
import { aFile, aPerson, headSha, offline } from "../../../support/rules.ts";
import { judged } from "./judge.ts";

const grace: PersonApproval = { by: aPerson("grace"), sha: headSha };

describe("decideApprovals", () => {
  const choice: RuleChoice = { kind: "approvals", count: 1, permission: "write", users: [] };

  test.each<readonly [string, readonly PersonApproval[], string]>([
    ["nobody", [], "fail"],
    ["a person with write", [grace], "pass"],
    ["a person with read", [{ ...grace, by: aPerson("grace", { permission: "read" }) }], "fail"],
    [
      "a bot with admin",
      [{ ...grace, by: aPerson("ci", { kind: "bot", permission: "admin" }) }],
      "fail",
    ],
    ["the author", [{ ...grace, by: aPerson("ada") }], "fail"],
    ["a person on an older head", [{ ...grace, sha: "d".repeat(40) }], "fail"],
  ])("approved by %s", (_who, approvals, result) => {
    expect(judged(choice, { approvals: known(approvals) }).result).toBe(result);
  });

  test("counts a person once", () => {
    const two: RuleChoice = { ...choice, count: 2 };

    expect(judged(two, { approvals: known([grace, grace]) })).toMatchObject({
      result: "fail",
      reason: "1 of 2 persons approved this head.",
    });
    expect(
      judged(two, { approvals: known([grace, { ...grace, by: aPerson("mary") }]) }).result,
    ).toBe("pass");
  });

  test("never counts a bot, even one that is named", () => {
    const bot = aPerson("robo[bot]", { kind: "bot", permission: "admin" });

    expect(
      judged({ ...choice, users: ["robo[bot]"] }, { approvals: known([{ ...grace, by: bot }]) })
        .result,
    ).toBe("fail");
  });

  test("cannot be judged without knowing the author", () => {
    expect(
      judged(choice, { author: failed("GitHub answered 502."), approvals: known([grace]) }).result,
    ).toBe("error");
  });

  test("is skipped offline", () => {
    expect(judged(choice, { approvals: offline }).result).toBe("skipped");
  });
});

describe("decideProtectedPaths", () => {
  const choice: RuleChoice = {
    kind: "protected_paths",
    paths: [".github/", "auth/**"],
    count: 1,
    permission: "write",
    users: [],
    authorCounts: false,
  };

  test.each<readonly [string, Partial<Snapshot>, string]>([
    ["nothing of it", { files: known([aFile("src/a.ts")]) }, "pass"],
    ["a file", { files: known([aFile(".github/workflows/ci.yml")]) }, "fail"],
    ["a file in another case", { files: known([aFile("Auth/login.ts")]) }, "fail"],
    [
      "a file moved out",
      { files: known([aFile("src/x.ts", { kind: "renamed", oldPath: "auth/x.ts" })]) },
      "fail",
    ],
    [
      "a file moved in",
      { files: known([aFile("auth/x.ts", { kind: "renamed", oldPath: "src/x.ts" })]) },
      "fail",
    ],
    [
      "a file copied from there",
      { files: known([aFile("src/x.ts", { kind: "copied", oldPath: "auth/x.ts" })]) },
      "pass",
    ],
    ["a deleted file", { files: known([aFile("auth/x.ts", { kind: "deleted" })]) }, "fail"],
    [
      "a file, and a person approved",
      { files: known([aFile("auth/x.ts")]), approvals: known([grace]) },
      "pass",
    ],
    ["a file, offline", { files: known([aFile("auth/x.ts")]), approvals: offline }, "skipped"],
    ["no file that is known", { files: failed("The clone is shallow.") }, "error"],
  ])("touches %s", (_what, odd, result) => {
    expect(judged(choice, odd).result).toBe(result);
  });

  test("names the paths and the head that is to be approved", () => {
    const row = judged(choice, { files: known([aFile("auth/x.ts")]) });

    expect(row.reason).toBe("1 protected path touched, and 0 of 1 persons approved this head.");
    expect(row.details).toEqual(["auth/x.ts"]);
    expect(row.fix).toContain(headSha.slice(0, 12));
  });

  test("counts an author where people chose so, unless it is a bot", () => {
    const lenient: RuleChoice = { ...choice, authorCounts: true };
    const files = known([aFile("auth/x.ts")]);

    expect(judged(lenient, { files }).result).toBe("pass");
    expect(judged(lenient, { files, author: known(aPerson("ci", { kind: "bot" })) }).result).toBe(
      "fail",
    );
  });
});
