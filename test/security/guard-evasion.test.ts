import { execFileSync, spawnSync } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createGit, createWorkspace, readChangeFacts } from "../../src/adapters/git/index.ts";
import { runGuard } from "../../src/cli/guard/guard.ts";
import { hasStore, openProject } from "../../src/compose.ts";
import { createCoordinatedRepository, plainEnv } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

interface Answer {
  readonly code: number;
  readonly said: string;
}

interface Call {
  readonly cwd?: string;
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
}

async function guard(words: string | readonly string[], call: Call = {}): Promise<Answer> {
  const { cwd = repository.root, input = "" } = call;
  const env = { ...plainEnv, SKEIN_EXTERNAL_ID: "claude:attacker", ...call.env };
  const lines: string[] = [];
  const code = await runGuard(typeof words === "string" ? words.split(" ") : words, {
    cwd,
    env,
    isTerminal: false,
    readInput: () => input,
    warn: (line) => lines.push(line),
    hasStore,
    open: () => openProject({ cwd, env }),
  });
  return { code, said: lines.join("\n") };
}

function git(...args: readonly string[]): string {
  return repository.git(repository.root, ...args);
}

function push(head: string): string {
  return `refs/heads/x ${head} refs/heads/x ${"0".repeat(40)}\n`;
}

/** A program in the place of gpg that says of every signature what gpg would. */
function putGpg(): void {
  const program = join(dirname(repository.root), "gpg");
  writeFileSync(
    program,
    "#!/bin/sh\necho 'gpg: Signature made today' >&2\necho '[GNUPG:] GOODSIG 1 ada'\n",
  );
  chmodSync(program, 0o755);
  git("config", "gpg.program", program);
  git("config", "log.showSignature", "true");
}

/** The commit of HEAD, signed. */
function signedHead(): string {
  const [head = "", ...message] = git("cat-file", "commit", "HEAD").split("\n\n");
  const signature = "gpgsig -----BEGIN PGP SIGNATURE-----\n \n x\n -----END PGP SIGNATURE-----";
  const text = `${head}\n${signature}\n\n${message.join("\n\n")}\n`;
  return execFileSync("git", ["hash-object", "-t", "commit", "-w", "--stdin"], {
    cwd: repository.root,
    encoding: "utf8",
    env: { ...plainEnv },
    input: text,
  }).trim();
}

describe("a repository whose git shows signatures in logs", () => {
  test("hides no signed commit with a foreign file from the guard of a push", async () => {
    git("update-ref", "refs/remotes/origin/main", "HEAD");
    await repository.claim("claude:victim", ["src/a.ts"]);
    repository.write("src/a.ts", "mine\n");
    await guard("pre-commit");
    git("commit", "--quiet", "--all", "-m", "Mine");
    const head = signedHead();
    putGpg();

    // What stands before the commit in git's own words is there.
    expect(git("log", "-1", "--format=%H", head)).toContain("gpg: Signature");
    expect((await guard("pre-push origin x", { input: push(head) })).code).toBe(1);
  });

  test("lets no word of gpg into the message of a commit that is landed", async () => {
    git("switch", "--quiet", "-c", "work");
    repository.write("src/a.ts", "mine\n");
    git("commit", "--quiet", "--all", "-m", "Mine");
    const commit = signedHead();
    git("switch", "--quiet", "main");
    repository.write("docs/readme.md", "# On main\n");
    git("commit", "--quiet", "--all", "-m", "Theirs");
    putGpg();
    const workspace = createWorkspace({
      root: repository.root,
      env: plainEnv,
      parseChecks: async () => Promise.resolve(new Map()),
    });

    const landed = await workspace.integrate({
      branch: "main",
      commit,
      method: "rebase",
      checks: [],
      message: "T1: mine",
    });

    expect(landed).toMatchObject({ kind: "integrated" });
    expect(git("cat-file", "commit", "main")).not.toContain("gpg:");
  });
});

