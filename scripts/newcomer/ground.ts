import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { filesBelow } from "../run.ts";
import { fileOf } from "./plan.ts";

/** A command's end: its exit code and all that it printed. */
export interface Done {
  readonly code: number;
  readonly output: string;
}

/** A repository of somebody, with Skein installed elsewhere. */
export interface Ground {
  readonly repository: string;
  readonly home: string;
  /** The installed `bin/skein.js`. */
  readonly program: string;
  /** What programs find there: nothing of the person who runs this. */
  readonly env: Readonly<Record<string, string>>;
  skein(this: void, ...args: readonly string[]): Done;
  /** Runs git in the repository and answers what it printed. @throws {Error} When it fails. */
  git(this: void, ...args: readonly string[]): string;
  /** Runs git in a worktree. */
  gitIn(this: void, folder: string, ...args: readonly string[]): Done;
  /** Lands what is submitted, until it is stopped. */
  startIntegrating(this: void): { stop(): Promise<void> };
  /** The tasks as `skein export` tells them. */
  state(this: void): z.infer<typeof exported>;
  /** Every file but the ledger, git's objects and what the plan changes: path, mode and checksum, and what `git status` says. */
  fingerprint(this: void): string;
}

const exported = z.object({
  tasks: z.array(z.looseObject({ id: z.string(), status: z.string() })),
});

export interface GroundOptions {
  readonly scratch: string;
  readonly program: string;
  /** How many files the repository has, beside a few of its own. */
  readonly files: number;
}

export function createGround({ scratch, program, files }: GroundOptions): Ground {
  const repository = join(scratch, "repository");
  const home = join(scratch, "home");
  mkdirSync(home);
  const env = environment(home);
  const start = (command: string, args: readonly string[], cwd: string): Done => {
    const done = spawnSync(command, args, { cwd, env, encoding: "utf8", timeout: 120_000 });
    return { code: done.status ?? 1, output: `${done.stdout}${done.stderr}` };
  };
  const gitIn: Ground["gitIn"] = (folder, ...args) => start("git", args, folder);
  const git: Ground["git"] = (...args) => must(gitIn(repository, ...args));
  const skein: Ground["skein"] = (...args) =>
    start(process.execPath, [program, ...args], repository);
  fill(repository, files);
  must(start("git", ["init", "--quiet", "--initial-branch=main"], repository));
  git("add", ".");
  git("commit", "--quiet", "-m", "Begin");
  keepOwnHooks(repository);
  return {
    repository,
    home,
    program,
    env,
    skein,
    git,
    gitIn,
    startIntegrating: () => {
      const child = spawn(process.execPath, [program, "integrate", "--watch", "--branch", "main"], {
        cwd: repository,
        env,
        stdio: "ignore",
      });
      const ended = new Promise<void>((resolve) => {
        child.on("exit", () => {
          resolve();
        });
      });
      return {
        stop: async () => {
          child.kill("SIGINT");
          await ended;
        },
      };
    },
    state: () => exported.parse(JSON.parse(must(skein("export", "-")))),
    fingerprint: () => `${fingerprintOf(repository)}\n${git("status", "--porcelain")}`,
  };
}

function must({ code, output }: Done): string {
  if (code !== 0) {
    throw new Error(output);
  }
  return output;
}

function environment(home: string): Readonly<Record<string, string>> {
  return {
    PATH: `${dirname(process.execPath)}:${process.env["PATH"] ?? ""}`,
    HOME: home,
    GIT_CONFIG_GLOBAL: "/dev/null",
    GIT_CONFIG_NOSYSTEM: "1",
    GIT_AUTHOR_NAME: "Robin",
    GIT_AUTHOR_EMAIL: "robin@example.com",
    GIT_COMMITTER_NAME: "Robin",
    GIT_COMMITTER_EMAIL: "robin@example.com",
    NO_COLOR: "1",
  };
}

/** Sources in folders, and the settings of agent programs as their people left them, odd line ends and comments and all. */
function fill(repository: string, files: number): void {
  const texts: Record<string, string> = {
    "README.md": "# Somebody's project\n",
    ".mcp.json": '{\r\n\t"mcpServers": { "db": { "command": "db" } }\r\n}\r\n',
    ".claude/settings.json": '{"hooks":{"Stop":[{"hooks":[{"type":"command","command":"true"}]}]}}',
    ".codex/config.toml": 'model = "x" # mine',
    "opencode.jsonc": '{ /* mine */ "theme": "dark", }\n',
  };
  for (let index = 1; index <= files; index += 1) {
    const folder = `src/module-${String(1 + (index % 20))}`;
    texts[`${folder}/file-${String(index)}.ts`] = `export const value${String(index)} = 1;\n`;
  }
  for (const [path, text] of Object.entries(texts)) {
    mkdirSync(dirname(join(repository, path)), { recursive: true });
    writeFileSync(join(repository, path), text);
  }
}

function keepOwnHooks(repository: string): void {
  const hook = join(repository, ".git/hooks/pre-commit");
  mkdirSync(dirname(hook), { recursive: true });
  writeFileSync(hook, "#!/bin/sh\n# theirs\nexit 0\n");
  chmodSync(hook, 0o755);
}

const changedByPlan = new Set(Object.values(fileOf));

function fingerprintOf(repository: string): string {
  return filesBelow(repository)
    .filter((path) => !path.startsWith(".git/") || /^\.git\/(?:hooks\/|config$)/u.test(path))
    .filter((path) => !changedByPlan.has(path))
    .map((path) => {
      const file = join(repository, path);
      const mode = (statSync(file).mode & 0o777).toString(8);
      return `${path} ${mode} ${createHash("sha256").update(readFileSync(file)).digest("hex")}`;
    })
    .join("\n");
}
