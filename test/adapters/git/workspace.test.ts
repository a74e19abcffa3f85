import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";

import { createWorkspace } from "../../../src/adapters/git/index.ts";
import type { CheckCommand } from "../../../src/adapters/git/index.ts";
import type { IntegrateRequest, Workspace } from "../../../src/core/integration/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

afterEach(removeRepositories);

const lines = Array.from({ length: 20 }, (_, index) => `line ${String(index)}`).join("\n");

/** One check a line: `name|program|argument|…`. */
async function parseChecks(text: string): Promise<ReadonlyMap<string, CheckCommand>> {
  return new Map(
    text
      .trim()
      .split("\n")
      .map((line) => {
        const [name = "", ...argv] = line.split("|");
        return [name, { argv, timeoutMs: 60_000 }];
      }),
  );
}

function aWorkspace(repo: TestRepository): Workspace {
  return createWorkspace({ root: repo.root, env: { ...testEnv, SECRET: "s3cret" }, parseChecks });
}

function aRequest(
  given: Partial<IntegrateRequest> & { readonly commit: string },
): IntegrateRequest {
  return { branch: "trunk", method: "rebase", checks: [], message: "Land T1", ...given };
}

/** A repository whose integration branch `trunk` is checked out nowhere. */
function aRepositoryWithTrunk(): TestRepository {
  const repo = aRepository({ "a.ts": lines, "b.ts": "b" });
  repo.git("branch", "trunk");
  return repo;
}

describe("integrate by rebase", () => {
  test("moves the branch straight to a commit that stands on it", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.commitOn("t1", { "b.ts": "t1" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit }));

    expect(result).toEqual({ kind: "integrated", commit });
    expect(repo.git("rev-parse", "trunk")).toBe(commit);
  });

  test("replays commits one by one, keeping authors, messages and changes", async () => {
    const repo = aRepositoryWithTrunk();
    repo.commitOn("trunk", { "b.ts": "trunk" });
    repo.commitOn("t1", { "a.ts": `top\n${lines}` });
    const commit = repo.commitOn("t1", { "c.ts": "c" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit }));

    expect(result.kind).toBe("integrated");
    expect(repo.git("log", "-1", "--format=%ai", "trunk")).toBe(
      repo.git("log", "-1", "--format=%ai", commit),
    );
    expect(repo.git("log", "--format=%s %an", "trunk")).toBe(
      "work on t1 Grace\nwork on t1 Grace\nwork on trunk Grace\nfirst Grace",
    );
    expect(repo.git("show", "trunk:b.ts")).toBe("trunk");
    expect(repo.git("show", "trunk:c.ts")).toBe("c");
    expect(repo.git("show", "trunk:a.ts")).toBe(`top\n${lines}`);
  });

  test("keeps the resolutions of a range that holds a merge by merging it", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.commitOn("t1", { "c.ts": "c" });
    repo.commitOn("other", { "d.ts": "d" });
    const tree = repo.git("merge-tree", "--write-tree", "t1", "other");
    const merge = repo.git("commit-tree", tree, "-p", commit, "-p", "other", "-m", "both");
    repo.commitOn("trunk", { "b.ts": "trunk" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit: merge }));

    expect(result.kind).toBe("integrated");
    expect(repo.git("merge-base", "trunk", merge)).toBe(merge);
  });

  test("leaves out what the branch has already", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.commitOn("t1", { "b.ts": "same" });
    const there = repo.commitOn("trunk", { "b.ts": "same" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit }));

    expect(result).toEqual({ kind: "already", commit: there });
  });
});