/** A submodule whose other commit is staged, in a repository that tells git to look at none of its changes. */
function stageSubmodule(): string {
  const other = join(dirname(repository.root), "other");
  mkdirSync(other);
  repository.git(other, "init", "--quiet");
  repository.git(other, "commit", "--quiet", "--allow-empty", "-m", "One");
  git("-c", "protocol.file.allow=always", "submodule", "add", "--quiet", other, "vendor/lib");
  git("config", "-f", ".gitmodules", "submodule.vendor/lib.ignore", "all");
  git("add", ".gitmodules");
  git("commit", "--quiet", "-m", "Library");
  const before = git("rev-parse", "HEAD");
  repository.git(other, "commit", "--quiet", "--allow-empty", "-m", "Two");
  const next = repository.git(other, "rev-parse", "HEAD");
  git("update-index", "--cacheinfo", `160000,${next},vendor/lib`);
  return before;
}

describe("a committed `.gitmodules` that tells git to ignore a submodule", () => {
  test("hides none of its changes from the guard of a commit, nor of a push", async () => {
    stageSubmodule();
    await repository.claim("claude:victim", ["vendor/lib"]);

    const committing = await guard("pre-commit");
    git("commit", "--quiet", "-m", "Two");
    const pushing = await guard("pre-push origin x", { input: push(git("rev-parse", "HEAD")) });

    expect(committing.said).toContain("vendor/lib is held by");
    expect([committing.code, pushing.code]).toEqual([1, 1]);
  });

  test("hides none from the scope of a task, nor from the rules", async () => {
    const base = stageSubmodule();
    git("commit", "--quiet", "-m", "Two");
    git("branch", "before", base);
    const head = git("rev-parse", "HEAD");
    const workspace = createWorkspace({
      root: repository.root,
      env: plainEnv,
      parseChecks: async () => Promise.resolve(new Map()),
    });

    const changed = await workspace.changedPaths(head, "before");
    const facts = await readChangeFacts(createGit({ cwd: repository.root, env: plainEnv }), {
      base,
      head,
    });

    expect(changed).toEqual(["vendor/lib"]);
    expect(facts.commits).toMatchObject({ value: [{ paths: ["vendor/lib"] }] });
  });
});

describe("a commit whose files stand elsewhere", () => {
  test.each([
    ["in no repository", () => undefined],
    ["in another repository", (folder: string) => repository.git(folder, "init", "--quiet")],
  ])("is stopped for an agent, and let through for a person, %s", async (_, prepare) => {
    const cwd = join(dirname(repository.root), "elsewhere");
    mkdirSync(cwd);
    prepare(cwd);
    const env = { GIT_DIR: join(repository.root, ".git"), GIT_WORK_TREE: cwd };

    const agent = await guard("pre-commit", { cwd, env });
    const person = await guard("pre-commit", { cwd, env: { ...env, SKEIN_EXTERNAL_ID: "" } });

    expect(agent.said).toContain("SKN-8962");
    expect([agent.code, person.code]).toEqual([1, 0]);
  });

  test("is stopped where another worktree has a protected branch", async () => {
    repository.write("skein.yml", "branches:\n  protected: [main]\n");
    git("add", "--all");
    git("commit", "--quiet", "--no-verify", "-m", "Rules");
    git("switch", "--quiet", "-c", "work");
    const linked = join(dirname(repository.root), "linked");
    git("worktree", "add", "--quiet", linked, "main");
    const there = { GIT_DIR: repository.git(linked, "rev-parse", "--absolute-git-dir") };
    const here = { GIT_DIR: join(repository.root, ".git"), GIT_WORK_TREE: linked };

    const onMain = await guard("pre-commit", { env: there });
    const onWork = await guard("pre-commit", { cwd: linked, env: here });

    expect([onMain.said, onWork.said]).toEqual(
      Array.from({ length: 2 }, () => expect.stringContaining("SKN-8962")),
    );
    expect([onMain.code, onWork.code]).toEqual([1, 1]);
  });

  test("is stopped where nobody knows what `GIT_DIR` names", async () => {
    const gitDir = join(dirname(repository.root), "made-up");
    mkdirSync(gitDir);
    writeFileSync(join(gitDir, "HEAD"), "ref: refs/heads/main\n");
    const env = { GIT_DIR: gitDir, GIT_COMMON_DIR: join(repository.root, ".git") };

    const committing = await guard("pre-commit", { env });

    expect(committing.said).toContain("SKN-8962");
    expect(committing.code).toBe(1);
  });

  test("is none where `.git` is a link", async () => {
    const gitDir = join(dirname(repository.root), "kept");
    renameSync(join(repository.root, ".git"), gitDir);
    symlinkSync(gitDir, join(repository.root, ".git"));

    const committing = await guard("pre-commit", { env: { GIT_DIR: ".git" } });

    expect(committing.said).not.toContain("SKN-8962");
  });

  test("is none in a linked worktree, and none where git names the repository itself", async () => {
    const linked = join(dirname(repository.root), "linked");
    git("worktree", "add", "--quiet", "--detach", linked);
    const gitDir = repository.git(linked, "rev-parse", "--absolute-git-dir");

    const there = await guard("pre-commit", { cwd: linked, env: { GIT_DIR: gitDir } });
    const here = await guard("pre-commit", { env: { GIT_DIR: ".git" } });

    expect([there.code, here.code]).toEqual([0, 0]);
  });
});

