import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";

import { locateRepository } from "../../src/adapters/git/index.ts";
import { aRepository, removeRepositories, testEnv } from "../adapters/git/repositories.ts";
import type { TestRepository } from "../adapters/git/repositories.ts";
import { aCommandLine, twoTasks } from "../cli/command-line.ts";
import type { CommandLine } from "../cli/command-line.ts";

afterAll(removeRepositories);

const planted = "vendor/x";

/** Files that make a folder look like a bare repository in which somebody agreed to a server. */
function lookalike(mark: string, more: Readonly<Record<string, string>> = {}) {
  const config = "[core]\n\tbare = false\n\tworktree = .\n";
  const record = { url: "http://127.0.0.1:9", token: `cmd:touch ${mark}` };
  return Object.fromEntries(
    Object.entries({
      HEAD: "ref: refs/heads/main\n",
      "objects/.keep": "",
      "refs/.keep": "",
      config,
      "skein/server.json": JSON.stringify(record),
      "lib/a.ts": "a\n",
      ...more,
    }).map(([name, text]) => [`${planted}/${name}`, text]),
  );
}

function bareOf(repository: TestRepository, at: string): string {
  const bare = join(repository.root, at);
  execFileSync("git", ["clone", "-q", "--bare", repository.root, bare], { env: testEnv });
  return bare;
}

let line: CommandLine;
let root: string;
let mark: string;

beforeEach(async () => {
  line = aCommandLine();
  ({ root } = line.repository);
  mark = join(root, "..", "marked");
  line.repository.write(lookalike(mark));
  line.repository.git("add", "-A");
  line.repository.git("commit", "-q", "-m", "brings a repository");
  await line.skein("plan import -", { input: twoTasks });
});

describe("a folder of a clone that looks like a bare repository", () => {
  test.each(["", "lib", "objects", "skein"])("is none, seen from its %j", (folder) => {
    expect(locateRepository(join(root, planted, folder))).toMatchObject({
      root,
      commonDir: join(root, ".git"),
    });
  });

  test("is none with a pointer to the true one", () => {
    line.repository.write({ "other/HEAD": "ref: refs/heads/main\n", "other/commondir": "../.git" });

    expect(locateRepository(join(root, "other"))?.root).toBe(root);
  });

  test("is none in a linked worktree", () => {
    const worktree = `${root}-wt`;
    line.repository.git("worktree", "add", "-q", worktree);

    expect(locateRepository(join(worktree, planted))).toMatchObject({ root: worktree });
  });

  test.each(["status", "doctor", "lease list", "guard pre-commit"])(
    "names no server, and no program for its token, to `skein %s`",
    async (words) => {
      const { err } = await line.skein(words, { cwd: join(root, planted, "lib") });

      expect(err).not.toContain("127.0.0.1");
      expect(existsSync(mark)).toBe(false);
    },
  );

  test("does not take its files out of the ledger", async () => {
    await line.skein(`lease take ${planted}/lib/a.ts`);

    const { out } = await line.skein("lease check a.ts", { cwd: join(root, planted, "lib") });

    expect(out).toContain(`${planted}/lib/a.ts`);
  });
});

describe("what git itself made", () => {
  test("is still found: a bare repository that lies in no worktree", () => {
    const bare = bareOf(aRepository({ "a.ts": "a" }), "../alone.git");

    expect(locateRepository(bare)).toMatchObject({ root: bare, isBare: true });
  });

  test("is still found: the git directory of a submodule", () => {
    const outer = aRepository({ "b.ts": "b" });
    const add = ["submodule", "add", "-q", aRepository({ "a.ts": "a" }).root, "sub"];
    outer.git("-c", "protocol.file.allow=always", ...add);

    const inside = join(outer.root, ".git/modules/sub");

    expect(locateRepository(inside)?.commonDir).toBe(inside);
  });
});
