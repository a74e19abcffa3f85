import { existsSync, realpathSync } from "node:fs";
import { isAbsolute, relative } from "node:path";
import { worktrees } from "../../adapters/git/branch.ts";
import type { Git, Repository } from "../../adapters/git/index.ts";
import type { AgentName } from "./agents.ts";
import type { FileChange } from "./file-change.ts";
import { isChange } from "./file-change.ts";
import type { HookPlace } from "./git-hooks.ts";
import { hookNamed } from "./kept-hooks.ts";
import type { Launch } from "./launch.ts";
import { agentsIn, pathsReadFromMain, strippedChanges, undoChange } from "./plan-changes.ts";
import type { InitRecord } from "./record.ts";
import { unguardChanges } from "./unguard.ts";

/** What `--remove` takes back in one worktree, and what it leaves because other worktrees use it. */
export interface Removal {
  readonly changes: readonly FileChange[];
  /** What is to be remembered afterwards; its folders may be gone by then. */
  readonly record: InitRecord;
  /** Tops of the other worktrees that are still set up. */
  readonly keptFor: readonly string[];
}

export interface RemovalFacts {
  readonly repository: Repository;
  readonly git: Git;
  readonly place: HookPlace;
  readonly launch: Launch;
  readonly record: InitRecord;
}

/** A file of this repository that `init` may write, by whom it serves. */
type Owner =
  /** Git's own folder, or a path that is read for every worktree. */
  | { readonly kind: "shared" }
  | { readonly kind: "worktree"; readonly root: string }
  /** Its worktree is gone. */
  | { readonly kind: "nobody" };

/**
 * Decides what goes. A worktree's own files go with it; the git hooks, and what a program reads from the main worktree alone, go with
 * the last worktree that needs them. What is recorded comes back byte for byte; the rest is told from the files.
 */
export async function decideRemoval(facts: RemovalFacts): Promise<Removal> {
  const { repository, git, place, launch, record } = facts;
  const roots = [...new Set((await worktrees(git)).map(({ path }) => realOf(path)))];
  const here = realOf(repository.root);
  const others = roots
    .filter((root) => root !== here)
    .map((root) => ({ root, names: agentsIn(root, launch) }))
    .filter(({ root, names }) => names.length > 0 || record.worktrees.includes(root));
  const kept = keptPaths(facts, others);
  const isOurs = (path: string): boolean => {
    const owner = ownerOf(path, { roots: [here, ...roots], commonDir: repository.commonDir });
    const isHere = owner.kind === "shared" || (owner.kind === "worktree" && owner.root === here);
    return (isHere || isMainOnly(path, repository, launch)) && !kept(path);
  };
  const recorded = record.files.filter(({ path }) => isOurs(path));
  const undone = recorded
    .filter(({ path }) => hookNamed(path) === null)
    .flatMap((file) => undoChange(repository.root, file, launch) ?? []);
  const known = new Set(undone.map(({ path }) => path));
  const stripped = strippedChanges(repository.root, launch);
  const told = [...stripped, ...unguardChanges(place, recorded)];
  const rest = told.filter(({ path }) => !known.has(path) && !kept(path));
  return {
    changes: [...undone, ...rest].filter(isChange),
    record: recordWithout(record, { recorded, roots, here, commonDir: repository.commonDir }),
    keptFor: others.map(({ root }) => root),
  };
}

interface Other {
  readonly root: string;
  readonly names: readonly AgentName[];
}

/** Tells of a path whether another worktree still needs it. */
function keptPaths(
  { repository, place, launch }: RemovalFacts,
  others: readonly Other[],
): (path: string) => boolean {
  const used = new Set(others.flatMap(({ names }) => names));
  const read = new Set(pathsReadFromMain(repository.root, launch, [...used]));
  const hooks = place.kind === "wrap" && others.length > 0 ? place.folder : null;
  return (path) => read.has(path) || (hooks !== null && isWithin(hooks, path));
}

function isMainOnly(path: string, { root }: Repository, launch: Launch): boolean {
  return pathsReadFromMain(root, launch, null).includes(path);
}

interface Ground {
  readonly roots: readonly string[];
  readonly commonDir: string;
}

/** The innermost worktree around a path: one may lie in another. */
function ownerOf(path: string, { roots, commonDir }: Ground): Owner {
  if (isWithin(commonDir, path)) {
    return { kind: "shared" };
  }
  const around = roots.filter((root) => isWithin(root, path));
  const root = around.toSorted((one, other) => other.length - one.length)[0];
  return root === undefined ? { kind: "nobody" } : { kind: "worktree", root };
}

interface Leaving extends Ground {
  readonly recorded: InitRecord["files"];
  readonly here: string;
}

function recordWithout(record: InitRecord, leaving: Leaving): InitRecord {
  const gone = new Set(leaving.recorded.map(({ path }) => path));
  const isLeft = (root: string): boolean => root !== leaving.here && leaving.roots.includes(root);
  return {
    files: record.files.filter(
      ({ path }) => !gone.has(path) && ownerOf(path, leaving).kind !== "nobody",
    ),
    folders: record.folders,
    worktrees: record.worktrees.filter(isLeft),
    leaving: record.leaving.filter(isLeft),
  };
}

function isWithin(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith("../") && !isAbsolute(way);
}

function realOf(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}
