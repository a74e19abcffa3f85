import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, describe, expect, test, vi } from "vitest";

import { createGit, readChange } from "../../../src/adapters/git/index.ts";
import type { ChangeRequest } from "../../../src/adapters/git/index.ts";
import type { Change } from "../../../src/core/review/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

afterEach(() => {
  vi.unstubAllEnvs();
  removeRepositories();
});

const long = Array.from({ length: 40 }, (_, index) => `line ${String(index)}`).join("\n");

function read(repo: TestRepository, request: ChangeRequest, cwd = repo.root): Promise<Change> {
  return readChange(createGit({ cwd, env: testEnv }), request);
}

function summary({ files }: Change): readonly string[] {
  return files.map(({ kind, path, oldPath, isBinary }) =>
    [kind, path, ...(oldPath === null ? [] : [oldPath]), ...(isBinary ? ["binary"] : [])].join(" "),
  );
}

/** `main` went on after `work` left it. */
function forked(): { readonly repo: TestRepository; readonly base: string; readonly head: string } {
  const repo = aRepository({ "a.ts": "a\n", "old.ts": long, "gone.ts": "g\n" });
  const base = repo.git("rev-parse", "HEAD");
  const head = repo.commitOn("work", {
    "a.ts": "changed\n",
    "old.ts": null,
    "new dir/moved.ts": `${long}\nmore`,
    "gone.ts": null,
    'ä "q".ts': "n\n",
    "b.bin": "\0\u0001",
  });
  repo.commitOn("main2", { "only-main.ts": "m\n" });
  repo.git("merge", "-q", "main2");
  return { repo, base, head };
}

const ofWork = [
  "modified a.ts",
  "added b.bin binary",
  "deleted gone.ts",
  "renamed new dir/moved.ts old.ts",
  'added ä "q".ts',
];

