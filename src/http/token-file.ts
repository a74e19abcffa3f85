import { randomBytes } from "node:crypto";
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
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
  writePrivate(file, `${token}\n`);
  return token;
}

function readToken(file: string): string | null {
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return null;
  }
  if (process.platform !== "win32" && (stats.mode & 0o077) !== 0) {
    throw new SkeinError(httpErrors.openToken, { facts: { file } });
  }
  const text = readFileSync(file, "utf8").trim();
  if (!tokenForm.test(text)) {
    throw new SkeinError(httpErrors.noTokenThere, { facts: { file } });
  }
  return text;
}

/** Writes a file that only this user can read, in one step. */
export function writePrivate(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const fresh = `${file}.${String(process.pid)}`;
  rmSync(fresh, { force: true });
  writeFileSync(fresh, text, { mode: 0o600, flag: "wx" });
  chmodSync(fresh, 0o600);
  renameSync(fresh, file);
}
