import { statfsSync } from "node:fs";
import type { Room } from "../../core/dispatch/index.ts";

const megabyte = 1_048_576;

/** How much is kept free, in megabytes; 0 for nothing. */
export interface LeastRoom {
  readonly memoryMb: number;
  readonly diskMb: number;
}

/** Looks at this machine's memory and at the disk of a folder. */
export function createRoomProbe(folder: string, least: LeastRoom): () => Room | null {
  const leastMemoryBytes = least.memoryMb * megabyte;
  const leastDiskBytes = least.diskMb * megabyte;
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

/** A file system that does not tell is not taken for a full one. */
function freeBytes(folder: string): number {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize;
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}