describe("readChange", () => {
  test.each<ChangeRequest>([
    { kind: "branch", base: "main", head: "work" },
    { kind: "range", range: "main...work" },
    { kind: "range", range: "...work" },
  ])("reads from the merge base: %j", async (request) => {
    const { repo, base, head } = forked();

    const change = await read(repo, request);

    expect(change).toMatchObject({ base, head });
    expect(summary(change)).toEqual(ofWork);
  });

  test("reads both ends of A..B as they are", async () => {
    const { repo, head } = forked();

    const change = await read(repo, { kind: "range", range: "main..work" });

    expect(change.base).toBe(repo.git("rev-parse", "main"));
    expect(change.head).toBe(head);
    expect(summary(change)).toContain("deleted only-main.ts");
  });

  test("reads staged, unstaged and untracked files from any folder, and leaves the repository as it was", async () => {
    const repo = aRepository({ "s/a.ts": "a\n", "b.ts": "b\n", ".gitignore": "ignored\n" });
    repo.write({ "s/a.ts": "staged\n", "*.ts": "star\n", ignored: "i", "s/new.ts": "n\n" });
    repo.git("add", "s/a.ts");
    repo.write({ "b.ts": "unstaged\n", "nested/c.ts": "c\n" });
    repo.git("init", "-q", "nested");
    const before = [repo.git("status", "--porcelain"), repo.git("count-objects")];

    const change = await read(repo, { kind: "worktree" }, join(repo.root, "s"));

    expect(change).toMatchObject({ base: repo.git("rev-parse", "HEAD"), head: null });
    expect(summary(change)).toEqual([
      "added *.ts",
      "modified b.ts",
      "modified s/a.ts",
      "added s/new.ts",
    ]);
    expect([repo.git("status", "--porcelain"), repo.git("count-objects")]).toEqual(before);
  });

  test("reads a worktree before the first commit, and one in the middle of a merge", async () => {
    const fresh = aRepository({});
    fresh.write({ "a.ts": "a\n" });
    const merging = aRepository({ "a.ts": "a\n" });
    merging.commitOn("other", { "a.ts": "theirs\n" });
    merging.write({ "a.ts": "ours\n" });
    merging.git("commit", "-q", "-am", "ours");
    expect(() => merging.git("merge", "-q", "other")).toThrow();

    const started = await read(fresh, { kind: "worktree" });
    const merged = await read(merging, { kind: "worktree" });

    expect([started.base, summary(started)]).toEqual([null, ["added a.ts"]]);
    expect(merged.files[0]?.hunks[0]?.lines.map(({ text }) => text)).toContain("<<<<<<< HEAD");
  });

  test("reads a sparse worktree: what is not checked out is unchanged", async () => {
    const repo = aRepository({ "in/a.ts": "a\n", "out/b.ts": "b\n" });
    repo.git("sparse-checkout", "set", "in");
    repo.write({ "in/a.ts": "changed\n", "elsewhere/new.ts": "n\n" });

    const change = await read(repo, { kind: "worktree" });

    expect(summary(change)).toEqual(["added elsewhere/new.ts", "modified in/a.ts"]);
  });

  test("reads a patch file", async () => {
    const { repo } = forked();
    const file = join(dirname(repo.root), "change.patch");
    writeFileSync(file, `${repo.git("diff", "-M", "--binary", "main...work")}\n`);

    const change = await read(repo, { kind: "patch", file });

    expect(change).toMatchObject({ base: null, head: null });
    expect(summary(change)).toEqual(ofWork);
  });

  test("believes no attribute that the change brings, in whatever way it is read", async () => {
    const repo = aRepository({ "a.ts": "a\n" });
    const files = { ".gitattributes": "*.ts binary -diff diff=evil\n", "a.ts": "backdoor()\n" };
    repo.commitOn("work", files);

    const change = await read(repo, { kind: "branch", base: "main", head: "work" });
    repo.git("checkout", "-q", "work");
    const there = await read(repo, { kind: "branch", base: "main" });
    repo.git("checkout", "-q", "main");
    repo.write(files);
    const worktree = await read(repo, { kind: "worktree" });

    for (const { files: found } of [change, there, worktree]) {
      const [, file] = found;
      expect(file).toMatchObject({ path: "a.ts", isBinary: false });
      expect(file?.hunks[0]?.lines.at(-1)?.text).toBe("backdoor()");
    }
  });

  test("runs no program and follows no configuration that changes a diff", async () => {
    const { repo } = forked();
    const trap = join(repo.root, ".git", "trap");
    writeFileSync(trap, `#!/bin/sh\ntouch "${trap}.sprung"\ncat "$1"\n`);
    chmodSync(trap, 0o755);
    mkdirSync(join(repo.root, ".git", "info"), { recursive: true });
    writeFileSync(join(repo.root, ".git", "info", "attributes"), "*.ts diff=trap\n");
    for (const [key, value] of [
      ["diff.trap.textconv", trap],
      ["diff.trap.command", trap],
      ["diff.external", trap],
      ["core.pager", trap],
      ["pager.diff", trap],
      ["diff.noprefix", "true"],
      ["diff.mnemonicPrefix", "true"],
      ["diff.renames", "false"],
      ["diff.context", "0"],
      ["diff.relative", "true"],
      ["color.diff", "always"],
    ] as const) {
      repo.git("config", key, value);
    }

    const change = await read(repo, { kind: "branch", base: "main", head: "work" });

    expect(summary(change)).toEqual(ofWork);
    expect(existsSync(`${trap}.sprung`)).toBe(false);
  });

  test("leaves nothing behind in the folder for temporary files", async () => {
    const { repo } = forked();
    writeFileSync(join(repo.root, "new.ts"), "new\n");
    const own = join(dirname(repo.root), "temporary");
    mkdirSync(own);
    vi.stubEnv("TMPDIR", own);

    const change = await read(repo, { kind: "worktree" });
    vi.unstubAllEnvs();

    expect(change.files).not.toEqual([]);
    expect(readdirSync(own)).toEqual([]);
  });

  test("names the branch of the remote where there is none of that name here", async () => {
    const repo = aRepository({ "a.ts": "a\n" });
    repo.git("update-ref", "refs/remotes/origin/release", "HEAD");

    await expect(read(repo, { kind: "branch", base: "release" })).rejects.toMatchObject({
      code: "SKN-5952",
      fix: 'There is "origin/release": name that.',
    });
  });

  test.each<readonly [ChangeRequest, string]>([
    [{ kind: "branch", base: "nowhere" }, "SKN-5952"],
    [{ kind: "branch", base: "--output=x" }, "SKN-5952"],
    [{ kind: "range", range: "main" }, "SKN-5952"],
    [{ kind: "range", range: "main..$(touch x)" }, "SKN-5952"],
    [{ kind: "range", range: "orphan...main" }, "SKN-5955"],
    [{ kind: "patch", file: "/nowhere/x.patch" }, "SKN-5954"],
    [{ kind: "patch", file: "/" }, "SKN-5954"],
  ])("refuses %j with %s", async (...[request, code]) => {
    const repo = aRepository({ "a.ts": "a\n" });
    const tree = repo.git("write-tree");
    repo.git("branch", "orphan", repo.git("commit-tree", "-m", "alone", tree));

    await expect(read(repo, request)).rejects.toMatchObject({ code });
  });
});
