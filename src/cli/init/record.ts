import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";

/** How a file was before `init` and how `init` left it. */
export interface RecordedFile {
  readonly path: string;
  /** Null when there was none. */
  readonly before: string | null;
  readonly beforeMode: number | null;
  readonly after: string | null;
}

/** What `init` did in this repository, so that `--remove` can give back each byte. */
export interface InitRecord {
  readonly files: readonly RecordedFile[];
  /** Folders that `init` made, the outer ones first. */
  readonly folders: readonly string[];
  /** Tops of the worktrees in which `init` ran. */
  readonly worktrees: readonly string[];
}

/** The record's file, beside the store. */
export function recordPath(commonDir: string): string {
  return join(commonDir, "skein", "init.json");
}

/** Reads the record; an empty one when there is none or it is damaged: then the files themselves tell what is Skein's. */
export function readRecord(commonDir: string): InitRecord {
  return readSound(commonDir) ?? emptyRecord;
}

/** True for a record that is not there, or of which nothing can be read. */
export function isRecordDamaged(commonDir: string): boolean {
  return readSound(commonDir) === null;
}

function readSound(commonDir: string): InitRecord | null {
  try {
    const data: unknown = JSON.parse(readFileSync(recordPath(commonDir), "utf8"));
    return isRecord(data) ? { ...data, worktrees: worktreesOf(data) } : null;
  } catch {
    return null;
  }
}

export const emptyRecord: InitRecord = { files: [], folders: [], worktrees: [] };

export function writeRecord(commonDir: string, record: InitRecord): void {
  const path = recordPath(commonDir);
  if (record.files.length === 0 && record.worktrees.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(path, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600 });
}

/** Records of older versions name none. */
function worktreesOf(data: object): readonly string[] {
  const found = isLooseObject(data) ? ownValue(data, "worktrees") : null;
  return Array.isArray(found) ? found.filter((root) => typeof root === "string") : [];
}

function isRecord(data: unknown): data is Omit<InitRecord, "worktrees"> {
  if (!isLooseObject(data)) {
    return false;
  }
  const files = ownValue(data, "files");
  const folders = ownValue(data, "folders");
  return (
    Array.isArray(files) &&
    files.every(isRecordedFile) &&
    Array.isArray(folders) &&
    folders.every((folder) => typeof folder === "string")
  );
}

function isRecordedFile(file: unknown): file is RecordedFile {
  if (!isLooseObject(file)) {
    return false;
  }
  const mode = ownValue(file, "beforeMode");
  return (
    typeof ownValue(file, "path") === "string" &&
    isTextOrNull(ownValue(file, "before")) &&
    isTextOrNull(ownValue(file, "after")) &&
    (mode === null || typeof mode === "number")
  );
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === "string";
}
