import { readFileSync, statSync } from "node:fs";
import { ownText, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { hostId } from "../process/probe.ts";
import { readBootId } from "../process/clock.ts";
import { readOwnFile } from "../process/own-file.ts";
import { hasEnded, readProcessStat } from "../process/stat.ts";

/** A server of the same user on this machine, as it announced itself beside the store. */
export interface LocalServer {
  readonly url: string;
  /** The file with the token of this machine. */
  readonly tokenFile: string;
  readonly version: string;
  /** The file of the database that it serves. */
  readonly store: string;
  readonly pid: number;
  /** When its process began, as the system counts; empty where that is not known. */
  readonly startedAt: string;
}

/** What a process is doing: `frozen` is stopped by a signal, and goes on with another. */
export type ProcessState = "running" | "frozen" | "gone";

/**
 * Reads the announcement in a store's folder; null where no server of this user, host and boot announced itself. Whether its process still
 * is that one says `stateOf`.
 */
export function readLocalServer(file: string): LocalServer | null {
  // Nobody else's word counts: a file that others can read or write names no server.
  const found = readOwnFile(file, "nothing");
  const object = found.kind === "text" ? parseLooseObject(found.text) : null;
  const pid = object === null ? null : ownValue(object, "pid");
  if (object === null || !isOfThisBoot(object) || !isPid(pid)) {
    return null;
  }
  const textOf = (key: string): string => ownText(object, key) ?? "";
  const server = {
    url: textOf("url"),
    tokenFile: textOf("token_file"),
    version: textOf("version"),
    store: textOf("store"),
    pid,
  };
  return Object.values(server).includes("") ? null : { ...server, startedAt: textOf("started_at") };
}

function isOfThisBoot(object: LooseObject): boolean {
  return ownText(object, "host") === hostId() && ownText(object, "boot_id") === readBootId();
}

function isPid(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value > 1;
}

/**
 * Looks at the process of a server: another one of the same number is `gone`. Where the system does not show processes as files, one that is
 * there counts as running.
 */
export function stateOf({ pid, startedAt }: Pick<LocalServer, "pid" | "startedAt">): ProcessState {
  if (process.platform !== "linux") {
    return isThere(pid) ? "running" : "gone";
  }
  const stat = readProcessStat(pid);
  const isOther = startedAt !== "" && stat?.startedAt !== startedAt;
  if (stat === null || isOther || hasEnded(stat)) {
    return "gone";
  }
  return stat.state === "T" ? "frozen" : "running";
}

/** The byte that whoever writes to a database locks in the file beside it (https://sqlite.org/walformat.html, 2.3). */
const writeByte = "120";

/** True when a process holds the lock with which a SQLite database in WAL mode is written; false where the system does not tell. */
export function holdsWriteLock(pid: number, database: string): boolean {
  const shared = statSync(`${database}-shm`, { throwIfNoEntry: false });
  if (process.platform !== "linux" || shared === undefined) {
    return false;
  }
  return readLocks().some((line) => {
    const [, kind, , mode, holder, place, first] = line.trim().split(/\s+/u);
    return (
      kind === "POSIX" &&
      mode === "WRITE" &&
      holder === String(pid) &&
      first === writeByte &&
      place?.endsWith(`:${String(shared.ino)}`) === true
    );
  });
}

function readLocks(): readonly string[] {
  try {
    return readFileSync("/proc/locks", "utf8").split("\n");
  } catch {
    return [];
  }
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