describe("integrate what was squashed by others", () => {
  test("finds it there, though its first commit alone would conflict", async () => {
    const repo = aRepositoryWithTrunk();
    repo.commitOn("t1", { "a.ts": lines.replace("line 3", "draft") });
    const commit = repo.commitOn("t1", { "a.ts": lines.replace("line 3", "final") });
    const squash = repo.commitOn("trunk", { "a.ts": lines.replace("line 3", "final") });

    const result = await aWorkspace(repo).integrate(aRequest({ commit }));

    expect(result).toEqual({ kind: "already", commit: squash });
  });

  test("lands it again after it was taken back", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.commitOn("t1", { "b.ts": "t1" });
    repo.commitOn("trunk", { "b.ts": "t1" });
    repo.commitOn("trunk", { "b.ts": "b" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit }));

    expect(result.kind).toBe("integrated");
    expect(repo.git("show", "trunk:b.ts")).toBe("t1");
  });
});

describe("integrate by merge", () => {
  test("makes a merge commit with the message, even where none is needed", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.commitOn("t1", { "b.ts": "t1" });

    const result = await aWorkspace(repo).integrate(
      aRequest({ commit, method: "merge", message: "Land T1\n\nSkein-Task: p/T1" }),
    );

    expect(result).toEqual({ kind: "integrated", commit: repo.git("rev-parse", "trunk") });
    expect(repo.git("log", "-1", "--format=%P", "trunk").split(" ")[1]).toBe(commit);
    expect(repo.git("log", "-1", "--format=%(trailers:key=Skein-Task,valueonly)", "trunk")).toBe(
      "p/T1",
    );
  });

  test("says that it is there when the branch contains the commit", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.git("rev-parse", "main");

    expect(await aWorkspace(repo).integrate(aRequest({ commit }))).toEqual({
      kind: "already",
      commit,
    });
  });
});

describe("integrate with a conflict", () => {
  for (const method of ["rebase", "merge"] as const) {
    test(`names the files and moves nothing (${method})`, async () => {
      const repo = aRepositoryWithTrunk();
      const head = repo.commitOn("trunk", {
        "a.ts": lines.replace("line 3", "trunk"),
        "b.ts": null,
      });
      const commit = repo.commitOn("t1", { "a.ts": lines.replace("line 3", "t1"), "b.ts": "new" });

      const result = await aWorkspace(repo).integrate(aRequest({ commit, method }));

      expect(result).toMatchObject({ kind: "conflict", files: ["a.ts", "b.ts"] });
      expect(result).toMatchObject({ detail: expect.stringContaining("Merge conflict in a.ts") });
      expect(repo.git("rev-parse", "trunk")).toBe(head);
    });
  }

  test("takes a commit without common history for a conflict", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.git("commit-tree", repo.git("rev-parse", "main^{tree}"), "-m", "alien");

    expect(await aWorkspace(repo).integrate(aRequest({ commit }))).toMatchObject({
      kind: "conflict",
      files: [],
    });
  });
});

