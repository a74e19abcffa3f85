/** One file that differs from HEAD. */
export interface DirtyFile {
  readonly path: string;
  /** Null when the file is gone, as is the size. */
  readonly mtimeMs: number | null;
  readonly size: number | null;
  /** When anything of it changed last: its text, its name, that it is there. */
  readonly touchedAtMs: number;
}

/**
 * Decides which files changed since a snapshot. Without one, those count that were touched after the session began (`sinceMs`); when that
 * is unknown, none do: what was there before is nobody's doing.
 */
export function decideChanged(
  before: ReadonlyMap<string, string> | null,
  now: readonly DirtyFile[],
  sinceMs: number | null,
): readonly string[] {
  const changed = now.filter((file) =>
    before === null
      ? sinceMs !== null && file.touchedAtMs > sinceMs
      : before.get(file.path) !== stampOf(file),
  );
  return changed.map(({ path }) => path);
}

/** A snapshot as text: a path and a stamp on each line. */
export function snapshotText(files: readonly DirtyFile[]): string {
  return JSON.stringify(files.map((file) => [file.path, stampOf(file)]));
}

/** Reads a snapshot; null when there is none that can be read. */
export function readSnapshot(text: string | null): ReadonlyMap<string, string> | null {
  try {
    const data: unknown = JSON.parse(text ?? "");
    return Array.isArray(data) ? new Map(data.filter(isEntry)) : null;
  } catch {
    return null;
  }
}

function isEntry(value: unknown): value is [string, string] {
  return (
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((part: unknown) => typeof part === "string")
  );
}

function stampOf({ mtimeMs, size }: DirtyFile): string {
  return `${String(mtimeMs)} ${String(size)}`;
}
