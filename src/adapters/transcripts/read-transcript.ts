import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";

import { parseTranscript } from "../../core/costs/index.ts";
import type { Transcript } from "../../core/costs/index.ts";

/** The most bytes of a record that are read, from its end: more than any session writes in a day. */
const mostBytes = 64 * 1024 * 1024;

/** Reads the end of a host's record; null when the file is no plain file, cannot be read or is empty. */
export function readTranscript(file: string): Transcript | null {
  const text = readEnds(file, { from: "end", bytes: mostBytes });
  return text === null ? null : parseTranscript(text);
}

/** Reads the beginning of a host's record: whose it is and where it stood. */
export function readTranscriptHead(file: string): Transcript | null {
  const text = readEnds(file, { from: "start", bytes: 256 * 1024 });
  return text === null ? null : parseTranscript(text);
}

interface Part {
  readonly from: "start" | "end";
  readonly bytes: number;
}

/** A device or a pipe would make the reader wait: neither is opened for good. */
function readEnds(file: string, { from, bytes }: Part): string | null {
  let handle: number | null = null;
  try {
    handle = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
    const stats = fstatSync(handle);
    if (!stats.isFile() || stats.size === 0) {
      return null;
    }
    const length = Math.min(stats.size, bytes);
    const buffer = Buffer.alloc(length);
    const read = readSync(handle, buffer, 0, length, from === "end" ? stats.size - length : 0);
    return buffer.toString("utf8", 0, read);
  } catch {
    return null;
  } finally {
    if (handle !== null) {
      closeSync(handle);
    }
  }
}
