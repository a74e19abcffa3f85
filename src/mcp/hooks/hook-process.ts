import { readSync, writeSync } from "node:fs";
import { quickestDriver } from "../../core/store/index.ts";
import type { OpenSqlite } from "../../core/store/index.ts";
import { payloadLimit } from "./payload.ts";
import { runHook } from "./run-hook.ts";

/** One run of a hook in this process, from its standard input to its standard output. */
export interface HookProcess {
  /** Runs it and tells the exit code. */
  run(argv: readonly string[]): Promise<number>;
  /** The ways that the run has taken so far, as bits. */
  kinds(): number;
}

const ways = { begun: 1, asked: 2, wrote: 4, said: 8 } as const;

export function createHookProcess(): HookProcess {
  let kinds: number = ways.begun;
  const openDriver = quickestDriver();

  const openSeen: OpenSqlite = (file) => {
    const driver = openDriver(file);
    kinds |= ways.asked;
    return {
      prepare: (sql) => {
        kinds |= sql.startsWith("INSERT") ? ways.wrote : 0;
        return driver.prepare(sql);
      },
      exec: (sql) => driver.exec(sql),
      close: () => driver.close(),
    };
  };
  const run = async (argv: readonly string[]): Promise<number> => {
    // Node marks its own SQLite as new with a line on standard error, where hosts show it to people.
    process.removeAllListeners("warning");
    return runHook(argv, {
      cwd: process.cwd(),
      env: process.env,
      readInput,
      openDriver: openSeen,
      out: (text) => {
        kinds |= ways.said;
        writeOut(1, `${text}\n`);
      },
      warn: (line) => {
        writeOut(2, `${line}\n`);
      },
    });
  };
  return { run, kinds: () => kinds };
}

/** Node's own streams take milliseconds to load. */
function writeOut(descriptor: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length;) {
    at += retried(() => writeSync(descriptor, bytes, at));
  }
}

/** Reads standard input to its end, or gives up past what a hook reads. */
function readInput(): string | null {
  const parts: Buffer[] = [];
  let size = 0;
  for (;;) {
    const part = Buffer.alloc(65_536);
    const count = readPart(part);
    if (count === 0) {
      return Buffer.concat(parts).toString("utf8");
    }
    size += count;
    if (size > payloadLimit) {
      return null;
    }
    parts.push(part.subarray(0, count));
  }
}

function readPart(part: Buffer): number {
  try {
    return retried(() => readSync(0, part));
  } catch (error) {
    if (codeOf(error) === "EOF") {
      return 0;
    }
    throw error;
  }
}

/** A pipe that does not block may have nothing yet, or no room: then it is tried again in a millisecond. */
function retried(act: () => number): number {
  for (;;) {
    try {
      return act();
    } catch (error) {
      if (codeOf(error) !== "EAGAIN") {
        throw error;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : null;
}
