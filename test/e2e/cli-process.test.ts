import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, describe, expect, test } from "vitest";
import { aRepository, removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";

const bin = join(import.meta.dirname, "../../bin/skein.js");
const plan = "plan: demo\ntitle: Demo\ntasks:\n  - id: T1\n    title: One\n";

afterEach(removeRepositories);

function aProject(): TestRepository {
  const repository = aRepository({ "README.md": "hello\n" });
  const { status, stderr } = skein(repository, ["plan", "import", "-"], plan);
  expect(status, stderr).toBe(0);
  return repository;
}

function skein(
  { root }: TestRepository,
  words: readonly string[],
  input = "",
): ReturnType<typeof run> {
  return run(root, words, input);
}

function run(cwd: string, words: readonly string[], input: string) {
  return spawnSync(process.execPath, [bin, ...words], {
    cwd,
    env: testEnv,
    input,
    encoding: "utf8",
    timeout: 60_000,
  });
}

describe("the process of `skein`", () => {
  test("keeps data and talk apart, and ends with the error's code", () => {
    const repository = aProject();

    const good = skein(repository, ["task", "list", "--json"]);
    const bad = skein(repository, ["task", "show", "T9"]);

    expect([good.status, good.stderr]).toEqual([0, ""]);
    expect(JSON.parse(good.stdout)).toMatchObject({ schema_version: 1, tasks: [{ id: "T1" }] });
    expect([bad.status, bad.stdout]).toEqual([6, ""]);
    expect(bad.stderr).toMatch(/^SKN-5402 /u);
  });

  test("follows the log until Ctrl-C and then ends with 130", async () => {
    const { root } = aProject();
    const child = spawn(process.execPath, [bin, "events", "--follow", "--json"], {
      cwd: root,
      env: testEnv,
      stdio: ["ignore", "pipe", "inherit"],
    });
    const ended = new Promise<number | null>((resolve) => {
      child.on("exit", resolve);
    });

    const first = await new Promise<string>((resolve) => {
      child.stdout.setEncoding("utf8").once("data", resolve);
    });
    child.kill("SIGINT");

    expect(first).toContain("plan.imported");
    expect(await ended).toBe(130);
  });

  test("says nothing when its reader goes away", () => {
    const { root } = aProject();

    const { stdout, stderr } = spawnSync(
      "/bin/sh",
      ["-c", `"${process.execPath}" "${bin}" export - | head -c 1`],
      { cwd: root, env: testEnv, encoding: "utf8" },
    );

    expect([stdout, stderr]).toEqual(["{", ""]);
  });

  test.each([
    ["keeps the code of what it found", "verify", 1],
    ["tells one that had not ended from one that had", "events --follow", 141],
  ])("%s when its reader goes away", (_what, words, code) => {
    const { root } = aProject();
    const database = new DatabaseSync(join(root, ".git/skein/skein.db"));
    database.exec("UPDATE events SET text = replace(text, 'Demo', 'Demi')");
    database.close();

    const { stdout } = spawnSync(
      "/bin/sh",
      ["-c", `exec 3>&1; { "${process.execPath}" "${bin}" ${words}; echo $? >&3; } | true`],
      { cwd: root, env: testEnv, encoding: "utf8", timeout: 60_000 },
    );

    expect(stdout.trim()).toBe(String(code));
  });

  test("sees the same board from a subfolder and from another worktree", () => {
    const repository = aProject();
    repository.git("worktree", "add", "-q", "../other");

    for (const cwd of [join(repository.root, ".git"), join(repository.root, "../other")]) {
      expect(run(cwd, ["plan", "list"], "").stdout).toContain("demo");
    }
  });
});
