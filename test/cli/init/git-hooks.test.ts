import { spawnSync } from "node:child_process";
import { chmodSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { createGit, locateRepository } from "../../../src/adapters/git/index.ts";
import type { Repository } from "../../../src/adapters/git/index.ts";
import { write } from "../../../src/cli/init/apply.ts";
import { findHookPlace, guardChanges } from "../../../src/cli/init/git-hooks.ts";
import type { Launch } from "../../../src/cli/init/launch.ts";
import { unguardChanges } from "../../../src/cli/init/unguard.ts";
import { createTestRepository } from "./repository.ts";
import type { TestRepository } from "./repository.ts";

let repository: TestRepository;

beforeEach(() => {
  repository = createTestRepository();
  repository.write("guard.mjs", guardProgram);
});

afterEach(() => {
  repository.remove();
});

/** Stands for `bin/skein.js`: notes its words and its input, and ends as it is told. */
const guardProgram = `
import { appendFileSync, existsSync, readFileSync } from "node:fs";
const input = process.argv[3] === "pre-push" ? readFileSync(0, "utf8") : "";
appendFileSync("calls.txt", [...process.argv.slice(2), input].join("|") + "\\n");
process.exitCode = existsSync("refuse") ? 1 : 0;
`;

function launch(): Launch {
  return { kind: "absolute", node: process.execPath, bin: join(repository.root, "guard.mjs") };
}

function here(): Repository {
  const found = locateRepository(repository.root);
  if (found === null) {
    throw new Error("the test repository is one");
  }
  return found;
}

async function install(): Promise<void> {
  const git = createGit({ cwd: repository.root, env: process.env });
  for (const change of guardChanges(await findHookPlace(git, here()), launch())) {
    write(change);
  }
}

async function uninstall(): Promise<void> {
  const git = createGit({ cwd: repository.root, env: process.env });
  for (const change of unguardChanges(await findHookPlace(git, here()))) {
    write(change);
  }
}

function hook(path: string, text: string): void {
  repository.write(path, text);
  chmodSync(join(repository.root, path), 0o755);
}

function run(name: string, input: string, env: Readonly<Record<string, string>> = {}) {
  return spawnSync(join(repository.root, ".git/hooks", name), ["origin", "a b"], {
    cwd: repository.root,
    encoding: "utf8",
    input,
    env: { PATH: process.env["PATH"], ...env },
  });
}

describe("guardChanges", () => {
  it("stops agents and lets people pass when Skein has moved and Node has not", async () => {
    await install();
    rmSync(join(repository.root, "guard.mjs"));

    const person = run("pre-commit", "");
    const agent = run("pre-commit", "", { SKEIN_SESSION: "s1" });

    expect([person.status, agent.status]).toEqual([0, 1]);
    expect(person.stderr).toContain("run `skein init` again");
  });

  it("calls the hook that was there first, with the same words and input", async () => {
    hook(
      ".git/hooks/pre-push",
      '#!/bin/sh\nprintf "theirs|%s|%s|" "$1" "$2" >> calls.txt\ncat >> calls.txt\n',
    );
    await install();

    const { status } = run("pre-push", "refs/heads/x 1 2 3\n");

    expect(status).toBe(0);
    expect(repository.read("calls.txt")).toBe(
      "theirs|origin|a b|refs/heads/x 1 2 3\nguard|pre-push|origin|a b|refs/heads/x 1 2 3\n\n",
    );
  });

  it("honours the exit code of either", async () => {
    hook(".git/hooks/pre-commit", "#!/bin/sh\nexit 7\n");
    await install();
    expect(run("pre-commit", "").status).toBe(7);

    chmodSync(join(repository.root, ".git/hooks/pre-commit.before-skein"), 0o644);
    expect(run("pre-commit", "").status).toBe(0);
    writeFileSync(join(repository.root, "refuse"), "");
    expect(run("pre-commit", "").status).toBe(1);
  });

  it("stops an agent, and no person, when the guard is gone", async () => {
    const gone: Launch = { kind: "absolute", node: "/no/such/node", bin: "/no/skein.js" };
    for (const change of guardChanges(
      { kind: "wrap", folder: here().commonDir.concat("/hooks") },
      gone,
    )) {
      write(change);
    }

    const person = run("pre-commit", "");
    const agent = run("pre-commit", "", { CLAUDE_CODE_SESSION_ID: "u-1" });

    expect(person.status).toBe(0);
    expect(person.stderr).toContain("skein init");
    expect(agent.status).toBe(1);
  });

  it("works in a worktree whose path has spaces and quotes", async () => {
    const tree = join(repository.root, "it's a tree");
    await install();
    repository.git("add", "guard.mjs");
    repository.git("commit", "--quiet", "-m", "One");
    repository.git("worktree", "add", "--quiet", "-b", "work", tree);
    repository.git("-C", tree, "commit", "--quiet", "--allow-empty", "-m", "Two");

    expect(repository.read("it's a tree/calls.txt")).toContain("guard|pre-commit");
  });

  it("is undone to the file that was there, mode and all", async () => {
    hook(".git/hooks/pre-commit", "#!/bin/sh\nexit 0\n");
    const before = repository.files();
    await install();

    await uninstall();

    expect(repository.files()).toEqual(before);
  });
});
