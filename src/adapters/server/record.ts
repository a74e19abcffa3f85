import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import { ownText, parseLooseObject } from "../../core/base/loose-object.ts";
import { readOwnFile } from "../process/own-file.ts";
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
  const found = readOwnFile(file, "read");
  if (found.kind === "none") {
    return null;
  }
  if (found.kind === "unusable") {
    throw isForeign(found.cause)
      ? foreign(storeDir, found.cause)
      : bad(file, found.why, found.cause);
  }
  const object = parseLooseObject(found.text);
  const url = object === null ? null : ownText(object, "url");
  if (object === null || url === null) {
    throw bad(file, "It is no note of a server.");
  }
  return { url, token: ownText(object, "token") };
}

/** Whether there is such a file at all cannot be seen: the folder is its owner's alone. */
function isForeign(cause: unknown): boolean {
  return cause instanceof Error && "code" in cause && cause.code === "EACCES";
}

function foreign(storeDir: string, cause: unknown): SkeinError {
  return new SkeinError(serverErrors.badRecord, {
    message: `This user may not look into ${storeDir}.`,
    fix: "Run Skein as the user who ran `skein init` here, or give that folder to this user.",
    facts: { folder: storeDir },
    cause,
  });
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
