import { constants } from "node:fs";
import { mkdir, open } from "node:fs/promises";
import { dirname } from "node:path";

import { SkeinError } from "../../core/base/errors.ts";
import type { Cassette, Recorded } from "../../core/models/index.ts";
import { readTakes, takeLine } from "./cassette-line.ts";
import { cassetteErrors } from "./errors.ts";

/**
 * Keeps answers in one file, a line of JSON each, readable by its owner alone. A later line stands for an earlier one of the same key.
 *
 * A line is appended in one write and is on the disk before `keep` resolves. What a crash leaves of a line is passed over, and other
 * processes may append at the same time: their lines are seen when a key is not found. The file must be no symbolic link.
 *
 * @throws {SkeinError} SKN-7981 from `keep`.
 */
export function createCassetteFile(path: string): Cassette {
  const takes = new Map<string, Recorded>();
  let readBytes = 0;
  let last: Promise<unknown> = Promise.resolve();

  const readOn = async (): Promise<void> => {
    const { text, from } = await readTail(path, readBytes);
    // What stands behind the last line break is no line yet.
    const lines = text.slice(0, text.lastIndexOf("\n") + 1);
    readBytes = from + Buffer.byteLength(lines);
    for (const [key, recorded] of readTakes(lines)) {
      takes.set(key, recorded);
    }
  };
  return {
    find: async (key) => {
      await last;
      if (!takes.has(key)) {
        await readOn();
      }
      return takes.get(key) ?? null;
    },
    keep: async (key, recorded) => {
      const mine = last.then(async () => append(path, takeLine(key, recorded)));
      // A write that failed is told to whoever asked for it, and does not stand in the way of the next.
      last = mine.catch(() => null);
      await mine;
      takes.set(key, recorded);
    },
  };
}

interface Tail {
  readonly text: string;
  /** Where it begins, in bytes: at the start when the file has become shorter. */
  readonly from: number;
}

/** What a file has from some byte on; nothing where there is no file. */
async function readTail(path: string, fromByte: number): Promise<Tail> {
  const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW).catch(() => null);
  if (file === null) {
    return { text: "", from: 0 };
  }
  try {
    const { size } = await file.stat();
    const from = size < fromByte ? 0 : fromByte;
    const bytes = Buffer.alloc(size - from);
    const { bytesRead } = await file.read(bytes, 0, bytes.length, from);
    return { text: bytes.toString("utf8", 0, bytesRead), from };
  } finally {
    await file.close();
  }
}

async function append(path: string, line: string): Promise<void> {
  try {
    await appendLine(path, line);
  } catch (error) {
    throw new SkeinError(cassetteErrors.notKept, {
      message: `An answer of a model could not be kept in ${path}.`,
      facts: { path },
      cause: error,
    });
  }
}

async function appendLine(path: string, line: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const { O_APPEND, O_CREAT, O_RDWR, O_NOFOLLOW } = constants;
  const file = await open(path, O_APPEND | O_CREAT | O_RDWR | O_NOFOLLOW, 0o600);
  try {
    const { size } = await file.stat();
    const end = Buffer.alloc(1);
    await file.read(end, 0, 1, Math.max(size - 1, 0));
    const isTorn = size > 0 && end.toString() !== "\n";
    await file.write(`${isTorn ? "\n" : ""}${line}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}
