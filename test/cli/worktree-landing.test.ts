import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { nobody } from "../../src/core/dispatch/index.ts";
import { removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "./command-line.ts";
import type { CommandLine } from "./command-line.ts";
import { inProject } from "./doctor-patient.ts";

afterAll(removeRepositories);

const plan = twoTasks
  .replace("verify: none", "verify: merge")
  .replace("    depends_on: [T1]\n", "");
const init = "init --agents claude,codex --yes";

/** A worktree of an agent's own, set up as README says. */
async function worktreeOf({ repository, skein }: CommandLine, agent: string): Promise<string> {
  const cwd = join(dirname(repository.root), `${basename(repository.root)}-${agent}`);
  repository.git("worktree", "add", "-q", "-b", agent, cwd);
  const { code, err } = await skein(init, { cwd });
  expect(code, err).toBe(0);
  return cwd;
}

/** An agent takes its next task, changes a file, adds all there is, asks the guard, commits and hands its work in. */
async function work(line: CommandLine, agent: string, path: string): Promise<void> {
  const cwd = await worktreeOf(line, agent);
  const externalId = `claude:${agent}`;
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd, env: testEnv, encoding: "utf8" }).trim();
  await inProject(line, async ({ skein: { dispatch } }) => {
    const gitDir = git("rev-parse", "--absolute-git-dir");
    const caller = { ...nobody, externalId, gitDir };
    const asked = { caller, plan: null, task: null, waitMs: 0, key: null, signal: null };
    const { claim } = await dispatch.nextTask(asked);
    mkdirSync(dirname(join(cwd, path)), { recursive: true });
    writeFileSync(join(cwd, path), `${agent}\n`);
    git("add", "-A");
    const guarded = await line.skein("guard pre-commit", {
      cwd,
      env: { SKEIN_EXTERNAL_ID: externalId },
    });
    expect([guarded.code, guarded.err]).toEqual([0, ""]);
    git("commit", "-q", "--no-verify", "-m", `Work of ${agent}`);
    await dispatch.finishTask({
      caller,
      task: claim?.task.id ?? "",
      fence: claim?.fence ?? 0,
      outcome: "submitted",
      summary: "done",
      cause: null,
      commit: git("rev-parse", "HEAD"),
      usage: [],
      claimNext: false,
      key: null,
    });
  });
}

test("agents that add all there is to their commits hold no file of init's, and their work lands beside such files", async () => {
  const line = aCommandLine({ "plan.yml": plan });
  await line.skein(init);
  await line.skein("plan import plan.yml");
  const own = readFileSync(join(line.repository.root, ".mcp.json"), "utf8");

  await work(line, "ada", "src/a.ts");
  await work(line, "bob", "docs/b.md");
  const { code, out, err } = await line.skein("integrate");

  expect([code, err]).toEqual([0, ""]);
  expect(out).toContain("T2");
  expect(line.repository.git("ls-tree", "-r", "--name-only", "main").split("\n")).toEqual([
    "README.md",
    "docs/b.md",
    "plan.yml",
    "src/a.ts",
  ]);
  expect(readFileSync(join(line.repository.root, ".mcp.json"), "utf8")).toBe(own);
  expect(line.repository.git("status", "--porcelain")).toBe("");
});
