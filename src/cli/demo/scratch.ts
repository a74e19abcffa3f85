import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { locateRepository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { parsePlan } from "../../core/plans/index.ts";
import type { PlanDraft } from "../../core/plans/index.ts";
import { derivePlan } from "./derive-plan.ts";
import { demoErrors } from "./errors.ts";
import { createDemoGit, demoEnv, pause } from "./processes.ts";
import { workOf } from "./work.ts";
import type { TaskWork } from "./work.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What both runs start from. */
export interface Scratch {
  /** The temporary folder that holds everything. */
  readonly folder: string;
  /** A clone of the real repository, on its branch `main`; never changed. */
  readonly source: string;
  readonly plan: PlanDraft;
  readonly work: readonly TaskWork[];
  /** What is worked on, for people. */
  readonly name: string;
  remove(): Promise<void>;
}

export interface ScratchOptions {
  /** Where the caller stands. */
  readonly cwd: string;
  /** A repository; null for the one around the caller, or the bundled one where that has too little to work on. */
  readonly repo: string | null;
  /** A plan file, or null. */
  readonly plan: string | null;
  readonly env: Env;
}

/** The bundled files, and `bin/skein.js`, from the top of the package: the same way from `src` and from `dist`. */
export const packageRoot = fileURLToPath(new URL("../../../", import.meta.url));

/** Clones the repository into a temporary folder and reads or makes the plan. @throws {SkeinError} SKN-1021, SKN-1023, SKN-0021, SKN-14xx. */
export async function makeScratch(options: ScratchOptions): Promise<Scratch> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "skein-demo-")));
  const remove = (): Promise<void> => removeFolder(folder);
  try {
    const source = join(folder, "source");
    return { folder, source, remove, ...(await fill(source, options)) };
  } catch (error) {
    await remove();
    throw error;
  }
}

/** Processes that were just killed may write for a moment longer. */
async function removeFolder(folder: string): Promise<void> {
  for (let tried = 1; ; tried += 1) {
    try {
      rmSync(folder, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tried === 20) {
        throw error;
      }
      await pause(250);
    }
  }
}

type Filling = Pick<Scratch, "plan" | "work" | "name">;

async function fill(source: string, { cwd, repo, plan, env }: ScratchOptions): Promise<Filling> {
  const here = repo === null ? await repositoryAround(cwd, env) : checkRepository(repo);
  if (here !== null) {
    await cloneOf(here, source, env);
    const found = await choose(source, { plan, env, usual: null });
    if (found !== null) {
      return { ...found, name: basename(here) };
    }
    if (repo !== null || plan !== null) {
      throw new SkeinError(demoErrors.nothingToEdit, { facts: { repository: here, plan } });
    }
    rmSync(source, { recursive: true, force: true });
  }
  await makeSample(source, env);
  const usual = join(packageRoot, "examples/plans/inkwell.yml");
  const found = await choose(source, { plan, env, usual });
  if (found === null) {
    throw new SkeinError(demoErrors.nothingToEdit, { facts: { plan } });
  }
  return { ...found, name: "the bundled sample" };
}

/** @throws {SkeinError} SKN-1023 where there is none. */
function checkRepository(repo: string): string {
  const isFolder = statSync(repo, { throwIfNoEntry: false })?.isDirectory() === true;
  if (!isFolder || locateRepository(repo) === null) {
    throw new SkeinError(demoErrors.noRepository, {
      message: isFolder ? `${repo} is in no git repository.` : `There is no folder ${repo}.`,
      facts: { repository: repo },
    });
  }
  return repo;
}

/** The top of the repository that the caller stands in, when it has a commit. */
async function repositoryAround(cwd: string, env: Env): Promise<string | null> {
  const git = createDemoGit(cwd, cloneEnv(env));
  const { exitCode, stdout } = await git.attempt(
    "rev-parse",
    "--show-toplevel",
    "--verify",
    "HEAD",
  );
  const [top = ""] = stdout.split("\n");
  return exitCode === 0 && top !== "" ? top : null;
}

interface Choice {
  readonly plan: string | null;
  /** The plan where none is given; null makes one from the files. */
  readonly usual: string | null;
  readonly env: Env;
}

async function choose(
  source: string,
  { plan, usual, env }: Choice,
): Promise<Omit<Filling, "name"> | null> {
  const files = await filesOf(source, env);
  const file = plan ?? usual;
  const draft = file === null ? derivePlan(files) : readPlan(file);
  const work = draft === null ? [] : workOf(draft, files);
  return draft !== null && work.some(({ edits }) => edits.length > 0)
    ? { plan: draft, work }
    : null;
}

async function makeSample(source: string, env: Env): Promise<void> {
  mkdirSync(source);
  cpSync(join(packageRoot, "examples/sample-repo"), source, { recursive: true });
  const git = createDemoGit(source, demoEnv(env, "skein"));
  await git.text("init", "--quiet", "--initial-branch=main");
  await git.text("add", "--all");
  await git.text("commit", "--quiet", "-m", "Begin");
}

async function cloneOf(repo: string, source: string, env: Env): Promise<void> {
  const git = createDemoGit(tmpdir(), cloneEnv(env));
  await git.text("clone", "--quiet", "--single-branch", "--no-tags", repo, source);
  await createDemoGit(source, demoEnv(env, "skein")).text("checkout", "--quiet", "-B", "main");
}

/** A real repository is read under its owner's configuration: it may say which folders are safe. */
function cloneEnv(env: Env): Env {
  return {
    ...demoEnv(env, "skein"),
    GIT_CONFIG_GLOBAL: env["GIT_CONFIG_GLOBAL"],
    GIT_CONFIG_NOSYSTEM: env["GIT_CONFIG_NOSYSTEM"],
  };
}

async function filesOf(source: string, env: Env): Promise<readonly string[]> {
  const text = await createDemoGit(source, demoEnv(env, "skein")).text("ls-files", "--stage", "-z");
  return text.split("\0").flatMap((entry) => {
    // A symbolic link of a repository leads wherever its author wanted: what is written to it, is written there.
    const path = /^100\d{3} [0-9a-f]+ \d\t(.+)$/su.exec(entry)?.[1] ?? ".";
    return path.startsWith(".") ? [] : [path];
  });
}

function readPlan(file: string): PlanDraft {
  if (!existsSync(file)) {
    throw new SkeinError(demoErrors.noPlan, {
      message: `There is no plan file ${file}.`,
      facts: { plan: file },
    });
  }
  return parsePlan({ text: readFileSync(file, "utf8"), fileName: basename(file) });
}