describe("integrate onto a branch that is checked out", () => {
  test("updates a clean worktree together with the branch and leaves untracked files", async () => {
    const repo = aRepository({ "a.ts": "a" });
    const commit = repo.commitOn("t1", { "a.ts": "t1" });
    writeFileSync(join(repo.root, "notes.txt"), "mine");

    const result = await aWorkspace(repo).integrate(aRequest({ commit, branch: "main" }));

    expect(result).toEqual({ kind: "integrated", commit });
    expect(readFileSync(join(repo.root, "a.ts"), "utf8")).toBe("t1");
    expect(repo.git("status", "--porcelain")).toBe("?? notes.txt");
  });

  test("keeps changes of other files, staged or not", async () => {
    const repo = aRepository({ "a.ts": "a", "b.ts": "b", "c.ts": "c" });
    const commit = repo.commitOn("t1", { "a.ts": "t1" });
    repo.write({ "b.ts": "half done", "c.ts": "staged" });
    repo.git("add", "c.ts");

    const result = await aWorkspace(repo).integrate(aRequest({ commit, branch: "main" }));

    expect(result).toEqual({ kind: "integrated", commit });
    expect(readFileSync(join(repo.root, "a.ts"), "utf8")).toBe("t1");
    expect(readFileSync(join(repo.root, "b.ts"), "utf8")).toBe("half done");
    expect(repo.git("diff", "--cached", "--name-only")).toBe("c.ts");
    expect(repo.git("diff", "--name-only")).toBe("b.ts");
  });

  test.each([[false], [true]])(
    "touches nothing when changes are in the way (staged: %s)",
    async (isStaged) => {
      const repo = aRepository({ "a.ts": "a", "b.ts": "b" });
      const head = repo.git("rev-parse", "main");
      const commit = repo.commitOn("t1", { "a.ts": "t1", "b.ts": "t1" });
      repo.write({ "b.ts": "half done" });
      repo.git(...(isStaged ? ["add", "b.ts"] : ["status"]));

      const result = await aWorkspace(repo).integrate(aRequest({ commit, branch: "main" }));

      expect(result).toEqual({
        kind: "retry",
        detail: `Git would not update ${repo.root}, where main is checked out: changes of the same files are in the way (b.ts). Commit or stash them there.`,
      });
      expect(repo.git("rev-parse", "main")).toBe(head);
      expect(readFileSync(join(repo.root, "b.ts"), "utf8")).toBe("half done");
      expect(readFileSync(join(repo.root, "a.ts"), "utf8")).toBe("a");
    },
  );

  test("does not overwrite a file that git passes over", async () => {
    const repo = aRepository({ "a.ts": "a" });
    const commit = repo.commitOn("t1", { ".mcp.json": "t1" });
    repo.write({ ".git/info/exclude": "/.mcp.json\n", ".mcp.json": "mine" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit, branch: "main" }));

    expect(result).toMatchObject({ kind: "retry", detail: expect.stringContaining("(.mcp.json)") });
    expect(readFileSync(join(repo.root, ".mcp.json"), "utf8")).toBe("mine");
  });

  test("does not overwrite an untracked file", async () => {
    const repo = aRepository({ "a.ts": "a" });
    const names = ["new.ts", "\u{E4} b.ts", "c.ts", "d.ts", "e.ts", "f.ts"];
    const commit = repo.commitOn("t1", Object.fromEntries(names.map((name) => [name, "t1"])));
    repo.write(Object.fromEntries(names.map((name) => [name, "mine"])));

    const result = await aWorkspace(repo).integrate(aRequest({ commit, branch: "main" }));

    expect(result).toEqual({
      kind: "retry",
      detail: `Git would not update ${repo.root}, where main is checked out: files that git does not track there have the names of files that come (c.ts, d.ts, e.ts, f.ts, new.ts and 1 more). Move them away, or take them out of the commit: files that \`skein init\` wrote for one machine belong in none.`,
    });
    expect(readFileSync(join(repo.root, "new.ts"), "utf8")).toBe("mine");
  });

  test("moves no branch that another program moved meanwhile", async () => {
    const repo = aRepositoryWithTrunk();
    repo.write({ "skein.yml": "slow|git|update-ref|refs/heads/trunk|refs/heads/other" });
    repo.git("add", "skein.yml");
    repo.git("commit", "-q", "-m", "checks");
    const other = repo.commitOn("other", { "b.ts": "other" });
    const commit = repo.commitOn("t1", { "b.ts": "t1" });

    const result = await aWorkspace(repo).integrate(aRequest({ commit, checks: ["slow"] }));

    expect(result.kind).toBe("retry");
    expect(repo.git("rev-parse", "trunk")).toBe(other);
  });
});

function aRepositoryWithChecks(checks: string): TestRepository {
  const repo = aRepository({ "a.ts": "a", "skein.yml": checks });
  repo.git("branch", "trunk");
  return repo;
}