/** The name of a merge of `main` and `side` whose tree has another `src/a.ts` than both, made past the hooks of git. */
function mergeWith(text: string, message = "Merge side"): string {
  git("update-ref", "refs/remotes/origin/main", "HEAD");
  git("switch", "--quiet", "-c", "side");
  repository.write("docs/side.md", "# Side\n");
  git("add", "--all");
  git("commit", "--quiet", "--no-verify", "-m", "Side");
  git("switch", "--quiet", "main");
  repository.write("docs/readme.md", "# On main\n");
  git("commit", "--quiet", "--all", "--no-verify", "-m", "Main");
  git("merge", "--quiet", "--no-commit", "--no-ff", "side");
  if (text !== "") {
    repository.write("src/a.ts", text);
  }
  git("commit", "--quiet", "--all", "--no-verify", "-m", message);
  return git("rev-parse", "HEAD");
}

describe("a merge that was made past the guard of a commit", () => {
  test("hides no foreign file that it changes itself from the guard of a push", async () => {
    await repository.claim("claude:victim", ["src/a.ts"]);
    // The session begins here: what is older is not its doing.
    await guard("pre-commit");

    const pushing = await guard("pre-push origin x", { input: push(mergeWith("mine\n")) });

    expect(pushing.said).toContain("src/a.ts is held by");
    expect(pushing.code).toBe(1);
  });

  test("is pushed when it changes nothing but what its sides brought", async () => {
    await repository.claim("claude:victim", ["src/a.ts"]);
    // The session begins here: what is older is not its doing.
    await guard("pre-commit");

    const pushing = await guard("pre-push origin x", { input: push(mergeWith("")) });

    expect(pushing).toEqual({ code: 0, said: "" });
  });

  test("is not held up by a claim that is over in the message that it took over", async () => {
    await repository.plan("plan: prices\ntasks:\n  - { id: T1, title: Do, files: [lib/] }\n");
    await repository.next("claude:victim");
    await guard("pre-commit");
    const message = "Merge side\n\nSkein-Task: prices/T1\nSkein-Fence: 1";

    const pushing = await guard("pre-push origin x", { input: push(mergeWith("", message)) });

    expect(pushing).toEqual({ code: 0, said: "" });
  });
});

test("A commit that is older than the session is no doing of the agent that pushes it", async () => {
  await repository.claim("claude:victim", ["src/a.ts"]);
  await guard("pre-commit");
  git("update-ref", "refs/remotes/origin/main", "HEAD");
  repository.write("src/a.ts", "old\n");
  const commit = ["commit", "--quiet", "--all", "--no-verify", "-m", "Old"];
  const env = { ...plainEnv, GIT_COMMITTER_DATE: "2020-01-01T00:00:00Z" };
  execFileSync("git", commit, { cwd: repository.root, env });
  const old = await guard("pre-push origin x", { input: push(git("rev-parse", "HEAD")) });
  repository.write("src/a.ts", "new\n");
  git(...commit);

  const late = await guard("pre-push origin x", { input: push(git("rev-parse", "HEAD")) });

  expect(old).toEqual({ code: 0, said: "" });
  expect(late.said).toContain("src/a.ts is held by");
});

