import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import {
  createGit,
  dirtyPaths,
  stagedPaths,
  touchedPaths,
} from "../../../src/adapters/git/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";

afterEach(removeRepositories);

const long = "line\n".repeat(40);

describe("dirtyPaths", () => {
  test("lists edits, deletions, new files and both sides of a rename", async () => {
    const repo = aRepository({ "a b.ts": "a", "gone.ts": "g", "old.ts": long, "same.ts": "s" });
    repo.write({ "a b.ts": "changed", 'new/\u00e4 "q".ts': "n" });
    repo.git("rm", "-q", "gone.ts");
    repo.git("mv", "old.ts", "moved.ts");

    const changes = await dirtyPaths(createGit({ cwd: repo.root, env: testEnv }));

    expect(changes).toEqual([
      { path: "a b.ts", fromPath: null, kind: "changed" },
      { path: "gone.ts", fromPath: null, kind: "deleted" },
      { path: "moved.ts", fromPath: "old.ts", kind: "renamed" },
      { path: 'new/\u00e4 "q".ts', fromPath: null, kind: "untracked" },
    ]);
    expect(touchedPaths(changes)).toEqual([
      "a b.ts",
      "gone.ts",
      "moved.ts",
      "old.ts",
      'new/\u00e4 "q".ts',
    ]);
  });

  test("lists an unmerged path", async () => {
    const repo = aRepository({ "a.ts": "a" });
    repo.commitOn("other", { "a.ts": "theirs" });
    repo.write({ "a.ts": "ours" });
    repo.git("commit", "-q", "-am", "ours");
    expect(() => repo.git("merge", "-q", "other")).toThrow();

    const changes = await dirtyPaths(createGit({ cwd: repo.root, env: testEnv }));

    expect(changes).toEqual([{ path: "a.ts", fromPath: null, kind: "unmerged" }]);
  });

  test("names paths from the root wherever it runs", async () => {
    const repo = aRepository({ "src/a.ts": "a", "b.ts": "b" });
    repo.write({ "b.ts": "changed" });

    const changes = await dirtyPaths(createGit({ cwd: join(repo.root, "src"), env: testEnv }));

    expect(touchedPaths(changes)).toEqual(["b.ts"]);
  });
});

describe("stagedPaths", () => {
  test("lists what is staged and nothing else, both sides of a rename", async () => {
    const repo = aRepository({ "a.ts": "a", "old.ts": long, "b.ts": "b" });
    repo.write({ "a.ts": "staged", "b.ts": "not staged", "c.ts": "new" });
    repo.git("add", "a.ts", "c.ts");
    repo.git("mv", "old.ts", "moved.ts");

    const changes = await stagedPaths(createGit({ cwd: repo.root, env: testEnv }), null);

    expect(changes).toEqual([
      { path: "a.ts", fromPath: null, kind: "changed" },
      { path: "c.ts", fromPath: null, kind: "added" },
      { path: "moved.ts", fromPath: "old.ts", kind: "renamed" },
    ]);
    expect(touchedPaths(changes)).toContain("old.ts");
  });

  test("reads the temporary index of a partial commit", async () => {
    const repo = aRepository({ "a.ts": "a", "b.ts": "b" });
    repo.write({ "a.ts": "1", "b.ts": "2" });
    repo.git("add", "a.ts");
    const indexFile = join(repo.root, ".git", "other-index");
    repo.git("read-tree", "--index-output", indexFile, "HEAD");

    const git = createGit({ cwd: repo.root, env: testEnv });

    expect(await stagedPaths(git, indexFile)).toEqual([]);
    expect(touchedPaths(await stagedPaths(git, null))).toEqual(["a.ts"]);
  });
});

describe("createGit", () => {
  test("passes on nothing of the caller's git environment", async () => {
    const repo = aRepository({ "a.ts": "a" });
    const env = { ...testEnv, GIT_DIR: "/nowhere", GIT_WORK_TREE: "/nowhere", SECRET: "s" };

    const found = await createGit({ cwd: repo.root, env }).text(["rev-parse", "--show-toplevel"]);

    expect(found).toBe(repo.root);
  });

  test("says which command failed and keeps git's words among the facts", async () => {
    const repo = aRepository({ "a.ts": "a" });
    const git = createGit({ cwd: repo.root, env: testEnv });

    await expect(git.run(["rev-parse", "--verify", "nothing"])).rejects.toMatchObject({
      code: "SKN-0951",
      facts: { exit_code: 128, output: expect.stringContaining("fatal") },
    });
  });

  test("says that git is missing when it is not on the path", async () => {
    const repo = aRepository({ "a.ts": "a" });
    const git = createGit({ cwd: repo.root, env: { PATH: "/nonexistent" } });

    await expect(git.run(["status"])).rejects.toMatchObject({ code: "SKN-2951" });
  });
});
