import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { Stats } from "node:fs";

/** What came of looking for a file that only this user may have written. */
export type OwnFile =
  | { readonly kind: "text"; readonly text: string }
  /** There is none. */
  | { readonly kind: "none" }
  | { readonly kind: "unusable"; readonly why: string; readonly cause?: unknown };

/** Who else may do what with such a file: nobody may write it, or nobody may even read it. */
export type OthersMay = "read" | "nothing";

const forbidden: Readonly<Record<OthersMay, number>> = { read: 0o022, nothing: 0o077 };

const mostBytes = 65_536;

/** Reads a small file of this user's own; through no link, and of the very file that was looked at. Never throws. */
export function readOwnFile(file: string, othersMay: OthersMay): OwnFile {
  let descriptor;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : "";
    return code === "ENOENT" || code === "ENOTDIR"
      ? { kind: "none" }
      : { kind: "unusable", why: "It cannot be opened.", cause };
  }
  try {
    return isOwn(fstatSync(descriptor), forbidden[othersMay])
      ? { kind: "text", text: readFileSync(descriptor, "utf8") }
      : { kind: "unusable", why: words[othersMay] };
  } catch (cause) {
    return { kind: "unusable", why: "It cannot be read.", cause };
  } finally {
    closeSync(descriptor);
  }
}

const words: Readonly<Record<OthersMay, string>> = {
  read: "It is no plain file that this user alone can write.",
  nothing: "It is no plain file that this user alone can read.",
};

function isOwn(stats: Stats, mask: number): boolean {
  const isOurs = process.getuid === undefined || stats.uid === process.getuid();
  const isClosed = (stats.mode & mask) === 0 || process.platform === "win32";
  return stats.isFile() && isOurs && isClosed && stats.size <= mostBytes;
}
