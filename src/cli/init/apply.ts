import { randomUUID } from "node:crypto";
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  rmdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import type { Repository } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { initErrors } from "./errors.ts";
import type { FileChange } from "./file-change.ts";
import { isWithin } from "./is-within.ts";
import { mainWorktreeOf } from "./main-worktree.ts";
import type { InitRecord, RecordedFile } from "./record.ts";

/** Where `init` may write: among the files of a worktree and of the main one, and in their git directory. */
export type Bounds = Pick<Repository, "root" | "commonDir">;

/**
 * Refuses a file that a symbolic link would put outside the repository, or from among its files into its git directory.
 * @throws {SkeinError} SKN-8091.
 */
export function checkInside(
  { path, link }: Pick<FileChange, "path" | "link">,
  bounds: Bounds,
): void {
  const real = link === undefined ? realOf(path) : join(realOf(dirname(path)), basenameOf(path));
  if (!isInside(path, real, bounds)) {
    throw new SkeinError(initErrors.leavesRepository, {
      message: `${path} leads to ${real}, which is not among the files of this repository.`,
      facts: { path, leads_to: real },
    });
  }
}

function isInside(path: string, real: string, { root, commonDir }: Bounds): boolean {
  const isGits = isWithin(realOf(commonDir), real);
  if (isWithin(commonDir, path)) {
    return isGits;
  }
  const top = isWithin(root, path) ? root : mainWorktreeOf(root);
  return isWithin(realOf(top), real) && !isGits;
}

/** Where a path leads, whether or not its last parts exist; a dangling link leads outside everything. */
export function realOf(path: string): string {
  if (isLink(path) && !existsSync(path)) {
    return "/dev/null";
  }
  return existsSync(path) ? realpathSync(path) : join(realOf(dirname(path)), basenameOf(path));
}

function isLink(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
  } catch {
    // A part of the way is a file, so that nothing is behind it.
    return false;
  }
}

function basenameOf(path: string): string {
  return path.slice(dirname(path).length).replace(/^[\\/]/u, "");
}

/** Writes the changes and tells what is to be remembered of them, together with what was remembered before. */
export function applyChanges(changes: readonly FileChange[], earlier: InitRecord): InitRecord {
  const folders = [...earlier.folders];
  const files = new Map(earlier.files.map((file) => [file.path, file]));
  for (const change of changes) {
    folders.push(...makeFolder(dirname(change.path)));
    files.set(change.path, remembered(change, files.get(change.path)));
    write(change);
  }
  return { ...earlier, files: [...files.values()], folders };
}

/** The oldest text counts as long as nobody but Skein has changed the file since. */
function remembered(change: FileChange, earlier: RecordedFile | undefined): RecordedFile {
  const { path, before, after } = change;
  return earlier !== undefined && earlier.after === before
    ? { ...earlier, after }
    : { path, before, beforeMode: modeOf(path), after };
}

/** Makes the folders on the way that are missing and names them, the outer ones first. */
function makeFolder(folder: string): readonly string[] {
  const made: string[] = [];
  for (let missing = folder; !existsSync(missing); missing = dirname(missing)) {
    made.unshift(missing);
  }
  mkdirSync(folder, { recursive: true });
  return made;
}

/** Writes a new file beside the old one and puts it in its place, so that no reader sees half a file. */
export function write({ path, after, mode, link }: FileChange): void {
  if (after === null) {
    rmSync(path, { force: true });
    return;
  }
  const target = link === undefined && existsSync(path) ? realpathSync(path) : path;
  const bits = mode ?? modeOf(target) ?? 0o644;
  // A name that nobody could foresee: a repository may bring a symbolic link for one that can be.
  const fresh = `${target}.${randomUUID()}.skein-new`;
  if (typeof link === "string") {
    symlinkSync(link, fresh);
  } else {
    writeFileSync(fresh, after, { mode: bits, flag: "wx" });
    chmodSync(fresh, bits);
  }
  renameSync(fresh, target);
}

/** Takes the folders away that `init` made and that are empty now, the inner ones first; none outside of the repository. */
export function removeFolders(folders: readonly string[], bounds: Bounds): void {
  for (const folder of folders.toReversed()) {
    const isOurs = existsSync(folder) && isInside(folder, realOf(folder), bounds);
    if (isOurs && readdirSync(folder).length === 0) {
      rmdirSync(folder);
    }
  }
}

function modeOf(path: string): number | null {
  const stats = statSync(path, { throwIfNoEntry: false });
  return stats === undefined ? null : stats.mode & 0o777;
}
