import { randomBytes } from "node:crypto";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import type { Stats } from "node:fs";
import { putOwnFile } from "../adapters/process/write-own-file.ts";
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
  if (putOwnFile(file, `${token}\n`)) {
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
    throw new SkeinError(httpErrors.noTokenThere, {
      message: `The token's file ${file} cannot be opened.`,
      fix: "Let the user who runs the server read it, or name another file with `--token-file`.",
      facts: { file },
      cause,
    });
  }
}

/** Whoever wrote the token knows it: it counts only from this user, or from root, who mounts secrets into containers. */
function refuseForeign(file: string, stats: Stats): void {
  if (!stats.isFile()) {
    throw new SkeinError(httpErrors.noTokenThere, {
      message: `${file} is no plain file.`,
      fix: "Name the file itself with `--token-file`.",
      facts: { file },
    });
  }
  if (stats.size > 4_096) {
    throw new SkeinError(httpErrors.noTokenThere, { facts: { file } });
  }
  const isOurs = process.getuid === undefined || [0, process.getuid()].includes(stats.uid);
  if (!isOurs || (process.platform !== "win32" && (stats.mode & 0o077) !== 0)) {
    throw new SkeinError(httpErrors.openToken, { facts: { file } });
  }
}
