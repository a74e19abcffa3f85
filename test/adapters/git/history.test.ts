import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import { createGit, ensureHistory } from "../../../src/adapters/git/index.ts";
import type { Git } from "../../../src/adapters/git/index.ts";
import { aRepository, removeRepositories, testEnv } from "./repositories.ts";
import type { TestRepository } from "./repositories.ts";

let origin: TestRepository;
let fork = "";
let first = "";
let base = "";
let head = "";
let clones = 0;

/** A server as GitHub is one: it gives any commit that a ref reaches, and keeps a ref for each pull request. */
beforeAll(() => {
  origin = aRepository({ "a.txt": "0\n" });
  first = origin.git("rev-parse", "HEAD");
  origin.git("config", "uploadpack.allowReachableSHA1InWant", "true");
  head = origin.commitOn("work", { "b.txt": "1\n" });
  fork = origin.commitOn("forked", { "c.txt": "1\n" });
  origin.git("update-ref", "refs/pull/4/head", fork);
  origin.git("branch", "-D", "forked");
  grow(120);
  base = origin.git("rev-parse", "main");
});

afterAll(removeRepositories);

/** Adds commits to `main` in one go. */
function grow(commits: number): void {
  const lines = Array.from({ length: commits }, (_, at) =>
    [
      "commit refs/heads/main",
      `committer Grace <grace@example.org> ${String(1_800_000_000 + at)} +0000`,
      "data 4",
      "more",
      ...(at === 0 ? [`from ${first}`] : []),
      "M 100644 inline a.txt",
      `data ${String(String(at).length)}`,
      String(at),
      "",
    ].join("\n"),
  );
  execFileSync("git", ["fast-import", "--quiet", "--force"], {
    cwd: origin.root,
    env: testEnv,
    input: `${lines.join("\n")}\n`,
  });
}

/** As `actions/checkout` leaves it. */
function aClone(...args: readonly string[]): Git {
  clones += 1;
  const root = join(origin.root, "..", `clone-${String(clones)}`);
  const from = pathToFileURL(origin.root).href;
  execFileSync("git", ["clone", "-q", "--no-tags", ...args, from, root], { env: testEnv });
  return createGit({ cwd: root, env: testEnv });
}

const depths = ["--depth=1", "--single-branch", "--branch=main"];

describe("ensureHistory", () => {
  test("fetches nothing where all is there", async () => {
    const git = aClone();

    const history = await ensureHistory(git, { base, head, pull: null, access: null });

    expect(history).toEqual({ mergeBase: first, fetches: 0 });
  });

  test("deepens a checkout of one commit until the two sides meet", async () => {
    const git = aClone(...depths);
    const checkedOut = await git.text(["rev-parse", "HEAD"]);

    const { mergeBase, fetches } = await ensureHistory(git, {
      base,
      head,
      pull: null,
      access: null,
    });

    expect(mergeBase).toBe(first);
    expect(fetches).toBeLessThanOrEqual(4);
    expect(await git.text(["diff", "--name-only", `${base}...${head}`])).toBe("b.txt");
    expect(await git.text(["rev-parse", "HEAD"])).toBe(checkedOut);
    expect(await git.text(["status", "--porcelain"])).toBe("");
  });

  test("gets the head of a fork by the ref of its pull request, and checks nothing out", async () => {
    const git = aClone(...depths);
    origin.git("config", "uploadpack.allowReachableSHA1InWant", "false");
    const history = await ensureHistory(git, { base, head: fork, pull: 4, access: null });
    origin.git("config", "uploadpack.allowReachableSHA1InWant", "true");

    expect(history.mergeBase).toBe(first);
    expect(await git.text(["diff", "--name-only", `${first}...${fork}`])).toBe("c.txt");
    expect(await git.text(["ls-files"])).toBe("a.txt");
  });

  test("leaves a whole clone whole", async () => {
    const git = aClone("--single-branch", "--branch=main");

    await ensureHistory(git, { base, head, pull: null, access: null });

    expect(await git.text(["rev-parse", "--is-shallow-repository"])).toBe("false");
  });

  test("says what is missing when the remote has it not", async () => {
    const git = aClone(...depths);
    const gone = "d".repeat(40);

    await expect(
      ensureHistory(git, { base, head: gone, pull: 9, access: null }),
    ).rejects.toMatchObject({ code: "SKN-5952", facts: { commit: gone, remote: "origin" } });
  });

  test("says so when the two sides share nothing", async () => {
    const tree = origin.git("rev-parse", "main^{tree}");
    const orphan = origin.git("commit-tree", tree, "-m", "alone");
    origin.git("update-ref", "refs/heads/orphan", orphan);
    const git = aClone(...depths);

    await expect(
      ensureHistory(git, { base, head: orphan, pull: null, access: null }),
    ).rejects.toMatchObject({ code: "SKN-5955" });
  });

  test("takes no option for a commit", async () => {
    const git = aClone(...depths);

    for (const name of ["--upload-pack=touch x", "HEAD", `${head}\n`]) {
      await expect(
        ensureHistory(git, { base, head: name, pull: null, access: null }),
      ).rejects.toMatchObject({ code: "SKN-8952" });
    }
  });

  test("tells git the token in its environment, for the server alone", async () => {
    const git = aClone(...depths);
    const runs: { readonly args: string; readonly env: string }[] = [];
    const watched: Git = {
      ...git,
      run: async (args, options) => {
        runs.push({ args: args.join(" "), env: JSON.stringify(options?.env ?? {}) });
        return git.run(args, options);
      },
    };
    const access = { serverUrl: "https://git.example", token: "ghs_secret" };

    await ensureHistory(watched, { base, head, pull: null, access });

    const basic = Buffer.from("x-access-token:ghs_secret").toString("base64");
    const fetches = runs.filter(({ args }) => args.startsWith("fetch"));
    expect(fetches.length).toBeGreaterThan(0);
    for (const { args, env } of fetches) {
      expect(args).not.toContain(basic);
      expect(env).toContain(`"GIT_CONFIG_KEY_0":"http.https://git.example/.extraheader"`);
      expect(env).toContain(basic);
    }
    expect(await git.text(["config", "--list", "--local"])).not.toContain("extraheader");
  });
});
