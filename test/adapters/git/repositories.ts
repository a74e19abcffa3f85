import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { seedRepository } from "../../support/seeded-repository.ts";

/** A real git repository in a temporary folder, on the branch `main`, with one commit if it has files. */
export interface TestRepository {
  readonly root: string;
  readonly name: string;
  /** Runs git in it and gives the output, trimmed. */
  git(...args: readonly string[]): string;
  write(files: Readonly<Record<string, string>>): void;
  /** Writes files on a branch that starts at `from` (default: main) and gives the commit; stays on the branch it was on. */
  commitOn(branch: string, files: Readonly<Record<string, string | null>>, from?: string): string;
}

const made: string[] = [];
let count = 0;

const env = {
  PATH: process.env["PATH"] ?? "",
  HOME: tmpdir(),
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_AUTHOR_NAME: "Grace",
  GIT_AUTHOR_EMAIL: "grace@example.org",
  GIT_COMMITTER_NAME: "Grace",
  GIT_COMMITTER_EMAIL: "grace@example.org",
};

/** The environment in which the adapter under test runs git. */
export const testEnv = env;

export function aRepository(files: Readonly<Record<string, string>>): TestRepository {
  const parent = mkdtempSync(join(realpathSync(tmpdir()), "skein-git-"));
  made.push(parent);
  count += 1;
  const root = join(parent, `repo${String(count)}`);
  mkdirSync(root);
  const repo = repositoryIn(root);
  seedRepository(root, JSON.stringify(files), () => {
    repo.git("init", "-q", "-b", "main");
    if (Object.keys(files).length > 0) {
      repo.write(files);
      repo.git("add", "-A");
      repo.git("commit", "-q", "-m", "first");
    }
  });
  return repo;
}

export function removeRepositories(): void {
  for (const folder of made.splice(0)) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function repositoryIn(root: string): TestRepository {
  const git = (...args: readonly string[]): string =>
    execFileSync("git", args, { cwd: root, env, encoding: "utf8", stdio: "pipe" }).trim();
  return {
    root,
    name: basename(root),
    git,
    write: (files) => {
      writeFiles(root, files);
    },
    commitOn: (branch, files, from = "main") => {
      const place = join(dirname(root), `scratch-${String(readdirSync(dirname(root)).length)}`);
      const isNew = git("branch", "--list", branch) === "";
      git("worktree", "add", "-q", ...(isNew ? ["-b", branch, place, from] : [place, branch]));
      const scratch = repositoryIn(place);
      writeFiles(place, files);
      scratch.git("add", "-A");
      scratch.git("commit", "-q", "--allow-empty", "-m", `work on ${branch}`);
      git("worktree", "remove", "--force", place);
      return git("rev-parse", branch);
    },
  };
}

/** Null deletes the file. */
function writeFiles(root: string, files: Readonly<Record<string, string | null>>): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(root, path);
    if (text === null) {
      rmSync(file);
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    }
  }
}
