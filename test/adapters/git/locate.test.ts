import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";

import { locateRepository } from "../../../src/adapters/git/index.ts";
import { aRepository, removeRepositories } from "./repositories.ts";

afterEach(removeRepositories);

describe("locateRepository", () => {
  test("finds the root, the branch and the commit from a folder below", () => {
    const repo = aRepository({ "src/deep/a.ts": "a" });

    const found = locateRepository(join(repo.root, "src/deep"));

    expect(found).toEqual({
      root: repo.root,
      gitDir: join(repo.root, ".git"),
      commonDir: join(repo.root, ".git"),
      branch: "main",
      headCommit: repo.git("rev-parse", "HEAD"),
      isBare: false,
      isWorktree: false,
      isSubmodule: false,
      ignoresCase: false,
    });
  });

  test("gives a linked worktree its own git directory and the common one", () => {
    const repo = aRepository({ "a.ts": "a" });
    const worktree = `${repo.root}-wt`;
    repo.git("worktree", "add", "-q", "-b", "feature/x", worktree);

    const found = locateRepository(worktree);

    expect(found).toMatchObject({
      root: worktree,
      gitDir: join(repo.root, ".git/worktrees", `${repo.name}-wt`),
      commonDir: join(repo.root, ".git"),
      branch: "feature/x",
      isWorktree: true,
      isSubmodule: false,
    });
    expect(found?.headCommit).toBe(repo.git("rev-parse", "feature/x"));
  });

  test("reads the commit of a branch whose ref is packed", () => {
    const repo = aRepository({ "a.ts": "a" });
    repo.git("pack-refs", "--all");

    expect(locateRepository(repo.root)?.headCommit).toBe(repo.git("rev-parse", "HEAD"));
  });

  test("has no branch when HEAD is detached, and no commit before the first", () => {
    const repo = aRepository({ "a.ts": "a" });
    repo.git("checkout", "-q", "--detach");
    const empty = aRepository({});

    expect(locateRepository(repo.root)).toMatchObject({
      branch: null,
      headCommit: repo.git("rev-parse", "HEAD"),
    });
    expect(locateRepository(empty.root)).toMatchObject({ branch: "main", headCommit: null });
  });

  test("tells a bare repository and a submodule", () => {
    const inner = aRepository({ "a.ts": "a" });
    const outer = aRepository({ "b.ts": "b" });
    outer.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", inner.root, "sub");
    const bare = `${inner.root}-bare`;
    inner.git("clone", "-q", "--bare", inner.root, bare);

    expect(locateRepository(join(outer.root, "sub"))).toMatchObject({
      root: join(outer.root, "sub"),
      isSubmodule: true,
      isWorktree: false,
    });
    expect(locateRepository(bare)).toMatchObject({ root: bare, isBare: true });
  });

  test("finds nothing outside of a repository and survives a broken `.git` file", () => {
    const repo = aRepository({});
    const outside = `${repo.root}-outside`;
    mkdirSync(outside);
    writeFileSync(join(outside, ".git"), "no pointer");

    expect(locateRepository(outside)).toBeNull();
    expect(locateRepository(join(outside, "gone"))).toBeNull();
  });

  test("sees the real place of a folder behind a symbolic link", () => {
    const repo = aRepository({ "a.ts": "a" });
    symlinkSync(repo.root, `${repo.root}-link`);

    expect(locateRepository(`${repo.root}-link`)?.root).toBe(realpathSync(repo.root));
  });
});

describe("ignoresCase", () => {
  test.each([
    ["[core]\n\tignorecase = true\n", true],
    ["[Core]\n  IgnoreCase = yes ; why\n", true],
    ["[core]\n\tignorecase\n", true],
    ["[core]\n\tignorecase = true\n\tignorecase = off\n", false],
    ["[other]\n\tignorecase = true\n", false],
  ])("reads the core section in git's spellings: %j", (config, expected) => {
    const repo = aRepository({});
    writeFileSync(join(repo.root, ".git/config"), config);

    expect(locateRepository(repo.root)?.ignoresCase).toBe(expected);
  });
});
