import { describe, expect, test } from "vitest";
import { absent, known } from "../../../../src/core/rules/index.ts";
import type {
  LedgerLease,
  LedgerTask,
  RuleChoice,
  Snapshot,
} from "../../../../src/core/rules/index.ts";
import {
  aCommit,
  aFile,
  aLease,
  aLedger,
  aPerson,
  aPublication,
  aTask,
  dayMs,
  headSha,
  marked,
  nowMs,
  publisher,
} from "../../../support/rules.ts";
import { judged } from "./judge.ts";

const choice: RuleChoice = { kind: "leases", maxAgeMs: dayMs };

const glob = (text: string): Partial<LedgerLease> => ({ patterns: [{ kind: "glob", text }] });
const dir = (text: string): Partial<LedgerLease> => ({ patterns: [{ kind: "dir", text }] });

function heldBy(lease: LedgerLease, odd: Partial<Snapshot> = {}) {
  return judged(choice, { ledger: known(aLedger({ leases: [lease] })), ...odd });
}

describe("decideLeases", () => {
  test.each<readonly [string, LedgerLease, string]>([
    ["the same file", aLease("src/a.ts"), "fail"],
    ["another file", aLease("src/b.ts"), "pass"],
    ["the folder", aLease("", dir("src")), "fail"],
    ["the whole repository", aLease("", dir("")), "fail"],
    ["a folder of a like name", aLease("", dir("sr")), "pass"],
    ["a glob that matches", aLease("", glob("src/*.ts")), "fail"],
    ["a glob in braces", aLease("", glob("{lib,src}/**")), "fail"],
    ["a glob that does not", aLease("", glob("src/*/a.ts")), "pass"],
    ["the file in another case", aLease("src/A.ts"), "pass"],
    ["the file until now", aLease("src/a.ts", { untilMs: nowMs }), "pass"],
    ["the file a moment longer", aLease("src/a.ts", { untilMs: nowMs + 1 }), "fail"],
    ["the file, shared", aLease("src/a.ts", { mode: "shared" }), "pass"],
    ["the file until integration", aLease("src/a.ts", { untilMs: null, isLanding: true }), "fail"],
  ])("another session holds %s", (_what, lease, result) => {
    expect(heldBy(lease).result).toBe(result);
  });

  test("names holder, task, words, end and the ledger's age, and how to go on", () => {
    const lease = aLease("src/a.ts", { task: "prices/T9", branch: "fix/y", reason: 'round "up"' });

    expect(heldBy(lease)).toMatchObject({
      reason:
        "src/a.ts is held by grace (s1) for task prices/T9 on branch fix/y (\"round 'up'\") until 12:18 UTC unless renewed; ledger published 12 minutes ago, advisory.",
      fix: "Ask grace (s1) to hand over or release src/a.ts (L1), then let them run `skein github publish`; no push is needed here.",
    });
  });

  test("says of a live ledger that it is live, and of landing work to wait for its integration", () => {
    const lease = aLease("src/a.ts", { task: "prices/T9", isLanding: true, untilMs: null });
    const row = heldBy(lease, { ledger: known(aLedger({ leases: [lease] }, "live")) });

    expect(row.reason).toContain("until that work is integrated; live ledger.");
    expect(row.fix).toContain("Wait until prices/T9 is integrated");
  });

  test("warns of a shared lease with its holder", () => {
    const row = heldBy(aLease("src/a.ts", { mode: "shared" }));

    expect(row.warnings).toEqual([
      "Shared: src/a.ts is held by grace (s1) until 12:18 UTC unless renewed; ledger published 12 minutes ago, advisory.",
    ]);
  });

  test("looks at both sides of a rename and at deleted files", () => {
    const moved = aFile("lib/a.ts", { kind: "renamed", oldPath: "src/a.ts" });

    expect(heldBy(aLease("src/a.ts"), { files: known([moved]) }).result).toBe("fail");
    expect(heldBy(aLease("lib/a.ts"), { files: known([moved]) }).result).toBe("fail");
    expect(
      heldBy(aLease("src/a.ts"), { files: known([aFile("src/a.ts", { kind: "deleted" })]) }).result,
    ).toBe("fail");
  });

  test("compares paths as the publishing clone does", () => {
    const ledger = known(aLedger({ caseInsensitive: true, leases: [aLease("SRC/A.ts")] }));
    const accented = known(aLedger({ caseInsensitive: true, leases: [aLease("src/ÉTÉ.ts")] }));

    expect(judged(choice, { ledger }).result).toBe("fail");
    expect(
      judged(choice, { ledger: accented, files: known([aFile("src/e\u0301te\u0301.ts")]) }).result,
    ).toBe("fail");
  });

  test("leaves paths alone that a tool writes", () => {
    const ledger = known(aLedger({ leases: [aLease("src/a.ts")] }));

    expect(judged(choice, { ledger }, ["src/a.ts"]).result).toBe("pass");
  });

  test("is skipped without a ledger, and with one that is too old or from tomorrow", () => {
    const dated = (publishedAtMs: number) =>
      judged(choice, { ledger: known(aLedger({ publishedAtMs, leases: [aLease("src/a.ts")] })) });

    expect(judged(choice, { ledger: absent("No ledger.") }).result).toBe("skipped");
    expect(dated(nowMs - dayMs).result).toBe("fail");
    expect(dated(nowMs - dayMs - 1)).toMatchObject({
      result: "skipped",
      warnings: ["A ledger of 1 day ago is too old to count."],
    });
    expect(dated(nowMs + dayMs)).toMatchObject({
      result: "skipped",
      warnings: ["A ledger is dated 1 day ahead of now and does not count."],
    });
    expect(dated(nowMs + 60_000).result).toBe("fail");
  });

  test("says what the ledger left out", () => {
    const row = judged(choice, { ledger: known(aLedger({ omitted: 3 })) });

    expect(row.warnings).toEqual([
      "The ledger leaves out 3 entries: it was too large, or they made no sense.",
    ]);
  });
});

