import { readFileSync, realpathSync, statSync } from "node:fs";
import { basename, dirname, isAbsolute, join, resolve, sep } from "node:path";
import { createFileMemory } from "./file-memory.ts";

/** A git repository as seen from one folder in it. All paths are absolute and free of symbolic links. */
export interface Repository {
  /** The top of the worktree; for a bare repository, the repository's own folder. */
  readonly root: string;
  /** This worktree's git directory: HEAD and the index live here. */
  readonly gitDir: string;
  /** The git directory that all worktrees share. */
  readonly commonDir: string;
  /** The branch that is checked out, without `refs/heads/`; null when HEAD is detached. */
  readonly branch: string | null;
  /** The commit of HEAD; null before the first commit, or when only git itself can tell (reftable). */
  readonly headCommit: string | null;
  readonly isBare: boolean;
  /** True for a linked worktree (`git worktree add`), false for the main one. */
  readonly isWorktree: boolean;
  readonly isSubmodule: boolean;
  /** `core.ignorecase` of the repository's own configuration, where git notes at `init` and `clone` what the disk does. */
  readonly ignoresCase: boolean;
}

/**
 * Finds the repository around a folder by reading files alone, without starting git: cheap enough for a hook.
 *
 * Null when there is none. Works in linked worktrees, submodules, bare repositories (outside of any worktree) and inside the git directory
 * itself.
 */
export function locateRepository(cwd: string): Repository | null {
  let folder = realPath(cwd);
  while (folder !== null) {
    const found = repositoryAt(folder);
    if (found !== null) {
      return found;
    }
    const above = dirname(folder);
    folder = above === folder ? null : above;
  }
  return null;
}

function repositoryAt(folder: string): Repository | null {
  const dotGit = join(folder, ".git");
  const kind = kindOf(dotGit);
  if (kind === "directory" && isGitDir(dotGit)) {
    return describe({ root: folder, gitDir: dotGit, isLinked: false });
  }
  if (kind === "file") {
    const target = /^gitdir: (.+?)\s*$/mu.exec(read(dotGit) ?? "")?.[1];
    const gitDir = target === undefined ? null : realPath(resolve(folder, target));
    return gitDir === null ? null : describe({ root: folder, gitDir, isLinked: true });
  }
  return isGitDir(folder) && !isBroughtByClone(folder) ? insideGitDir(folder) : null;
}

/**
 * True for a folder that looks like a bare repository and lies in a worktree. Git lets a commit bring any folder but `.git`: what such a one
 * says of a server, a store or a program would be the word of whoever wrote the commit.
 */
function isBroughtByClone(folder: string): boolean {
  if (folder.split(sep).includes(".git")) {
    return false;
  }
  let above = dirname(folder);
  while (above !== dirname(above) && !hasDotGit(above)) {
    above = dirname(above);
  }
  return hasDotGit(above);
}

function hasDotGit(folder: string): boolean {
  const dotGit = join(folder, ".git");
  const kind = kindOf(dotGit);
  return kind === "file" || (kind === "directory" && isGitDir(dotGit));
}

/** A folder that is itself a git directory: bare, or somebody stands inside `.git`. */
function insideGitDir(folder: string): Repository {
  const isDotGit = basename(folder) === ".git";
  return describe({ root: isDotGit ? dirname(folder) : folder, gitDir: folder, isLinked: false });
}

interface Place {
  readonly root: string;
  readonly gitDir: string;
  /** True when `.git` is a file that points elsewhere. */
  readonly isLinked: boolean;
}

function describe({ root, gitDir, isLinked }: Place): Repository {
  const pointer = readLine(join(gitDir, "commondir"));
  const isWorktree = pointer !== "";
  const commonDir = isWorktree ? (realPath(resolve(gitDir, pointer)) ?? gitDir) : gitDir;
  const config = read(join(commonDir, "config")) ?? "";
  const head = readLine(join(gitDir, "HEAD"));
  return {
    root,
    gitDir,
    commonDir,
    branch: branchOf(head),
    headCommit: commitOf(head, commonDir),
    isBare: !isWorktree && coreFlag(config, "bare") === true,
    isWorktree,
    isSubmodule: isLinked && /[\\/]modules[\\/]/u.test(commonDir),
    ignoresCase: coreFlag(config, "ignorecase") === true,
  };
}

/** The commit of HEAD as it is now; null before the first one, or when only git itself can tell. */
export function headCommitOf({
  gitDir,
  commonDir,
}: Pick<Repository, "gitDir" | "commonDir">): string | null {
  return commitOf(memory.read(join(gitDir, "HEAD"))?.trim() ?? "", commonDir, memory.read);
}

/** The branch that a worktree has checked out now; null when HEAD is detached, or cannot be read. */
export function currentBranchOf({ gitDir }: Pick<Repository, "gitDir">): string | null {
  return branchOf(memory.read(join(gitDir, "HEAD"))?.trim() ?? "");
}

/** Asked with every call of an agent, since agents commit and switch branches. */
const memory = createFileMemory();

/** With the reftable format HEAD names a branch that cannot exist. */
function branchOf(head: string): string | null {
  const branch = /^ref: refs\/heads\/(.+)$/u.exec(head)?.[1] ?? null;
  return branch === ".invalid" ? null : branch;
}

function commitOf(head: string, commonDir: string, readFile = read): string | null {
  const ref = /^ref: (refs\/\S+)$/u.exec(head)?.[1];
  const text = ref === undefined ? head : (readFile(join(commonDir, ref))?.trim() ?? "");
  if (isObjectName(text)) {
    return text;
  }
  return ref === undefined
    ? null
    : packedCommit(ref, readFile(join(commonDir, "packed-refs")) ?? "");
}

function packedCommit(ref: string, packed: string): string | null {
  for (const line of packed.split("\n")) {
    if (line.endsWith(` ${ref}`)) {
      const name = line.slice(0, line.indexOf(" "));
      return isObjectName(name) ? name : null;
    }
  }
  return null;
}

function isObjectName(text: string): boolean {
  return /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/u.test(text);
}

function isGitDir(folder: string): boolean {
  return (
    kindOf(join(folder, "HEAD")) === "file" &&
    (kindOf(join(folder, "objects")) === "directory" ||
      kindOf(join(folder, "commondir")) === "file")
  );
}

/** A boolean of the `[core]` section in git's own notation; null when it is not set. The last one wins. */
function coreFlag(config: string, name: string): boolean | null {
  let section = "";
  let flag: boolean | null = null;
  for (const line of config.split("\n")) {
    section = /^\s*\[([^\]]+)\]/u.exec(line)?.[1]?.toLowerCase() ?? section;
    const entry = /^\s*(\w+)\s*(?:=\s*([^\s#;]*))?/u.exec(line);
    if (section === "core" && entry?.[1]?.toLowerCase() === name) {
      flag = /^(?:true|yes|on|1|)$/iu.test(entry[2] ?? "");
    }
  }
  return flag;
}

function kindOf(path: string): "file" | "directory" | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) {
    return null;
  }
  return stats.isDirectory() ? "directory" : "file";
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}

function readLine(path: string): string {
  return read(path)?.trim() ?? "";
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(isAbsolute(path) ? path : resolve(path));
  } catch {
    return null;
  }
}
