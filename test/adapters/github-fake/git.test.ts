import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, describe, expect, test } from "vitest";
import { plainEnv } from "../../support/coordinated-repository.ts";
import { aStand, expectNoViolations, refusal } from "./stand.ts";

const run = promisify(execFile);
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "fake-github-test-"));
  folders.push(folder);
  return folder;
}

async function git(cwd: string, ...args: readonly string[]): Promise<string> {
  const env = { ...plainEnv, GIT_TERMINAL_PROMPT: "0" };
  const { stdout } = await run("git", [...args], { cwd, env });
  return stdout.trim();
}

describe("git over HTTP of the fake GitHub", () => {
  test("a clone, a push and a fetch work with a token; a push moves the pull request", async () => {
    const stand = await aStand();
    const { github, fullName, repo, bot } = stand;
    const address = github.gitUrlOf(fullName, github.userToken("wes"));
    const folder = aFolder();
    await git(folder, "clone", "--quiet", address, "work");
    const work = join(folder, "work");
    await git(work, "switch", "--quiet", "-c", "topic");
    writeFileSync(join(work, "a.txt"), "a\n");
    await git(work, "add", ".");
    await git(work, "commit", "--quiet", "-m", "Add a");
    await git(work, "push", "--quiet", "origin", "topic");
    const { number } = await github.openPull(fullName, {
      title: "A",
      author: "wes",
      head: "topic",
    });

    writeFileSync(join(work, "a.txt"), "b\n");
    await git(work, "commit", "--quiet", "-am", "Change a");
    await git(work, "push", "--quiet", "origin", "topic");
    await git(work, "fetch", "--quiet", "origin", `refs/pull/${String(number)}/head`);
    const [fetched, own] = [
      await git(work, "rev-parse", "FETCH_HEAD"),
      await git(work, "rev-parse", "HEAD"),
    ];
    const { data: pull } = await bot.rest.pulls.get({ ...repo, pull_number: number });
    await git(work, "fetch", "--quiet", "origin", `refs/pull/${String(number)}/merge`);
    const merge = await git(work, "show", "--no-patch", "--format=%P", "FETCH_HEAD");

    expect([fetched, pull.head.sha]).toEqual([own, own]);
    expect(merge).toBe(`${pull.base.sha} ${own}`);
    expectNoViolations(stand);
  });

  test("a shallow clone has one commit, and any other can be fetched by its id", async () => {
    const { github, fullName } = await aStand();
    const first = await github.commit(fullName, { branch: "main", files: { "a.txt": "1\n" } });
    await github.commit(fullName, { branch: "main", files: { "a.txt": "2\n" } });
    const folder = aFolder();

    await git(folder, "clone", "--quiet", "--depth", "1", github.gitUrlOf(fullName), "work");
    const work = join(folder, "work");
    const count = await git(work, "rev-list", "--count", "HEAD");
    await git(work, "fetch", "--quiet", "--depth", "1", "origin", first);

    expect([count, await git(work, "rev-parse", "FETCH_HEAD")]).toEqual(["1", first]);
  });

  test("without the right a push is refused, and a private repository is not there", async () => {
    const { github, fullName } = await aStand();
    await github.addRepository({ fullName: "ada/secret", isPrivate: true });
    const folder = aFolder();
    const stranger = github.userToken("mallory");
    await git(folder, "clone", "--quiet", github.gitUrlOf(fullName, stranger), "work");
    const work = join(folder, "work");

    await expect(git(work, "push", "origin", "HEAD:refs/heads/mine")).rejects.toThrow("403");
    const secret = github.gitUrlOf("ada/secret", stranger);
    await expect(git(folder, "ls-remote", secret)).rejects.toThrow("not found");
    const writable = github.gitUrlOf(fullName, github.userToken("wes"));
    await expect(git(work, "push", writable, "HEAD:refs/pull/9/head")).rejects.toThrow("hidden");
  });
});

