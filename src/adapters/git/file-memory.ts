import { readFileSync, statSync } from "node:fs";
import type { Stats } from "node:fs";

/** Reads small files that change seldom and are asked for often. */
export interface FileMemory {
  /** The file's text as it is now; null where it cannot be read. */
  read(this: void, path: string): string | null;
}

interface Kept {
  readonly text: string;
  readonly stats: Stats;
}

const mostKept = 64;

/** A file that was written so shortly before it was read may be written again without a trace in its times: https://git-scm.com/docs/racy-git. */
const settledMs = 100;

/** Makes one: a file whose place, size and times are as they were is not read again, since a look at them costs a third of opening and reading it. */
export function createFileMemory(): FileMemory {
  const kept = new Map<string, Kept>();
  return {
    read: (path) => {
      const stats = statsOf(path);
      const known = kept.get(path);
      if (stats !== undefined && known !== undefined && isSame(known.stats, stats)) {
        return known.text;
      }
      kept.delete(path);
      const text = stats === undefined ? null : read(path);
      if (stats !== undefined && text !== null && Date.now() - stats.mtimeMs > settledMs) {
        kept.set(path, { text, stats });
        const [oldest = path] = kept.keys();
        if (kept.size > mostKept) {
          kept.delete(oldest);
        }
      }
      return text;
    },
  };
}

function isSame(one: Stats, other: Stats): boolean {
  return (
    one.ino === other.ino &&
    one.dev === other.dev &&
    one.size === other.size &&
    one.mtimeMs === other.mtimeMs &&
    one.ctimeMs === other.ctimeMs
  );
}

function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
