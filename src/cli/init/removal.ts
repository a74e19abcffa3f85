import type { Git, Repository } from "../../adapters/git/index.ts";
import type { AgentName } from "./agents.ts";
import { excludePath, exclusionWithout } from "./exclusion.ts";
import type { Exclusion } from "./exclusion.ts";
import type { FileChange } from "./file-change.ts";
import { isChange } from "./file-change.ts";
import { groundOf, ownerOf } from "./file-owner.ts";
import { isWithin } from "./is-within.ts";
import type { Ground } from "./file-owner.ts";
import type { HookPlace } from "./git-hooks.ts";
import { hookNamed } from "./kept-hooks.ts";
import type { Launch } from "./launch.ts";
import { agentsIn, pathsReadFromMain, strippedChanges, undoChange } from "./plan-changes.ts";
import type { InitRecord, RecordedFile } from "./record.ts";
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

/**
 * Decides what goes. A worktree's own files go with it; the git hooks, and what a program reads from the main worktree alone, go with
 * the last worktree that needs them. What is recorded comes back byte for byte; the rest is told from the files.
 */
export async function decideRemoval(facts: RemovalFacts): Promise<Removal> {
  const { repository, git, place, launch, record } = facts;
  const ground = await groundOf(git, repository);
  const [here = repository.root, ...others] = ground.roots;
  const users = others
    .map((root) => ({ root, names: agentsIn(root, launch) }))
    .filter(({ root, names }) => names.length > 0 || record.worktrees.includes(root));
  const kept = keptPaths(facts, users);
  const isOurs = (path: string): boolean => {
    const owner = ownerOf(path, ground);
    const isHere = owner.kind === "shared" || (owner.kind === "worktree" && owner.root === here);
    return (isHere || isMainOnly(path, repository, launch)) && !kept(path);
  };
  const list = excludePath(repository.commonDir);
  const recorded = record.files.filter(({ path }) => path !== list && isOurs(path));
  const undone = recorded
    .filter(({ path }) => hookNamed(path) === null)
    .flatMap((file) => undoChange(repository.root, file, launch) ?? []);
  const known = new Set(undone.map(({ path }) => path));
  const stripped = strippedChanges(repository.root, launch);
  const told = [...stripped, ...unguardChanges(place, recorded)];
  const rest = told.filter(({ path }) => !known.has(path) && !kept(path));
  const exclusion = exclusionWithout(isOurs, { ...facts, ground });
  return {
    changes: [...undone, ...rest, exclusion.change].filter(isChange),
    record: recordWithout(record, { ...ground, recorded, here, exclusion }),
    keptFor: users.map(({ root }) => root),
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

interface Leaving extends Ground {
  readonly recorded: InitRecord["files"];
  readonly here: string;
  readonly exclusion: Exclusion;
}

function recordWithout(record: InitRecord, leaving: Leaving): InitRecord {
  const { here, roots, exclusion } = leaving;
  const gone = new Set(leaving.recorded.map(({ path }) => path));
  const isLeft = (root: string): boolean => root !== here && roots.includes(root);
  const files = record.files.filter(
    ({ path }) => !gone.has(path) && ownerOf(path, leaving).kind !== "nobody",
  );
  return {
    files: files.flatMap((file) => withList(file, exclusion)),
    folders: record.folders,
    worktrees: record.worktrees.filter(isLeft),
    leaving: record.leaving.filter(isLeft),
    excluded: exclusion.excluded,
    chosen: record.chosen.filter(({ root }) => isLeft(root)),
  };
}

/** The list of what git passes over is remembered for as long as it names a file. */
function withList(
  file: RecordedFile,
  { change: { path, before, after }, excluded }: Exclusion,
): readonly RecordedFile[] {
  if (file.path !== path) {
    return [file];
  }
  const isSkeins = file.after === before;
  return excluded.length === 0 ? [] : [isSkeins ? { ...file, after } : file];
}
