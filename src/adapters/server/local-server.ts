import { readFileSync, statSync } from "node:fs";
import { hasEnded, readProcessStat } from "../process/stat.ts";
import { readAnnounced } from "./announced.ts";

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

/** What of a process tells it from a later one of the same number. */
export type NamedProcess = Pick<LocalServer, "pid" | "startedAt">;

/** What a process is doing: `frozen` is stopped by a signal, and goes on with another. */
export type ProcessState = "running" | "frozen" | "gone";

/**
 * Reads the announcement in a store's folder; null where no server of this user, host and boot announced itself. Whether its process still
 * is that one says `stateOf`.
 */
export function readLocalServer(file: string): LocalServer | null {
  const announced = readAnnounced(file, ["url", "token_file", "version", "store"]);
  if (announced === null) {
    return null;
  }
  const { text, process: found } = announced;
  return {
    url: text("url"),
    tokenFile: text("token_file"),
    version: text("version"),
    store: text("store"),
    pid: found.pid,
    startedAt: found.startedAt,
  };
}

/**
 * Looks at the process of a server: another one of the same number is `gone`. Where the system does not show processes as files, one that is
 * there counts as running.
 */
export function stateOf({ pid, startedAt }: NamedProcess): ProcessState {
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
