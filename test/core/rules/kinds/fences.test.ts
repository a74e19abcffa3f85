import { describe, expect, test } from "vitest";
import { absent, known } from "../../../../src/core/rules/index.ts";
import type { LedgerTask, RuleChoice } from "../../../../src/core/rules/index.ts";
import {
  aCommit,
  aLedger,
  aPublication,
  aTask,
  dayMs,
  marked,
  nowMs,
} from "../../../support/rules.ts";
import { judged } from "./judge.ts";

const choice: RuleChoice = { kind: "fences", maxAgeMs: dayMs };
const scope: LedgerTask["scope"] = [{ kind: "dir", text: "src" }];

function underFence(fence: number, task: LedgerTask, paths: readonly string[] = ["src/a.ts"]) {
  return judged(choice, {
    ledger: known(aLedger({ tasks: [task] })),
    commits: known([aCommit({ message: marked("prices/T1", fence), paths })]),
  });
}

describe("decideFences", () => {
  test.each<readonly [string, number, LedgerTask, string]>([
    ["the fence that stands", 50, aTask(), "pass"],
    ["the fence of what was handed in", 50, aTask({ state: "submitted" }), "pass"],
    ["an earlier one that was handed in", 45, aTask({ accepted: [45] }), "pass"],
    ["an earlier one", 45, aTask(), "fail"],
    ["a fence of a task that went back", 50, aTask({ state: "pending", fence: null }), "fail"],
    ["a fence that is newer than the ledger", 101, aTask(), "pass"],
    ["a task that no ledger knows", 50, aTask({ task: "prices/T2" }), "pass"],
  ])("%s", (...[, fence, task, result]) => {
    expect(underFence(fence, task).result).toBe(result);
  });

  test("names the commit, the task and the fence that is over", () => {
    expect(underFence(45, aTask())).toMatchObject({
      reason: "1 fence that is over.",
      details: ["cccccccccccc was made for prices/T1 under fence 45, which is over"],
      fix: "Leave those commits on a branch of their own: the task went on under a newer fence.",
    });
  });

  test("warns of what no ledger knows", () => {
    expect(underFence(101, aTask()).warnings).toEqual([
      "cccccccccccc: no ledger knows prices/T1 under fence 101; it may be older than the commit",
    ]);
  });

  test("fails a file outside of the task's scope, and leaves one that a tool wrote", () => {
    const task = aTask({ scope });

    expect(underFence(50, task, ["src/a.ts", "docs/x.md"])).toMatchObject({
      result: "fail",
      reason: "1 file outside of the task's scope.",
      details: ["cccccccccccc changes docs/x.md, which prices/T1 may not touch"],
    });
    expect(underFence(50, task, ["src/a.ts"]).result).toBe("pass");
    expect(underFence(50, aTask({ scope: null }), ["docs/x.md"]).result).toBe("pass");
    expect(
      judged(
        choice,
        {
          ledger: known(aLedger({ tasks: [task] })),
          commits: known([aCommit({ message: marked("prices/T1", 50), paths: ["dist/x.js"] })]),
        },
        ["dist/**"],
      ).result,
    ).toBe("pass");
  });

  test("lets a squash touch what any of its tasks may", () => {
    const tasks = [
      aTask({ scope }),
      aTask({ task: "prices/T2", fence: 51, scope: [{ kind: "dir", text: "docs" }] }),
    ];
    const message = `Both\n\nSkein-Task: prices/T1\nSkein-Fence: 50\nSkein-Task: prices/T2\nSkein-Fence: 51\n`;
    const commits = known([aCommit({ message, paths: ["src/a.ts", "docs/x.md"] })]);

    expect(judged(choice, { ledger: known(aLedger({ tasks })), commits }).result).toBe("pass");
  });

  test("leaves commits without marks and merges' paths alone", () => {
    const merge = aCommit({
      isMerge: true,
      message: marked("prices/T1", 50),
      paths: ["docs/x.md"],
    });

    expect(judged(choice, { commits: known([aCommit({ paths: ["docs/x.md"] })]) }).result).toBe(
      "pass",
    );
    expect(
      judged(choice, {
        ledger: known(aLedger({ tasks: [aTask({ scope })] })),
        commits: known([merge]),
      }).result,
    ).toBe("pass");
  });

  test("a fence counts where any clone vouches for it", () => {
    const publications = [
      aPublication({ tasks: [aTask({ fence: 60 })] }),
      aPublication({ publisher: "otherclone", tasks: [aTask()] }),
    ];
    const commits = known([aCommit({ message: marked("prices/T1", 50) })]);

    expect(
      judged(choice, { ledger: known({ source: "published", publications }), commits }).result,
    ).toBe("pass");
  });

  test("is skipped without a ledger, and with one that is too old", () => {
    const commits = known([aCommit({ message: marked("prices/T1", 45) })]);
    const old = known(aLedger({ tasks: [aTask()], publishedAtMs: nowMs - 2 * dayMs }));

    expect(judged(choice, { commits, ledger: absent("No ledger.") }).result).toBe("skipped");
    expect(judged(choice, { commits, ledger: old }).result).toBe("skipped");
  });
});
