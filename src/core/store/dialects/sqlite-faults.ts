import { SkeinError } from "../../base/errors.ts";
import type { ErrorEntry } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";

/** SQLite's primary result codes that say something about the file rather than about a statement. */
const faults: ReadonlyMap<number, { readonly name: string; readonly entry: ErrorEntry }> = new Map([
  [3, { name: "SQLITE_PERM", entry: storeErrors.readOnly }],
  [5, { name: "SQLITE_BUSY", entry: storeErrors.busy }],
  [6, { name: "SQLITE_LOCKED", entry: storeErrors.busy }],
  [8, { name: "SQLITE_READONLY", entry: storeErrors.readOnly }],
  [10, { name: "SQLITE_IOERR", entry: storeErrors.inputOutput }],
  [11, { name: "SQLITE_CORRUPT", entry: storeErrors.broken }],
  [13, { name: "SQLITE_FULL", entry: storeErrors.full }],
  [14, { name: "SQLITE_CANTOPEN", entry: storeErrors.cannotOpen }],
  [15, { name: "SQLITE_PROTOCOL", entry: storeErrors.busy }],
  [22, { name: "SQLITE_NOLFS", entry: storeErrors.full }],
  [24, { name: "SQLITE_FORMAT", entry: storeErrors.broken }],
  [26, { name: "SQLITE_NOTADB", entry: storeErrors.foreign }],
]);

/** True when another process holds a lock, so that trying again helps. */
export function isBusy(error: unknown): boolean {
  return entryOf(error) === storeErrors.busy;
}

/** True when an error of the driver belongs to an entry of the catalogue. */
export function isFault(error: unknown, entry: ErrorEntry): boolean {
  return entryOf(error) === entry;
}

/** Puts a fault of the file into Skein's words; anything else comes back as it is. */
export function explainSqlite(error: unknown, file: string): unknown {
  const entry = entryOf(error);
  if (entry === null) {
    return error;
  }
  return new SkeinError(entry, {
    message: `${entry.title} (${file})`,
    facts: { file, sqlite: codeOf(error) },
    ...(entry === storeErrors.busy ? { retryAfterMs: 250 } : {}),
    cause: error,
  });
}

/**
 * Runs the first looks at a file. Whatever the driver complains of there is the file's fault: its statements are known to be right, so
 * even SQLite's general error means a header or a schema that makes no sense.
 */
export function looking<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    const isGeneral = entryOf(error) === null && /^(?:SQLITE_|ERR_SQLITE)/u.test(codeOf(error));
    if (!isGeneral) {
      throw error;
    }
    throw new SkeinError(storeErrors.broken, {
      message: `${storeErrors.broken.title} (${file})`,
      facts: { file, sqlite: codeOf(error) },
      cause: error,
    });
  }
}

function entryOf(error: unknown): ErrorEntry | null {
  if (!(error instanceof Error)) {
    return null;
  }
  if ("errcode" in error && typeof error.errcode === "number") {
    return faults.get(error.errcode & 0xff)?.entry ?? null;
  }
  const code = codeOf(error);
  if (!code.startsWith("SQLITE_")) {
    return null;
  }
  for (const fault of faults.values()) {
    if (code === fault.name || code.startsWith(`${fault.name}_`)) {
      return fault.entry;
    }
  }
  return null;
}

/** The driver's own code, `SQLITE_BUSY_SNAPSHOT` or `ERR_SQLITE_ERROR 5`. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error)) {
    return "";
  }
  const number = "errcode" in error ? ` ${String(error.errcode)}` : "";
  return `${String(error.code)}${number}`;
}
