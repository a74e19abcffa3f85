import { existsSync } from "node:fs";
import { join } from "node:path";

import type { Git } from "../../adapters/git/index.ts";
import { readPlainFile } from "../../adapters/process/plain-file.ts";
import { parseLooseObject } from "../../core/base/loose-object.ts";

/** Where a repository's remote `origin` is. */
export interface GitHost {
  readonly kind: "github" | "gitlab" | "bitbucket" | "azure" | "other";
  /** As `github.com`. */
  readonly host: string;
}

/** What a repository is worked on with, beside agent programs. */
export interface Surroundings {
  /** Null: there is no such remote, or it is a folder of this machine. */
  readonly gitHost: GitHost | null;
  /** As `pnpm`; null where no file at the top of the repository tells. */
  readonly packageManager: string | null;
  /** The command that runs the tests, as `npm test`; null where no file tells that there is one. */
  readonly testCommand: string | null;
}

/** Looks at the remote and at the files at the top of a worktree; nothing is connected to, and nothing run but git. */
export async function findSurroundings(root: string, git: Git): Promise<Surroundings> {
  const remote = await git.text(["config", "--get", "remote.origin.url"], { okCodes: [0, 1] });
  const packageManager = packageManagerOf(root);
  return {
    gitHost: gitHostOf(remote),
    packageManager,
    testCommand: testCommandOf(root, packageManager),
  };
}

const kinds: readonly (readonly [kind: GitHost["kind"], pattern: RegExp])[] = [
  ["github", /(?:^|[.-])github\./u],
  ["gitlab", /(?:^|[.-])gitlab\./u],
  ["bitbucket", /(?:^|[.-])bitbucket\./u],
  ["azure", /(?:^|\.)(?:dev\.azure\.com|visualstudio\.com)$/u],
];

/** Tells the host of `https://user@host:port/path`, `ssh://git@host/path` or `git@host:path`. */
export function gitHostOf(remote: string): GitHost | null {
  const url =
    /^(?:https?|ssh|git):\/\/(?:[^/@]*@)?([^/:]+)/u.exec(remote) ??
    /^[^/@:]+@([^/:]+):/u.exec(remote);
  const host = url?.[1]?.toLowerCase() ?? null;
  if (host === null || !/^[a-z0-9.-]{1,253}$/u.test(host)) {
    return null;
  }
  return { kind: kinds.find(([, pattern]) => pattern.test(host))?.[0] ?? "other", host };
}

/** By the file that tells, the surer ones first. */
const managers: readonly (readonly [file: string, manager: string])[] = [
  ["pnpm-lock.yaml", "pnpm"],
  ["yarn.lock", "yarn"],
  ["bun.lock", "bun"],
  ["bun.lockb", "bun"],
  ["package-lock.json", "npm"],
  ["npm-shrinkwrap.json", "npm"],
  ["package.json", "npm"],
  ["uv.lock", "uv"],
  ["poetry.lock", "poetry"],
  ["pdm.lock", "pdm"],
  ["Pipfile", "pipenv"],
  ["pyproject.toml", "pip"],
  ["requirements.txt", "pip"],
  ["Cargo.toml", "cargo"],
  ["go.mod", "go"],
  ["composer.json", "composer"],
  ["Gemfile", "bundler"],
  ["pubspec.yaml", "pub"],
];

function packageManagerOf(root: string): string | null {
  return managers.find(([file]) => existsSync(join(root, file)))?.[1] ?? null;
}

const ownTests: Readonly<Record<string, string>> = { cargo: "cargo test", go: "go test ./..." };

const runsScripts: ReadonlySet<string> = new Set(["npm", "pnpm", "yarn"]);

function testCommandOf(root: string, manager: string | null): string | null {
  if (manager === null || !(runsScripts.has(manager) || manager === "bun")) {
    return ownTests[manager ?? ""] ?? null;
  }
  return hasTestScript(root) ? (manager === "bun" ? "bun run test" : `${manager} test`) : null;
}

/** The script that `npm init` writes fails, and tests nothing. */
function hasTestScript(root: string): boolean {
  const scripts = readObject(join(root, "package.json"))?.["scripts"];
  const test: unknown =
    typeof scripts === "object" && scripts !== null && "test" in scripts ? scripts.test : null;
  return typeof test === "string" && !test.includes("no test specified");
}

function readObject(file: string): Readonly<Record<string, unknown>> | null {
  const found = readPlainFile(file, 1_048_576);
  return found.kind === "bytes" ? parseLooseObject(found.bytes.toString()) : null;
}
