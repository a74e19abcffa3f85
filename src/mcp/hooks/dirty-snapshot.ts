/** One file that differs from HEAD. */
export interface DirtyFile {
  readonly path: string;
  /** Null when the file is gone, as is the size. */
  readonly mtimeMs: number | null;
  readonly size: number | null;
  /** When anything of it changed last, by its file system's clock: its text, its name, that it is there. */
  readonly touchedAtMs: number;
  /** When it was looked at, by this process's clock. */
  readonly lookedAtMs: number;
  /** A hash of its text, made when it is asked for; null where it has none that can be read. */
  contentHash(this: void): string | null;
}

/** How a file looked. */
interface Look {
  readonly stamp: string;
  /** Null where the stamp alone tells every later change. */
  readonly hash: string | null;
}

/** How the files that differed from HEAD looked, by path. */
export type Snapshot = ReadonlyMap<string, Look>;

/**
 * How far the clock of a file system may be behind that of a process, in milliseconds: the systems turn it on by 4 to 16 at a time. What two
 * writes within one such tick leave has the same time.
 */
const tickMs = 20;

/**
 * Decides which files changed since a snapshot. Without one, those count that were touched after the session began (`sinceMs`), or so little before
 * that it cannot be told; when that is unknown, none do: what was there before is nobody's doing.
 */
export function decideChanged(
  before: Snapshot | null,
  now: readonly DirtyFile[],
  sinceMs: number | null,
): readonly string[] {
  const changed = now.filter((file) =>
    before === null
      ? sinceMs !== null && file.touchedAtMs > sinceMs - tickMs
      : hasChanged(before.get(file.path), file),
  );
  return changed.map(({ path }) => path);
}

/** As git does with its index: a time tells nothing of a file that was touched within a tick of the look at it, so its text was kept, too. */
function hasChanged(before: Look | undefined, file: DirtyFile): boolean {
  return (
    before === undefined ||
    before.stamp !== stampOf(file) ||
    (before.hash !== null && before.hash !== file.contentHash())
  );
}

/** A snapshot as text: a path, a stamp and a hash or null for each file. */
export function snapshotText(files: readonly DirtyFile[]): string {
  return JSON.stringify(
    files.map((file) => [
      file.path,
      stampOf(file),
      file.touchedAtMs > file.lookedAtMs - tickMs ? file.contentHash() : null,
    ]),
  );
}

/** Reads a snapshot; null when there is none that can be read. */
export function readSnapshot(text: string | null): Snapshot | null {
  try {
    const data: unknown = JSON.parse(text ?? "");
    return Array.isArray(data) && data.every(isEntry)
      ? new Map(data.map(([path, stamp, hash]) => [path, { stamp, hash }]))
      : null;
  } catch {
    return null;
  }
}

type Entry = readonly [path: string, stamp: string, hash: string | null];

function isEntry(value: unknown): value is Entry {
  if (!Array.isArray(value) || value.length !== 3) {
    return false;
  }
  const [path, stamp, hash]: readonly unknown[] = value;
  return (
    typeof path === "string" &&
    typeof stamp === "string" &&
    (hash === null || typeof hash === "string")
  );
}

/** What is moved over a file may be as old and as long as that was: when it came there tells the two apart. */
function stampOf({ mtimeMs, size, touchedAtMs }: DirtyFile): string {
  return `${String(mtimeMs)} ${String(size)} ${String(mtimeMs === null ? null : touchedAtMs)}`;
}