describe("faults of git", () => {
  test("a push whose answer is lost has moved the branch", async () => {
    const { github, fullName } = await aStand();
    const folder = aFolder();
    await git(
      folder,
      "clone",
      "--quiet",
      github.gitUrlOf(fullName, github.userToken("wes")),
      "work",
    );
    const work = join(folder, "work");
    await git(work, "commit", "--quiet", "--allow-empty", "-m", "Nothing");
    github.faults.add({ method: "POST", path: "git-receive-pack", kind: "lost-answer" });

    const pushed = git(work, "push", "origin", "HEAD:refs/heads/lost");

    await expect(pushed).rejects.toThrow();
    const seen = await git(work, "ls-remote", "origin", "refs/heads/lost");
    expect(seen).toContain(await git(work, "rev-parse", "HEAD"));
    const lost = github.calls.find(
      ({ path, method }) => method === "POST" && path.includes("receive"),
    );
    expect(lost?.status).toBe(0);
  });
});

describe("the git database of the fake GitHub", () => {
  test("a commit is made of blobs and trees, and a branch of it", async () => {
    const stand = await aStand();
    const { bot, repo } = stand;
    const { data: main } = await bot.rest.git.getRef({ ...repo, ref: "heads/main" });
    const { data: tip } = await bot.rest.git.getCommit({ ...repo, commit_sha: main.object.sha });

    const { data: blob } = await bot.rest.git.createBlob({ ...repo, content: "b\n" });
    const { data: tree } = await bot.rest.git.createTree({
      ...repo,
      base_tree: tip.tree.sha,
      tree: [
        { path: "src/b.txt", mode: "100644", type: "blob", sha: blob.sha },
        { path: "c.txt", mode: "100644", type: "blob", content: "c\n" },
        { path: "README.md", mode: "100644", type: "blob", sha: null },
      ],
    });
    const { data: commit } = await bot.rest.git.createCommit({
      ...repo,
      message: "Rework",
      tree: tree.sha,
      parents: [tip.sha],
    });
    await bot.rest.git.createRef({ ...repo, ref: "refs/heads/rework", sha: commit.sha });
    const { data: deep } = await bot.rest.git.getTree({
      ...repo,
      tree_sha: commit.sha,
      recursive: "1",
    });
    const { data: read } = await bot.rest.git.getBlob({ ...repo, file_sha: blob.sha });

    expect(deep.tree.map(({ path }) => path)).toEqual(["c.txt", "src", "src/b.txt"]);
    expect(Buffer.from(read.content, "base64").toString()).toBe("b\n");
    expect(commit.author.name).toBe("skein[bot]");
    expectNoViolations(stand);
  });

  test("a reference moves forward only, unless it is forced; any name below refs/ may be kept", async () => {
    const stand = await aStand();
    const { bot, repo, github, fullName } = stand;
    const first = await github.commit(fullName, { branch: "one", files: { "a.txt": "1\n" } });
    const second = await github.commit(fullName, { branch: "two", files: { "a.txt": "2\n" } });
    const ledger = { ...repo, ref: "skein/ledger" };

    await bot.rest.git.createRef({ ...repo, ref: "refs/skein/ledger", sha: first });
    const twice = await refusal(
      bot.rest.git.createRef({ ...repo, ref: "refs/skein/ledger", sha: first }),
    );
    const backwards = await refusal(bot.rest.git.updateRef({ ...ledger, sha: second }));
    const { data: forced } = await bot.rest.git.updateRef({ ...ledger, sha: second, force: true });
    const { data: listed } = await bot.rest.git.listMatchingRefs({ ...repo, ref: "skein/" });
    await bot.rest.git.deleteRef(ledger);
    const gone = await refusal(bot.rest.git.getRef(ledger));
    const reserved = await refusal(
      bot.rest.git.createRef({ ...repo, ref: "refs/pull/1/head", sha: first }),
    );

    expect([twice.status, backwards.status, gone.status, reserved.status]).toEqual([
      422, 422, 404, 422,
    ]);
    expect(backwards.text).toContain("not a fast forward");
    expect([forced.object.sha, listed.map(({ ref }) => ref)]).toEqual([
      second,
      ["refs/skein/ledger"],
    ]);
    expectNoViolations(stand);
  });
});
