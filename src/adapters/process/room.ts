import { statfsSync } from "node:fs";
import type { Room } from "../../core/dispatch/index.ts";

const megabyte = 1_048_576;

/** What is kept free where nobody says otherwise, in megabytes. */
const kept = { memory: 64, disk: 256 } as const;

/**
 * Looks at this machine's memory and at the disk of a folder. `SKEIN_MIN_FREE_MEMORY_MB` and `SKEIN_MIN_FREE_DISK_MB` say how much is kept
 * free, 0 for nothing: they belong to a machine, so that no file of a repository says them.
 */
export function createRoomProbe(
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): () => Room | null {
  const leastMemoryBytes = leastOf(env["SKEIN_MIN_FREE_MEMORY_MB"], kept.memory);
  const leastDiskBytes = leastOf(env["SKEIN_MIN_FREE_DISK_MB"], kept.disk);
  let seen: Room | null = null;
  let seenMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (seen === null || performance.now() - seenMs > freshMs) {
      seen = {
        freeMemoryBytes: process.availableMemory(),
        freeDiskBytes: freeBytes(folder),
        leastMemoryBytes,
        leastDiskBytes,
      };
      seenMs = performance.now();
    }
    return seen;
  };
}

/** For so long a look counts, in milliseconds: whoever hands out work for many would look a thousand times a second. */
const freshMs = 250;

/** A text that is no whole number of megabytes counts as none given. */
function leastOf(text: string | undefined, otherwise: number): number {
  return (/^\d{1,9}$/u.test(text ?? "") ? Number(text) : otherwise) * megabyte;
}

/** A file system that does not tell is not taken for a full one. */
function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