function bySession(name: string): Snapshot["commits"] {
  const message = `Do it\n\nSkein-Session: ${name}\n`;
  return known([aCommit({ message, paths: ["src/a.ts"] })]);
}

describe("decideLeases, of the holder's own commits", () => {
  const byTask = aCommit({ message: marked("prices/T1", 50), paths: ["src/a.ts"] });
  const tasks = [aTask()];

  function own(lease: LedgerLease, odd: Partial<Snapshot> = {}) {
    const ledger = known(aLedger({ leases: [lease], tasks }));
    return judged(choice, { ledger, commits: known([byTask]), ...odd }).result;
  }

  test.each<readonly [string, LedgerLease, string]>([
    ["under its own task", aLease("src/a.ts", { session: "s2", task: "prices/T1" }), "pass"],
    ["under a task of its session", aLease("src/a.ts", { session: "s2" }), "pass"],
    [
      "handed in under its task, by a session that ended",
      aLease("src/a.ts", { session: "s9", task: "prices/T1", isLanding: true, untilMs: null }),
      "pass",
    ],
    [
      "by one of those who work for it",
      aLease("src/a.ts", { session: "s5", ancestors: ["s2"] }),
      "pass",
    ],
    ["by another session", aLease("src/a.ts", { session: "s3" }), "fail"],
    ["under another task", aLease("src/a.ts", { session: "s3", task: "prices/T2" }), "fail"],
  ])("held %s", (_how, lease, result) => {
    expect(own(lease)).toBe(result);
  });

  test("lets a session work on what is held by those for whom it works", () => {
    const ledger = known(
      aLedger({
        leases: [aLease("src/a.ts", { session: "s1" })],
        tasks: [aTask({ ancestors: ["s1"] })],
      }),
    );

    expect(judged(choice, { ledger, commits: known([byTask]) }).result).toBe("pass");
  });

  const lease = aLease("src/a.ts", { session: "s2" });

  function ofTask(odd: Partial<LedgerTask>) {
    return own(lease, { ledger: known(aLedger({ leases: [lease], tasks: [aTask(odd)] })) });
  }

  test("counts the mark of the claim that stands, and none that is over, sent back or invented", () => {
    expect(ofTask({ state: "submitted" })).toBe("pass");
    expect(ofTask({ fence: 60, accepted: [50] })).toBe("fail");
    expect(ofTask({ fence: 60 })).toBe("fail");
    expect(ofTask({ task: "prices/T2" })).toBe("fail");
  });

  test("wants every commit that touches the path to be the holder's", () => {
    const foreign = aCommit({ sha: "d".repeat(40), paths: ["src/a.ts"] });
    const elsewhere = aCommit({ sha: "e".repeat(40), paths: ["src/b.ts"] });

    expect(own(lease, { commits: known([byTask, foreign]) })).toBe("fail");
    expect(own(lease, { commits: known([byTask, elsewhere]) })).toBe("pass");
    expect(own(lease, { commits: known([elsewhere]) })).toBe("fail");
    expect(own(lease, { commits: absent("Not read.") })).toBe("fail");
  });

  test("trusts no mark from a fork, nor from an author who may not push", () => {
    const head = { ref: "feature/x", sha: headSha, isFork: true };

    expect(own(lease, { head })).toBe("fail");
    expect(own(lease, { author: known(aPerson("eve", { permission: "read" })) })).toBe("fail");
    expect(
      own(lease, { author: known(aPerson("app[bot]", { kind: "bot", permission: "none" })) }),
    ).toBe("pass");
  });

  test("takes a session's own mark within the clone that published it", () => {
    expect(own(lease, { commits: bySession(`${publisher}/s2`) })).toBe("pass");
    expect(own(lease, { commits: bySession(`${publisher}/s3`) })).toBe("fail");
    expect(own(lease, { commits: bySession("zzzzzzzzzzzz/s2") })).toBe("fail");
  });

  test("keeps sessions of two clones apart", () => {
    const ledger = known({
      source: "published" as const,
      publications: [
        aPublication({ tasks }),
        aPublication({ publisher: "otherclone", leases: [lease] }),
      ],
    });

    expect(judged(choice, { ledger, commits: known([byTask]) }).result).toBe("fail");
  });

  test("does not take a branch's name for a proof", () => {
    expect(heldBy(aLease("src/a.ts", { branch: "feature/x" })).result).toBe("fail");
  });
});