describe("runCheck", () => {
  test("runs the command at the result, before the branch moves", async () => {
    const repo = aRepositoryWithChecks("good|grep|-q|t1|a.ts\nbad|sh|-c|echo oh no; exit 3");
    const workspace = aWorkspace(repo);
    const head = repo.git("rev-parse", "trunk");
    const commit = repo.commitOn("t1", { "a.ts": "t1" });

    const failed = await workspace.integrate(aRequest({ commit, checks: ["good", "bad"] }));
    const headAfterFailure = repo.git("rev-parse", "trunk");
    const passed = await workspace.integrate(aRequest({ commit, checks: ["good"] }));

    expect(failed).toEqual({
      kind: "check-failed",
      check: { name: "bad", passed: false, exitCode: 3, output: "oh no" },
    });
    expect(headAfterFailure).toBe(head);
    expect(passed.kind).toBe("integrated");
    expect(repo.git("worktree", "list").split("\n")).toHaveLength(1);
  });

  test("reads commands from the default branch, not from the commit under test", async () => {
    const repo = aRepositoryWithChecks("safe|true");
    const marker = join(repo.root, "..", "pwned");
    const commit = repo.commitOn("t1", {
      "skein.yml": `safe|touch|${marker}\nevil|touch|${marker}`,
    });
    repo.write({ "skein.yml": `safe|touch|${marker}` });
    const workspace = aWorkspace(repo);

    expect(await workspace.runCheck("safe", commit)).toMatchObject({ passed: true });
    await expect(workspace.runCheck("evil", commit)).rejects.toMatchObject({ code: "SKN-2952" });
    expect(existsSync(marker)).toBe(false);
  });

  test("gives the command no variable that is not allowed", async () => {
    const repo = aRepositoryWithChecks("env|env");

    const { output } = await aWorkspace(repo).runCheck("env", "main");

    expect(output).not.toContain("SECRET");
    expect(output).not.toContain("GIT_AUTHOR_NAME");
    expect(output).toContain("SKEIN_CHECK=env");
  });

  test("keeps the end of a long output", async () => {
    const repo = aRepositoryWithChecks("long|sh|-c|seq 1 100000; exit 1");

    const { output } = await aWorkspace(repo).runCheck("long", "main");

    expect(output.length).toBeLessThanOrEqual(4_096);
    expect(output.endsWith("100000")).toBe(true);
  });

  test("says so when the program does not exist", async () => {
    const repo = aRepositoryWithChecks("gone|no-such-program-here");

    expect(await aWorkspace(repo).runCheck("gone", "main")).toMatchObject({
      passed: false,
      exitCode: null,
      output: expect.stringContaining("could not start"),
    });
  });

  test("stops a command that takes too long, with what it started", async () => {
    const repo = aRepository({ "skein.yml": "x" });
    const pid = join(repo.root, "..", "pid");
    const argv = ["sh", "-c", `sleep 60 & echo $! > ${pid}; wait`];
    const workspace = createWorkspace({
      root: repo.root,
      env: testEnv,
      parseChecks: async () => new Map([["slow", { argv, timeoutMs: 2_000 }]]),
    });

    const result = await workspace.runCheck("slow", "main");

    expect(result).toMatchObject({ passed: false, output: "Stopped after 2 seconds." });
    const started = readFileSync(pid, "utf8").trim();
    await vi.waitFor(() => {
      const state = readdirSync("/proc").includes(started)
        ? readFileSync(`/proc/${started}/stat`, "utf8").split(" ")[2]
        : "gone";
      expect(["gone", "Z"]).toContain(state);
    }, 30_000);
  });
});

