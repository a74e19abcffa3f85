import {
  closeSync,
  constants,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { ownText, ownValue, parseLooseObject } from "../../core/base/loose-object.ts";

/** What the programs of one clone tell each other of a server that cannot be reached: whoever finds the mark does not try for long. */
export interface AwayMark {
  /** True when somebody found the server away in the last half minute, and nobody reached it since. */
  isSet(): boolean;
  set(): void;
  clear(): void;
}

/** How long a mark counts, in milliseconds. It spares repetitions only: every call goes out once, so a server that is back is found at once. */
const markMs = 30_000;

export interface AwayMarkDeps {
  /** Where the clone keeps its coordination; null: the mark is this process's own. */
  readonly storeDir: string | null;
  /** The server's origin: a mark is of one server. */
  readonly origin: string;
  /** The wall clock, which all processes share. */
  readonly nowMs: () => number;
}

/** A mark that cannot be written or read is none: it saves time and nothing else. */
export function createAwayMark({ storeDir, origin, nowMs }: AwayMarkDeps): AwayMark {
  const file = storeDir === null ? null : join(storeDir, "server-away.json");
  // Only where it cannot be written down: another program of the clone may take it back.
  let ownMs: number | null = null;
  return {
    isSet: () => {
      const sinceMs = (file === null ? null : readMark(file, origin)) ?? ownMs;
      // A mark of the future is of a clock that was set back.
      return sinceMs !== null && sinceMs <= nowMs() && nowMs() - sinceMs < markMs;
    },
    set: () => {
      const atMs = nowMs();
      const isWritten = file !== null && writeMark(file, JSON.stringify({ origin, at_ms: atMs }));
      ownMs = isWritten ? null : atMs;
    },
    clear: () => {
      ownMs = null;
      if (file !== null) {
        removeMark(file);
      }
    },
  };
}

function removeMark(file: string): void {
  try {
    rmSync(file, { force: true });
  } catch {
    // It ends by itself soon.
  }
}

function readMark(file: string, origin: string): number | null {
  const object = parseLooseObject(readOwn(file) ?? "");
  const atMs = object === null ? null : ownValue(object, "at_ms");
  const isOurs = object !== null && ownText(object, "origin") === origin;
  return isOurs && typeof atMs === "number" && Number.isFinite(atMs) ? atMs : null;
}

function readOwn(file: string): string | null {
  return withFile(
    file,
    constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    (descriptor) => {
      const stats = fstatSync(descriptor);
      return stats.isFile() && stats.size <= 4_096 ? readFileSync(descriptor, "utf8") : null;
    },
  );
}

/** False when it cannot be written. */
function writeMark(file: string, text: string): boolean {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC | constants.O_NOFOLLOW;
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  } catch {
    return false;
  }
  const written = withFile(file, flags, (descriptor) => writeSync(descriptor, text));
  return written !== null;
}

function withFile<T>(file: string, flags: number, work: (descriptor: number) => T): T | null {
  let descriptor: number | null = null;
  try {
    descriptor = openSync(file, flags, 0o600);
    return work(descriptor);
  } catch {
    return null;
  } finally {
    if (descriptor !== null) {
      closeSync(descriptor);
    }
  }
}
