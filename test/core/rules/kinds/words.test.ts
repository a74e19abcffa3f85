import { describe, expect, test } from "vitest";
import { failed, known } from "../../../../src/core/rules/index.ts";
import type { RuleChoice, Snapshot } from "../../../../src/core/rules/index.ts";
import { aCommit, marked, offline } from "../../../support/rules.ts";
import { judged } from "./judge.ts";

function withText(title: string, body = ""): Partial<Snapshot> {
  return { text: known({ title, body }) };
}

describe("decideTaskLink", () => {
  const choice: RuleChoice = { kind: "task_link", accept: ["issue", "task"], keys: [] };

  test.each([
    ["an issue in the title", "Round prices (#12)", "", "pass"],
    ["an issue of another repository", "", "For shop/web#7.", "pass"],
    ["an issue's address", "", "https://github.com/shop/web/issues/7", "pass"],
    ["GH-7", "", "Closes GH-7", "pass"],
    ["a colour", "Use #fff and a#12b", "", "fail"],
    ["a number", "Round 12 prices", "", "fail"],
    ["nothing", "", "", "fail"],
  ])("finds %s", (...[, title, body, result]) => {
    expect(judged(choice, withText(title, body)).result).toBe(result);
  });

  test("takes a claimed task's trailer, and a key where people chose one", () => {
    const commits = known([aCommit({ message: marked("prices/T1", 5) })]);
    const keyed: RuleChoice = { kind: "task_link", accept: ["key"], keys: ["SHOP", "WEB"] };

    expect(judged(choice, { commits }).reason).toBe("It names prices/T1.");
    expect(judged(keyed, withText("WEB-12: round")).result).toBe("pass");
    expect(judged(keyed, withText("XWEB-12, web-12, #12")).result).toBe("fail");
  });

  test("is skipped offline unless a commit says it", () => {
    const commits = known([aCommit({ message: "Round prices, for #12\n" })]);

    expect(judged(choice, { text: offline }).result).toBe("skipped");
    expect(judged(choice, { text: offline, commits }).result).toBe("pass");
  });
});

describe("decideTrailers", () => {
  const choice: RuleChoice = { kind: "trailers", require: ["Signed-off-by", "Skein-Task"] };

  test.each([
    ["both", "Do it\n\nSigned-off-by: Ada <a@b.c>\nSkein-Task: p/T1\n", "pass"],
    ["both in other cases", "Do it\n\nsigned-off-by: Ada\nSKEIN-TASK: p/T1\n", "pass"],
    ["one", "Do it\n\nSigned-off-by: Ada\n", "fail"],
    [
      "both above the last paragraph",
      "Do it\n\nSigned-off-by: Ada\nSkein-Task: p/T1\n\nThe end.\n",
      "fail",
    ],
    ["a subject that looks like one", "Signed-off-by: Ada\nSkein-Task: p/T1", "fail"],
    ["empty ones", "Do it\n\nSigned-off-by:\nSkein-Task:\n", "fail"],
  ])("a commit with %s", (_what, message, result) => {
    expect(judged(choice, { commits: known([aCommit({ message })]) }).result).toBe(result);
  });

  test("leaves merges alone and names the commits that lack one", () => {
    const commits = known([
      aCommit({ isMerge: true, message: "Merge main" }),
      aCommit({ sha: "d".repeat(40), message: "Do it\n\nSkein-Task: p/T1\n" }),
    ]);

    expect(judged(choice, { commits })).toMatchObject({
      result: "fail",
      reason: "1 commit of 1 lack a trailer.",
      details: ["dddddddddddd Do it: no Signed-off-by"],
    });
  });

  test("cannot be judged where the commits could not be read", () => {
    expect(judged(choice, { commits: failed("It has more than 1000 commits.") }).result).toBe(
      "error",
    );
  });
});

describe("decideLabels", () => {
  const choice: RuleChoice = { kind: "labels", forbid: ["do not merge"] };

  test.each([
    [[], "pass"],
    [["ready"], "pass"],
    [["ready", "Do Not Merge"], "fail"],
  ])("%j: %s", (labels, result) => {
    expect(judged(choice, { labels: known(labels) }).result).toBe(result);
  });
});
