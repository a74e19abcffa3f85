import { statfsSync } from "node:fs";
import { totalmem } from "node:os";
import type { Room } from "../../core/dispatch/index.ts";

const megabyte = 1_048_576;

/** How much of one thing is kept free: the larger of both. */
export interface LeastFree {
  /** In megabytes; 0 for nothing. */
  readonly leastMb: number;
  /** How much of the whole may be in use, from 1 to 99; null: no share counts. */
  readonly mostPercent: number | null;
}

/** How much of a machine is kept free. */
export interface LeastRoom {
  readonly memory: LeastFree;
  readonly disk: LeastFree;
}

/** Looks at this machine's memory and at the disk of a folder. */
export function createRoomProbe(folder: string, { memory, disk }: LeastRoom): () => Room | null {
  const leastMemoryBytes = leastBytes(memory, wholeMemory());
  let seen: Room | null = null;
  let seenMs = Number.NEGATIVE_INFINITY;
  return () => {
    if (seen === null || performance.now() - seenMs > freshMs) {
      const { freeBytes, wholeBytes } = spaceOf(folder);
      seen = {
        freeMemoryBytes: process.availableMemory(),
        freeDiskBytes: freeBytes,
        leastMemoryBytes,
        leastDiskBytes: leastBytes(disk, wholeBytes),
      };
      seenMs = performance.now();
    }
    return seen;
  };
}

/** For so long a look counts, in milliseconds: whoever hands out work for many would look a thousand times a second. */
const freshMs = 250;

/** How many bytes of a whole stay free. */
export function leastBytes({ leastMb, mostPercent }: LeastFree, wholeBytes: number): number {
  const share = mostPercent === null ? 0 : Math.floor((wholeBytes * (100 - mostPercent)) / 100);
  return Math.max(leastMb * megabyte, share);
}

/** That of the container where one has less than its machine. */
function wholeMemory(): number {
  const bound = process.constrainedMemory();
  return bound > 0 ? Math.min(bound, totalmem()) : totalmem();
}

interface Space {
  readonly freeBytes: number;
  /** What is in use and what is free for this user, as `df` counts: without what is kept for root. */
  readonly wholeBytes: number;
}

/** A file system that does not tell is not taken for a full one. */
function spaceOf(folder: string): Space {
  try {
    const { blocks, bfree, bavail, bsize } = statfsSync(folder);
    return { freeBytes: bavail * bsize, wholeBytes: (blocks - bfree + bavail) * bsize };
  } catch {
    return { freeBytes: Number.POSITIVE_INFINITY, wholeBytes: 0 };
  }
}
