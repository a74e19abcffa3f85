import { SkeinError } from "../base/errors.ts";
import { dispatchErrors } from "./errors.ts";

/** What is left of this machine, and below which no new work is handed out. */
export interface Room {
  readonly freeMemoryBytes: number;
  readonly freeDiskBytes: number;
  readonly leastMemoryBytes: number;
  readonly leastDiskBytes: number;
}

/** When to ask again, in milliseconds: memory and disks are not freed at once. */
const againMs = 30_000;

/** Refuses new work on a machine that is nearly full; what is claimed goes on. @throws {SkeinError} SKN-7801. */
export function checkRoom(room: Room | null): void {
  const short = room === null ? [] : shortOf(room);
  if (short.length > 0) {
    throw new SkeinError(dispatchErrors.noRoom, {
      message: `No new task is handed out: ${short.map(({ text }) => text).join(", and ")}.`,
      facts: Object.fromEntries(short.map(({ name, free, least }) => [name, { free, least }])),
      retryAfterMs: againMs,
    });
  }
}

interface Short {
  readonly name: string;
  readonly free: number;
  readonly least: number;
  readonly text: string;
}

/** True when new work would be refused. */
export function isFull(room: Room | null): boolean {
  return room !== null && shortOf(room).length > 0;
}

function shortOf(room: Room): readonly Short[] {
  return [
    shortage("memory_bytes", "of memory", [room.freeMemoryBytes, room.leastMemoryBytes]),
    shortage("disk_bytes", "on the store's disk", [room.freeDiskBytes, room.leastDiskBytes]),
  ].filter(({ free, least }) => free < least);
}

function shortage(
  name: string,
  what: string,
  [free, least]: readonly [free: number, least: number],
): Short {
  const text = `${megabytes(free)} MB ${what} are free and ${megabytes(least)} MB are kept`;
  return { name, free, least, text };
}

function megabytes(bytes: number): string {
  return String(Math.floor(bytes / 1_048_576));
}
