import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  statSync,
} from "node:fs";
import type { Stats } from "node:fs";

/** What came of reading a file that somebody else may have made. */
export type PlainFile =
  | { readonly kind: "bytes"; readonly bytes: Buffer; readonly mode: number }
  /** There is none. */
  | { readonly kind: "none" }
  /** `why` goes on where a name ends, as `is no plain file`; `cause` is there where the system refused. */
  | { readonly kind: "unusable"; readonly why: string; readonly cause?: unknown };

/**
 * Reads a file of at most so many bytes, through links but none into a folder of the system. Nothing is waited for: a pipe, a device and
 * what only looks like a file, as in `/proc`, are told as what they are. Never throws.
 */
export function readPlainFile(path: string, mostBytes: number): PlainFile {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) {
      return isLink(path) ? unusable("is a link that leads nowhere") : { kind: "none" };
    }
    const why = whyNot(stats, mostBytes) ?? systemWords(path);
    return why === null ? readOpened(path, mostBytes) : unusable(why);
  } catch (cause) {
    return ofFault(cause);
  }
}

/** For files that say that they have no bytes, and for those that grow. */
const leastRoom = 65_536;

/** Of the very file that was looked at: another may have taken its place since. */
function readOpened(path: string, mostBytes: number): PlainFile {
  const descriptor = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const stats = fstatSync(descriptor);
    const why = whyNot(stats, mostBytes);
    if (why !== null) {
      return unusable(why);
    }
    const most = Math.min(mostBytes, Math.max(stats.size, leastRoom));
    const bytes = readBytes(descriptor, most + 1);
    return bytes.length > most
      ? unusable(`has more than ${grouped(most)} bytes`)
      : { kind: "bytes", bytes, mode: stats.mode & 0o777 };
  } finally {
    closeSync(descriptor);
  }
}

function readBytes(descriptor: number, most: number): Buffer {
  const buffer = Buffer.allocUnsafe(most);
  let length = 0;
  for (let read = -1; read !== 0 && length < most; length += read) {
    read = readSync(descriptor, buffer, length, most - length, null);
  }
  return buffer.subarray(0, length);
}

function whyNot(stats: Stats, mostBytes: number): string | null {
  if (stats.isDirectory()) {
    return "is a folder, where a file belongs";
  }
  if (!stats.isFile()) {
    return "is no plain file";
  }
  return stats.size > mostBytes
    ? `has ${grouped(stats.size)} bytes, more than ${grouped(mostBytes)}`
    : null;
}

/** Files in these folders are made up while they are read, and some wait for what never comes. `/dev/shm` is memory that programs use as a disk. */
function systemWords(path: string): string | null {
  const real = realpathSync(path);
  return /^\/(?:proc|sys|dev)\//u.test(real) && !real.startsWith("/dev/shm/")
    ? `leads to ${real}, which is the system's own`
    : null;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() === true;
}

function unusable(why: string, cause?: unknown): PlainFile {
  return { kind: "unusable", why, cause };
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}

function ofFault(cause: unknown): PlainFile {
  switch (codeOf(cause)) {
    case "ENOTDIR":
      return { kind: "none" };
    case "ELOOP":
      return unusable("is a link that leads in a circle");
    case "EACCES":
    case "EPERM":
      return unusable("may not be read by this user", cause);
    default:
      return unusable("cannot be read", cause);
  }
}

/** As `262,144`. */
function grouped(count: number): string {
  return count.toLocaleString("en");
}
