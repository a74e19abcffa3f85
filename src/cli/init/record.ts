import { randomUUID } from "node:crypto";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readPlainFile } from "../../adapters/process/plain-file.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import { initErrors } from "./errors.ts";

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
  /** Tops of those in which somebody wanted to take Skein out and `init --remove` did not come to its end. */
  readonly leaving: readonly string[];
  /** Files that `init` made and had git pass over, in all worktrees; through no link. */
  readonly excluded: readonly string[];
  /** What a person named with `--agents`, for each worktree. */
  readonly chosen: readonly ChosenAgents[];
}

/** The agent programs that a person named for a worktree, and no others. */
export interface ChosenAgents {
  /** Its top. */
  readonly root: string;
  readonly agents: readonly string[];
}

/** The record's file, beside the store. */
export function recordPath(commonDir: string): string {
  return join(commonDir, "skein", "init.json");
}

/** No record of what is written into files of agent programs and git hooks comes near. */
const mostBytes = 16_777_216;

/**
 * Reads the record; an empty one when there is none or it is damaged: then the files themselves tell what is Skein's.
 *
 * @throws {SkeinError} SKN-2095 where something stands in its place that is no file to be read.
 */
export function readRecord(commonDir: string): InitRecord {
  const path = recordPath(commonDir);
  const found = readPlainFile(path, mostBytes);
  if (found.kind === "unusable") {
    throw new SkeinError(initErrors.notText, {
      message: `${path} ${found.why}: what \`skein init\` changed is noted there.`,
      fix: "Move it away, then run the command again.",
      facts: { file: path },
    });
  }
  return found.kind === "none" ? emptyRecord : (parseRecord(found.bytes) ?? emptyRecord);
}

/** True for something in its place of which nothing can be read. */
export function isRecordDamaged(commonDir: string): boolean {
  const found = readPlainFile(recordPath(commonDir), mostBytes);
  return found.kind === "bytes" ? parseRecord(found.bytes) === null : found.kind === "unusable";
}

/** True where somebody wanted to be rid of Skein in a worktree, and still is not. */
export function isLeaving(commonDir: string, root: string): boolean {
  return peekRecord(commonDir)?.leaving.includes(root) === true;
}

/** The record; null where nothing can be read of it. */
export function peekRecord(commonDir: string): InitRecord | null {
  const found = readPlainFile(recordPath(commonDir), mostBytes);
  return found.kind === "bytes" ? parseRecord(found.bytes) : null;
}

function parseRecord(bytes: Buffer): InitRecord | null {
  const data = parseLooseObject(bytes.toString());
  return isRecord(data)
    ? {
        ...data,
        worktrees: textsAt(data, "worktrees"),
        leaving: textsAt(data, "leaving"),
        excluded: textsAt(data, "excluded"),
        chosen: choicesIn(data),
      }
    : null;
}

export const emptyRecord: InitRecord = {
  files: [],
  folders: [],
  worktrees: [],
  leaving: [],
  excluded: [],
  chosen: [],
};

/** Puts a new file in its place, whatever stood there: nothing is written through a link or into a pipe. */
export function writeRecord(commonDir: string, record: InitRecord): void {
  const path = recordPath(commonDir);
  const { files, worktrees, excluded } = record;
  if (files.length + worktrees.length + excluded.length === 0) {
    rmSync(path, { force: true });
    return;
  }
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const fresh = `${path}.${randomUUID()}.skein-new`;
  writeFileSync(fresh, `${JSON.stringify(record, null, 1)}\n`, { mode: 0o600, flag: "wx" });
  renameSync(fresh, path);
}

/** Records of older versions name none. */
function textsAt(data: object, key: string): readonly string[] {
  const found = isLooseObject(data) ? ownValue(data, key) : null;
  return Array.isArray(found) ? found.filter((text) => typeof text === "string") : [];
}

function choicesIn(data: object): readonly ChosenAgents[] {
  const found = isLooseObject(data) ? ownValue(data, "chosen") : null;
  return Array.isArray(found)
    ? found.filter(isLooseObject).flatMap((choice) => {
        const root = ownValue(choice, "root");
        return typeof root === "string" ? [{ root, agents: textsAt(choice, "agents") }] : [];
      })
    : [];
}

function isRecord(data: unknown): data is Pick<InitRecord, "files" | "folders"> {
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
