import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

import type { Git } from "./git.ts";

type Env = Readonly<Record<string, string>>;

export interface TreeDiff {
  /** Commits or trees, by their object names. */
  readonly base: string;
  readonly head: string;
  /** A folder of its own. */
  readonly scratch: string;
  /** Where else objects are, as `snapshotWorktree` gives it. */
  readonly env?: Env | undefined;
}

/** Pins down all that configuration could change in a diff; nothing of the repository is run. */
const diffArgs = [
  "diff",
  "--patch",
  "--no-color",
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--find-renames=50%",
  "-l2000",
  "-O/dev/null",
  "--diff-algorithm=histogram",
  "--unified=3",
  "--inter-hunk-context=0",
  "--src-prefix=a/",
  "--dst-prefix=b/",
  "--submodule=short",
  "--ignore-submodules=dirty",
];

/**
 * Diffs two trees without any attribute that is committed: git looks for `.gitattributes` in the worktree and in the index, and both are
 * empty here. A change cannot declare its own code binary. Those of the clone itself (`info/attributes`) count.
 */
export async function diffTrees(git: Git, { base, head, scratch, env }: TreeDiff): Promise<string> {
  const files = join(scratch, "files");
  mkdirSync(files);
  const place = {
    cwd: files,
    env: {
      ...env,
      GIT_DIR: await git.text(["rev-parse", "--absolute-git-dir"]),
      GIT_WORK_TREE: files,
      GIT_INDEX_FILE: join(scratch, "no-index"),
    },
  };
  return (await git.run([...diffArgs, base, head, "--"], place)).stdout;
}

/** A worktree's files as a tree, and where its objects are. */
export interface Snapshot {
  readonly tree: string;
  readonly env: Env;
}

/** Writes the tracked and the untracked files (ignored ones not) as a tree, with an index and objects of its own: the repository stays as it is. */
export async function snapshotWorktree(git: Git, scratch: string): Promise<Snapshot> {
  const cwd = await git.text(["rev-parse", "--show-toplevel"]);
  const index = await pathOf(git, "index");
  const copy = join(scratch, "index");
  if (existsSync(index)) {
    copyFileSync(index, copy);
  }
  const objects = join(scratch, "objects");
  mkdirSync(objects);
  const env = {
    GIT_OBJECT_DIRECTORY: objects,
    GIT_ALTERNATE_OBJECT_DIRECTORIES: await alternates(git),
  };
  const place = { cwd, env: { ...env, GIT_INDEX_FILE: copy } };
  await git.run(["-c", "core.safecrlf=false", "add", "--update", "--sparse", "--", ":/"], place);
  await addUntracked(git, place);
  return { tree: await git.text(["write-tree"], place), env };
}

/** Makes a folder for as long as the work lasts. */
export async function withScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), "skein-diff-"));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function addUntracked(
  git: Git,
  place: { readonly cwd: string; readonly env: Env },
): Promise<void> {
  const { stdout } = await git.run(["ls-files", "--others", "--exclude-standard", "-z"], place);
  // A repository inside of this one is listed as a folder and is none of its files.
  const paths = stdout.split("\0").filter((path) => path !== "" && !path.endsWith("/"));
  if (paths.length > 0) {
    const args = ["add", "--sparse", "--pathspec-from-file=-", "--pathspec-file-nul"];
    await git.run(["--literal-pathspecs", "-c", "core.safecrlf=false", ...args], {
      ...place,
      input: paths.join("\0"),
    });
  }
}

async function alternates(git: Git): Promise<string> {
  const objects = await pathOf(git, "objects");
  // A path is quoted where the list's own separator or a quote is in it.
  return objects.includes(delimiter) || objects.startsWith('"') ? JSON.stringify(objects) : objects;
}

function pathOf(git: Git, name: string): Promise<string> {
  return git.text(["rev-parse", "--path-format=absolute", "--git-path", name]);
}
