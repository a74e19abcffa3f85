import { randomBytes } from "node:crypto";
import {
  chmodSync,
  closeSync,
  constants,
  copyFileSync,
  fstatSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { SkeinError } from "../core/base/errors.ts";
import { httpErrors } from "./errors.ts";

const tokenForm = /^[\w-]{43}$/u;

/**
 * The random token of this machine, from its file; made there when there is none. Only its owner may read the file.
 * @throws {SkeinError} SKN-8932 when others can, SKN-1933 when it holds no token.
 */
export function tokenIn(file: string): string {
  const known = readToken(file);
  if (known !== null) {
    return known;
  }
  const token = randomBytes(32).toString("base64url");
  if (putFirst(file, `${token}\n`)) {
    return token;
  }
  // Two servers that start at once have one token: that of the first.
  return readToken(file) ?? tokenIn(file);
}

function readToken(file: string): string | null {
  const descriptor = openIfThere(file);
  if (descriptor === null) {
    return null;
  }
  let text;
  try {
    // Of the very file that is read: whoever may write to its folder could change it between.
    refuseForeign(file, fstatSync(descriptor));
    text = readFileSync(descriptor, "utf8").trim();
  } finally {
    closeSync(descriptor);
  }
  if (!tokenForm.test(text)) {
    throw new SkeinError(httpErrors.noTokenThere, { facts: { file } });
  }
  return text;
}

function openIfThere(file: string): number | null {
  try {
    // A pipe that nobody writes to would be waited for without end.
    return openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") {
      return null;
    }
    throw new SkeinError(httpErrors.noTokenThere, { facts: { file }, cause });
  }
}

/** Whoever wrote the token knows it: it counts only from this user, or from root, who mounts secrets into containers. */
function refuseForeign(file: string, stats: Stats): void {
  if (!stats.isFile() || stats.size > 4_096) {
    throw new SkeinError(httpErrors.noTokenThere, { facts: { file } });
  }
  const isOurs = process.getuid === undefined || [0, process.getuid()].includes(stats.uid);
  if (!isOurs || (process.platform !== "win32" && (stats.mode & 0o077) !== 0)) {
    throw new SkeinError(httpErrors.openToken, { facts: { file } });
  }
}

/** Writes a file that only this user can read, in one step, over one that is there. */
export function writePrivate(file: string, text: string): void {
  withFresh(file, text, (fresh) => {
    renameSync(fresh, file);
  });
}

/** The same, and false where there is one already. */
function putFirst(file: string, text: string): boolean {
  return withFresh(file, text, (fresh) => {
    try {
      linkSync(fresh, file);
      return true;
    } catch (error) {
      return !isThere(error) && copyFirst(fresh, file);
    }
  });
}

/** Not every file system knows links. */
function copyFirst(fresh: string, file: string): boolean {
  try {
    copyFileSync(fresh, file, constants.COPYFILE_EXCL);
    return true;
  } catch (error) {
    if (isThere(error)) {
      return false;
    }
    throw error;
  }
}

function isThere(error: unknown): boolean {
  return error instanceof Error && "code" in error && error.code === "EEXIST";
}

/** Works with a file beside another, which is gone afterwards. */
function withFresh<T>(file: string, text: string, work: (fresh: string) => T): T {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
    chmodSync(fresh, 0o600);
    return work(fresh);
  } finally {
    rmSync(fresh, { force: true });
  }
}
