import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { openProject } from "../../src/compose.ts";
import type { OpenProject } from "../../src/compose.ts";
import type { Caller, Claim, ClaimFilesOutcome } from "../../src/core/dispatch/index.ts";
import { parsePlanYaml } from "../../src/core/plans/index.ts";
import { seedRepository } from "./seeded-repository.ts";

/** A real git repository with one commit and Skein's store, in a folder of its own. */
export interface CoordinatedRepository {
  /** The top of its main worktree. */
  readonly root: string;
  readonly project: OpenProject;
  git(cwd: string, ...args: readonly string[]): string;
  write(path: string, text: string): void;
  /** Claims paths for an agent as `claim_files` would. */
  claim(externalId: string, paths: readonly string[]): Promise<ClaimFilesOutcome>;
  /** Imports a plan in YAML. */
  plan(text: string): Promise<void>;
  /** Gives an agent its next task. */
  next(externalId: string, gitDir?: string): Promise<Claim | null>;
  remove(): Promise<void>;
}

/** The environment of git in tests: nobody's own configuration, and no agent. */
export const plainEnv: Readonly<Record<string, string | undefined>> = {
  PATH: process.env["PATH"],
  HOME: tmpdir(),
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.com",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.com",
};

export async function createCoordinatedRepository(): Promise<CoordinatedRepository> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "skein-repo-")));
  const root = join(folder, "repo");
  mkdirSync(root);
  const git = (cwd: string, ...args: readonly string[]): string =>
    execFileSync("git", [...args], { cwd, encoding: "utf8", env: { ...plainEnv } }).trim();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  seedRepository(root, "coordinated", () => {
    git(root, "init", "--quiet", "--initial-branch=main");
    write("src/a.ts", "export const a = 1;\n");
    write("src/b.ts", "export const b = 1;\n");
    write("docs/readme.md", "# Read me\n");
    git(root, "add", ".");
    git(root, "commit", "--quiet", "-m", "Begin");
  });
  const project = await openProject({ cwd: root, env: plainEnv });
  const { dispatch } = project.skein;
  return {
    root,
    project,
    git,
    write,
    claim: (externalId, paths) =>
      dispatch.claimFiles({
        caller: callerNamed(externalId),
        paths,
        mode: "exclusive",
        durationMs: null,
        reason: "rework the prices",
        waitMs: 0,
        origin: "files",
        key: null,
        signal: null,
      }),
    plan: async (text) => {
      const draft = parsePlanYaml(text);
      await dispatch.importPlan(draft, { actor: "person:ada", cause: null });
    },
    next: async (externalId, gitDir = project.repository.gitDir) => {
      const outcome = await dispatch.nextTask({
        caller: { ...callerNamed(externalId), gitDir },
        plan: null,
        task: null,
        waitMs: 0,
        key: null,
        signal: null,
      });
      return outcome.claim;
    },
    remove: async () => {
      await project.skein.close();
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** An agent as its host names it. */
export function callerNamed(externalId: string): Caller {
  return {
    handle: null,
    externalId,
    parentExternalId: null,
    process: null,
    client: null,
    gitDir: null,
    branch: null,
    name: null,
    role: null,
    skills: null,
  };
}