test("A repository that calls itself bare hides no push from the guard", async () => {
  await repository.claim("claude:victim", ["src/a.ts"]);
  await guard("pre-commit");
  git("update-ref", "refs/remotes/origin/main", "HEAD");
  repository.write("src/a.ts", "mine\n");
  git("commit", "--quiet", "--all", "--no-verify", "-m", "Mine");
  const head = git("rev-parse", "HEAD");
  git("config", "core.bare", "true");

  const around = await guard("pre-push origin x", {
    input: push(head),
    env: { GIT_DIR: ".git" },
  });
  const inside = await guard("pre-push origin x", {
    cwd: join(repository.root, ".git"),
    input: push(head),
    env: { GIT_DIR: "." },
  });

  expect([around.code, inside.code]).toEqual([1, 1]);
  expect(around.said).toContain("src/a.ts is held by");
  expect(inside.said).toContain("src/a.ts is held by");
});

/** What git itself tells the guard of a push, which is stopped there. */
function told(...words: readonly string[]): { readonly words: string[]; readonly input: string } {
  const hook = join(repository.root, ".git/hooks/pre-push");
  const [names, lines] = ["names", "lines"].map((file) => join(dirname(repository.root), file));
  writeFileSync(hook, `#!/bin/sh\nprintf '%s\\n' "$@" >'${names}'\ncat >'${lines}'\nexit 1\n`);
  chmodSync(hook, 0o755);
  spawnSync("git", ["push", ...words], { cwd: repository.root, env: { ...plainEnv } });
  return {
    words: [
      "pre-push",
      ...readFileSync(names ?? "", "utf8")
        .trimEnd()
        .split("\n"),
    ],
    input: readFileSync(lines ?? "", "utf8"),
  };
}

describe("a push with an odd name", () => {
  /** The address of another repository, beside this one. */
  let other = "";

  beforeEach(async () => {
    other = join(dirname(repository.root), "other one.git");
    execFileSync("git", ["init", "--quiet", "--bare", other]);
    repository.write("skein.yml", "branches: { protected: [main] }\n");
    git("add", "skein.yml");
    git("commit", "--quiet", "--message", "Settings");
    await repository.claim("claude:victim", ["src/a.ts"]);
    await guard("pre-commit");
    repository.write("src/a.ts", "mine\n");
    git("commit", "--quiet", "--all", "--no-verify", "--message", "Fix it now");
  });

  test.each(["HEAD^{/Fix it now}", ":/Fix it now", "HEAD"])(
    "of the commit, %s, hides neither its branch nor its files from the guard",
    async (source) => {
      const protectedOne = told(other, `${source}:refs/heads/main`);
      const free = told(other, `${source}:refs/heads/x`);

      const [byBranch, byFile] = [
        await guard(protectedOne.words, protectedOne),
        await guard(free.words, free),
      ];

      expect(protectedOne.input).toContain(`${source} `);
      expect([byBranch.code, byFile.code]).toEqual([1, 1]);
      expect(byBranch.said).toContain("Branch main is protected");
      expect(byFile.said).toContain("src/a.ts is held by");
    },
  );

  test.each([
    ["with a space", "my remote", "origin"],
    ["that is an option of the guard's program", "--help", "--help"],
    ["that is a pattern", "[o]*", "origin"],
    ["that is a path", "../other one.git", "origin"],
    ["that is a path like a name", "../plain.git", null],
    ["that is a URL", "file:///", "origin"],
  ])("of the remote, %s, hides only what is known to be there", async (_, name, knownAt) => {
    const remote = name === "file:///" ? `file://${other}` : name;
    if (!remote.includes(".git")) {
      git("config", `remote.${remote}.url`, other);
    }
    git("init", "--quiet", "--bare", "../plain.git");
    const pushed = told("--", remote, "HEAD:refs/heads/x");

    git("update-ref", "refs/remotes/another/y", "HEAD~");
    const unknown = await guard(pushed.words, pushed);
    git("update-ref", `refs/remotes/${knownAt ?? "origin"}/x`, "HEAD");
    const known = await guard(pushed.words, pushed);

    expect(pushed.words).toEqual(["pre-push", remote, expect.stringMatching(/\.git$/u)]);
    expect(unknown.code).toBe(1);
    expect(unknown.said).toContain("src/a.ts is held by");
    expect(known.code).toBe(knownAt === null ? 1 : 0);
  });
});