describe("findSamePatch", () => {
  test("finds a squash of several commits", async () => {
    const repo = aRepositoryWithTrunk();
    repo.commitOn("t1", { "a.ts": `top\n${lines}` });
    const commit = repo.commitOn("t1", { "c.ts": "c" });
    repo.commitOn("trunk", { "b.ts": "other work" });
    const squash = repo.commitOn("trunk", { "a.ts": `top\n${lines}`, "c.ts": "c" });
    repo.commitOn("trunk", { "d.ts": "later" });

    expect(await aWorkspace(repo).findSamePatch(commit, "trunk")).toBe(squash);
  });

  test("finds the last of the commits after a rebase", async () => {
    const repo = aRepositoryWithTrunk();
    repo.commitOn("t1", { "a.ts": `top\n${lines}` });
    const commit = repo.commitOn("t1", { "c.ts": "c" });
    repo.commitOn("trunk", { "a.ts": `top\n${lines}` });
    const last = repo.commitOn("trunk", { "c.ts": "c" });

    expect(await aWorkspace(repo).findSamePatch(commit, "trunk")).toBe(last);
  });

  test("finds nothing when a part is missing or a binary differs", async () => {
    const repo = aRepositoryWithTrunk();
    repo.commitOn("t1", { "a.ts": `top\n${lines}` });
    const half = repo.commitOn("t1", { "c.ts": "c" });
    const binary = repo.commitOn("t2", { "x.bin": "\0one" });
    repo.commitOn("trunk", { "a.ts": `top\n${lines}` });
    repo.commitOn("trunk", { "x.bin": "\0two" });
    const workspace = aWorkspace(repo);

    expect(await workspace.findSamePatch(half, "trunk")).toBeNull();
    expect(await workspace.findSamePatch(binary, "trunk")).toBeNull();
  });
});

describe("names", () => {
  test("resolves what exists and nothing else", async () => {
    const repo = aRepositoryWithTrunk();
    const workspace = aWorkspace(repo);

    expect(await workspace.resolve("trunk")).toBe(repo.git("rev-parse", "trunk"));
    expect(await workspace.resolve("nothing")).toBeNull();
    expect(await workspace.isAncestor("main", "trunk")).toBe(true);
  });

  test("refuses names that git would take for options or expressions", async () => {
    const repo = aRepositoryWithTrunk();
    const workspace = aWorkspace(repo);

    for (const name of [
      "--output=x",
      "-h",
      "",
      "a b",
      "a..b",
      "@{-1}",
      "x^{/evil}",
      "a:b",
      "a\nb",
    ]) {
      await expect(workspace.resolve(name), name).rejects.toMatchObject({ code: "SKN-8952" });
    }
  });

  test("says which branch or commit is missing", async () => {
    const workspace = aWorkspace(aRepositoryWithTrunk());

    await expect(
      workspace.integrate(aRequest({ commit: "main", branch: "gone" })),
    ).rejects.toMatchObject({ code: "SKN-5953", facts: { branch: "gone" } });
    await expect(workspace.integrate(aRequest({ commit: "f".repeat(40) }))).rejects.toMatchObject({
      code: "SKN-5952",
    });
  });

  test("lists both sides of a rename among the changed paths", async () => {
    const repo = aRepositoryWithTrunk();
    const commit = repo.commitOn("t1", { "a.ts": null, "moved/a.ts": lines });
    repo.commitOn("trunk", { "b.ts": "not ours" });

    expect(await aWorkspace(repo).changedPaths(commit, "trunk")).toEqual(["a.ts", "moved/a.ts"]);
  });
});

test("runs no hook of the repository", async () => {
  const repo = aRepository({ "a.ts": "a" });
  const marker = join(repo.root, "..", "hook-ran");
  mkdirSync(join(repo.root, ".git/hooks"), { recursive: true });
  for (const hook of [
    "post-merge",
    "post-checkout",
    "reference-transaction",
    "post-index-change",
  ]) {
    writeFileSync(join(repo.root, ".git/hooks", hook), `#!/bin/sh\ntouch ${marker}\n`, {
      mode: 0o755,
    });
  }
  repo.git("-c", "core.hooksPath=/dev/null", "branch", "trunk");
  const tree = repo.git("rev-parse", "main^{tree}");
  const commit = repo.git("commit-tree", tree, "-p", "main", "-m", "empty");

  const result = await aWorkspace(repo).integrate(
    aRequest({ commit, branch: "main", method: "merge" }),
  );

  expect(result.kind).toBe("integrated");
  expect(existsSync(marker)).toBe(false);
});
