import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, describe, expect, test } from "vitest";

import { reportSchema } from "../../src/core/review/index.ts";
import type { ReviewReport } from "../../src/core/review/index.ts";
import { removeRepositories } from "../adapters/git/repositories.ts";
import { startModelServer } from "../support/model-servers/index.ts";
import type { ModelServer } from "../support/model-servers/index.ts";
import {
  aBranchToReview,
  bug,
  falsehood,
  reviewEnv,
  scriptedReviewer,
  settingsFor,
} from "../support/review-stand.ts";
import type { CommandLine, World } from "./command-line.ts";

const servers: ModelServer[] = [];
const logs: string[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map((server) => server.close()));
  for (const log of logs.splice(0)) {
    rmSync(log, { force: true });
  }
});
afterAll(removeRepositories);

interface Stand {
  readonly line: CommandLine;
  /** A file outside of the repository that commands write to. */
  readonly log: string;
  readonly lines: () => readonly string[];
}

/** All seats find the bug, under this title; what is invented is rejected by all. */
async function stand({ title = bug.title, settings = "" } = {}): Promise<Stand> {
  const reviewer = scriptedReviewer({ finds: true, invents: true });
  const server = await startModelServer({
    reply: (call) => {
      const answer = reviewer({ ...call, prompt: call.prompt.replaceAll(title, bug.title) });
      return "text" in answer
        ? {
            ...answer,
            text: answer.text.replaceAll(JSON.stringify(bug.title), JSON.stringify(title)),
          }
        : answer;
    },
  });
  servers.push(server);
  const line = aBranchToReview(settingsFor(server, server, settings));
  const log = join(tmpdir(), `skein-verify-${String(process.pid)}-${String(servers.length)}.log`);
  rmSync(log, { force: true });
  logs.push(log);
  const lines = (): readonly string[] =>
    existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  return { line, log, lines };
}

interface Reviewed {
  readonly code: number;
  readonly report: ReviewReport;
}

async function verified(line: CommandLine, command: string, world: World = {}): Promise<Reviewed> {
  const words = ["review", "--preset", "fast", "--json", "--verify", command];
  const { code, out, err } = await line.skein(words, { env: reviewEnv, ...world });
  if (out === "") {
    throw new Error(err);
  }
  return { code, report: reportSchema.parse(JSON.parse(out)) };
}

/** False for a process that has ended and that nobody has asked after yet. */
function isRunning(pid = ""): boolean {
  expect(pid).toMatch(/^\d+$/u);
  const { stdout } = spawnSync("ps", ["-o", "stat=", "-p", pid], { encoding: "utf8" });
  return stdout.trim() !== "" && !stdout.trim().startsWith("Z");
}

/** The index loop is on the head alone. */
const showsBug = 'if grep -q "length - 1" src/pay.ts; then exit 1; fi';

