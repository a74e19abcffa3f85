import { lstatSync, readlinkSync, realpathSync } from "node:fs";
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from "node:path";

import { SkeinError } from "../../core/base/errors.ts";
import { gitErrors } from "./errors.ts";

/** Where a path leads, seen from a repository's root: relative, `/`-separated, NFC; null means outside. The root is the empty text. */
export interface PathPlace {
  /** The path as it is written, its `..` resolved by text. */
  readonly literal: string | null;
  /** The path that a write would reach, every symbolic link on the way followed, dangling ones too. */
  readonly resolved: string | null;
}

export interface PathInRepository {
  /** The repository's root, absolute and free of symbolic links. */
  readonly root: string;
  /** What a relative path is relative to. */
  readonly cwd: string;
}

/** Tells where a path leads, without judging it. The path need not exist. */
export function placeOf({ root, cwd }: PathInRepository, path: string): PathPlace {
  const raw = isAbsolute(path) ? path : `${cwd}${sep}${path}`;
  const written = resolve(raw);
  return {
    literal: inside(root, written) ?? throughLinkedRoot(root, written),
    resolved: inside(root, follow(raw, 0)),
  };
}

/**
 * The paths of the repository that a path as given by a person or an agent stands for: the written one and, where symbolic links
 * make a difference, the one it leads to. One or two entries.
 *
 * @throws {SkeinError} SKN-8951 when a write to it would leave the repository.
 */
export function toRepoPath(place: PathInRepository, path: string): readonly string[] {
  const { literal, resolved } = path.includes("\0")
    ? { literal: null, resolved: null }
    : placeOf(place, path);
  if (resolved === null) {
    throw new SkeinError(gitErrors.pathEscapes, {
      message: `${JSON.stringify(path)} leads out of the repository.`,
      facts: { path },
    });
  }
  return literal === null || literal === resolved ? [resolved] : [literal, resolved];
}

/**
 * The globs of the repository that a glob as given stands for. The folder before its first wildcard is one as any other: it may climb, and
 * where symbolic links make a difference both its name and where it leads are meant.
 *
 * @throws {SkeinError} SKN-8951 when that folder leaves the repository.
 */
export function toRepoGlobs(place: PathInRepository, glob: string): readonly string[] {
  const [fixed = ""] = /^(?:[^*?[\]{}]*\/)?/u.exec(glob) ?? [];
  const rest = glob.slice(fixed.length);
  return toRepoPath(place, fixed === "" ? "." : fixed).map((folder) =>
    folder === "" ? rest : `${folder}/${rest}`,
  );
}

function inside(root: string, path: string): string | null {
  const way = relative(root, path);
  if (way === ".." || way.startsWith(`..${sep}`) || isAbsolute(way)) {
    return null;
  }
  return way.split(sep).join("/").normalize("NFC");
}

/** The repository may be reached through a symbolic link above its root, as `/tmp` on some systems. */
function throughLinkedRoot(root: string, path: string): string | null {
  for (let above = dirname(path); above !== dirname(above); above = dirname(above)) {
    if (realPath(above) === root) {
      return inside(above, path);
    }
  }
  return null;
}

/** Where a write to an absolute path would go, as the system finds it: through every link, dangling ones too. */
export function whereItLeads(path: string): string {
  return follow(path, 0);
}

const deepestChain = 40;

/** Follows links as the system would: `..` after a link climbs from the link's target. */
function follow(raw: string, depth: number): string {
  let head = raw;
  const tail: string[] = [];
  for (;;) {
    const real = realPath(head);
    if (real !== null) {
      return normalize(join(real, ...tail));
    }
    const target = depth < deepestChain ? linkTarget(head) : null;
    if (target !== null) {
      return follow([target, ...tail].join(sep), depth + 1);
    }
    const cut = head.replace(/[\\/]+$/u, "").lastIndexOf(sep);
    if (cut <= 0) {
      return resolve(raw);
    }
    tail.unshift(head.slice(cut + 1));
    head = head.slice(0, cut);
  }
}

function linkTarget(path: string): string | null {
  try {
    return lstatSync(path).isSymbolicLink() ? resolve(dirname(path), readlinkSync(path)) : null;
  } catch {
    return null;
  }
}

function realPath(path: string): string | null {
  try {
    return realpathSync.native(path);
  } catch {
    return null;
  }
}
