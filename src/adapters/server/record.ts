import {
  constants,
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import type { Stats } from "node:fs";
import { join } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { serverErrors } from "./errors.ts";

/** The server that the people of a clone agreed to. It stands in the git directory, where no clone brings files. */
export interface ServerRecord {
  readonly url: string;
  /** Where the token is, as `env:NAME`, `file:/path` or `cmd:program`; never the token. Null: only the variables tell. */
  readonly token: string | null;
}

function serverRecordFile(storeDir: string): string {
  return join(storeDir, "server.json");
}

/** Null where nobody agreed to a server. @throws {SkeinError} SKN-2923 when the file is no such note or others may write it. */
export function readServerRecord(storeDir: string): ServerRecord | null {
  const file = serverRecordFile(storeDir);
  const text = readOwn(file);
  if (text === null) {
    return null;
  }
  const object = parseLooseObject(text);
  const url = object === null ? null : ownText(object, "url");
  if (object === null || url === null) {
    throw bad(file, "It is no note of a server.");
  }
  return { url, token: ownText(object, "token") };
}

function readOwn(file: string): string | null {
  const descriptor = openOwn(file);
  if (descriptor === null) {
    return null;
  }
  try {
    if (!isOwn(fstatSync(descriptor))) {
      throw bad(file, "It is no plain file that this user alone can write.");
    }
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
}

function openOwn(file: string): number | null {
  try {
    return openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : "";
    if (code === "ENOENT" || code === "ENOTDIR") {
      return null;
    }
    throw bad(file, "It cannot be opened.", error);
  }
}

function isOwn(stats: Stats): boolean {
  const isOurs = process.getuid === undefined || stats.uid === process.getuid();
  const isClosed = (stats.mode & 0o022) === 0 || process.platform === "win32";
  return stats.isFile() && isOurs && isClosed && stats.size <= 65_536;
}

function bad(file: string, why: string, cause?: unknown): SkeinError {
  return new SkeinError(serverErrors.badRecord, {
    message: `${file} cannot be used. ${why}`,
    facts: { file },
    cause,
  });
}

export function writeServerRecord(storeDir: string, record: ServerRecord): void {
  mkdirSync(storeDir, { recursive: true, mode: 0o700 });
  const file = serverRecordFile(storeDir);
  const fresh = `${file}.${String(process.pid)}`;
  try {
    writeFileSync(fresh, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
    renameSync(fresh, file);
  } finally {
    rmSync(fresh, { force: true });
  }
}

/** Forgets the server; the clone then has a ledger of its own again, or none. */
export function removeServerRecord(storeDir: string): void {
  rmSync(serverRecordFile(storeDir), { force: true });
}