describe("skein review --verify", () => {
  test("confirms what shows itself on the head and not on the base", async () => {
    const { line } = await stand();
    const { code, report } = await verified(line, showsBug);

    expect(code).toBe(20);
    expect(report.findings).toMatchObject([
      {
        title: bug.title,
        decision: "published",
        verify: { vote: "confirm", reason: expect.stringContaining("0 on the base") },
      },
    ]);
    expect(report.unconfirmed).toMatchObject([{ title: falsehood.title, verify: null }]);
    expect(report.notes.join(" ")).toContain(
      "Of 1 findings the command of --verify, which ran without a sandbox, confirmed 1, refuted 0",
    );
  });

  test("publishes what the votes left unconfirmed, and says when it may not look at the findings", async () => {
    const { line } = await stand({ settings: "review: { panel: [big] }\n" });
    const words = ["review", "--base", "main", "--json", "--verify", showsBug];
    const { code, out } = await line.skein(words, { env: reviewEnv });
    const report = reportSchema.parse(JSON.parse(out));

    expect(code).toBe(20);
    expect(report.findings.map(({ title, decision }) => [title, decision])).toEqual([
      [bug.title, "published"],
      [falsehood.title, "published"],
    ]);
    expect(report.notes.join(" ")).toContain("It said the same of all 2");
    expect(report.effective_rule).toBe("one seat alone: nobody confirms what it finds");
  });

  test("refutes what does not show, whatever the votes, and keeps that over a re-tally", async () => {
    const { line } = await stand();
    const { code, report } = await verified(line, "exit 0");
    const again = await line.skein("review retally R1 --threshold 10 --json");
    const people = await line.skein("review show R1");

    expect(code).toBe(0);
    expect(report.findings).toEqual([]);
    expect(report.unconfirmed).toMatchObject([
      { title: bug.title, decision: "rejected", support: 100, verify: { vote: "reject" } },
      { title: falsehood.title },
    ]);
    expect(JSON.parse(again.out)).toMatchObject({ findings: [], verdict: "pass" });
    expect(people.out).toContain("refuted by the command of --verify");
  });

  test.each([
    ["fails on the base too", "exit 3", "base"],
    ["says that it cannot tell", "exit 125", "tells nothing"],
    ["is no command", "no-such-command-at-all", "ended with 127"],
    ["is killed", "kill -9 $$", "was killed"],
  ])("leaves the vote as it is where the command %s", async (_what, command, words) => {
    const { line } = await stand();
    const { code, report } = await verified(line, command);

    expect(code).toBe(20);
    expect(report.findings).toMatchObject([
      {
        decision: "published",
        verify: { vote: "abstain", reason: expect.stringContaining(words) },
      },
    ]);
  });

  test("tells the command of the finding by its environment and a file, and nothing of ours", async () => {
    const { line, log, lines } = await stand();
    const say = `{ env; echo "PWD_IS=$(pwd)"; cat "$SKEIN_FINDING_FILE" | tr -d '\\n'; } > ${log}; exit 125`;
    await verified(line, say);
    const seen = lines();

    expect(seen).toEqual(
      expect.arrayContaining([
        "SKEIN_FINDING_ID=F1",
        "SKEIN_FINDING_PATH=src/pay.ts",
        "SKEIN_FINDING_LINE=3",
        "SKEIN_FINDING_SEVERITY=high",
        "SKEIN_FINDING_CATEGORY=correctness",
        `SKEIN_FINDING_TITLE=${bug.title}`,
        "SKEIN_SIDE=head",
        `SKEIN_REPOSITORY=${line.repository.root}`,
      ]),
    );
    expect(seen.join("\n")).not.toContain("test-anthropic");
    expect(seen.find((each) => each.startsWith("PWD_IS="))).not.toContain(line.repository.root);
    expect(JSON.parse(seen.at(-1) ?? "")).toMatchObject({ id: "F1", title: bug.title });
  });

  test("never lets a finding's words become a command", async () => {
    const title = 'Off-by-one $(touch pwned) `touch pwned`; touch pwned "';
    const { line, log, lines } = await stand({ title });
    await verified(line, `echo "$SKEIN_FINDING_TITLE" > ${log}; ls >> ${log}; exit 125`);

    expect(lines()[0]).toContain("touch pwned");
    expect(lines()).not.toContain("pwned");
    expect(readdirSync(line.repository.root)).not.toContain("pwned");
  });

  test("leaves neither worktrees nor processes behind, and does not touch the person's files", async () => {
    const { line, log, lines } = await stand();
    await verified(line, `echo x > src/pay.ts; sleep 300 & echo $! > ${log}; exit 1`);
    const [pid] = lines();
    const worktrees = await line.skein("status --json");

    expect(worktrees.code).toBe(0);
    expect(isRunning(pid)).toBe(false);
    expect(readFileSync(join(line.repository.root, "src/pay.ts"), "utf8")).toContain("length - 1");
    expect(existsSync(join(line.repository.root, ".git/worktrees"))).toBe(false);
  });

  test("ends a command whose time is up, with all that it started", async () => {
    const { line, log, lines } = await stand();
    const words = ["review", "--preset", "fast", "--json", "--verify-seconds", "1", "--verify"];
    const { out } = await line.skein([...words, `sleep 300 & echo $! > ${log}; wait`], {
      env: reviewEnv,
    });

    expect(JSON.parse(out).findings).toMatchObject([{ verify: { vote: "abstain" } }]);
    expect(isRunning(lines()[0])).toBe(false);
  });

  test("ends with Ctrl-C: the command stops, and the review is kept as incomplete", async () => {
    const { line, log, lines } = await stand();
    const leaving = new AbortController();
    const watching = setInterval(() => {
      if (lines().length > 0) {
        leaving.abort();
      }
    }, 20);
    const { report } = await verified(line, `echo $$ > ${log}; sleep 300`, {
      signal: leaving.signal,
    }).finally(() => {
      clearInterval(watching);
    });

    expect(report).toMatchObject({ verdict: "incomplete", stopped: true });
    expect(report.notes.join(" ")).toContain("Not verified: F1.");
    expect(isRunning(lines()[0])).toBe(false);
  });

  test("is refused to agents, for a change without commits, and where nobody is asked", async () => {
    const { line } = await stand();
    const agent = { ...reviewEnv, CLAUDE_CODE_SESSION_ID: "0b5bd0a9-3a6e-4d8e-9f6a-0c9a4f5a7b11" };
    const asAgent = await line.skein("review --verify true", { env: agent });
    const asTree = await line.skein("review --worktree --verify true", { env: reviewEnv });
    const asEstimate = await line.skein("review --estimate --verify true", { env: reviewEnv });

    expect(asAgent.err).toContain("SKN-3872");
    expect(asTree.err).toContain("SKN-1875");
    expect(asEstimate.err).toContain("SKN-1010");
  });
});
