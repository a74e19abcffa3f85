import { statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
import { readPlainFile } from "../../adapters/process/plain-file.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { NoUtf8Error, textOf } from "../../core/base/utf8-text.ts";
import { initErrors } from "./errors.ts";

/** No file of an agent program comes near; whoever wants to hold up a reader does. */
const mostBytes = 262_144;

/**
 * Reads a file of an agent program; null where there is none. What cannot be read as a text is refused: it would be written back as another.
 *
 * @param label how the file is called in messages.
 * @throws {SkeinError} SKN-2095.
 */
export function readAgentFile(path: string, label: string): string | null {
  const found = readPlainFile(path, mostBytes);
  switch (found.kind) {
    case "none":
      checkWay(dirname(path), label);
      return null;
    case "unusable":
      throw unreadable(label, found.why);
    case "bytes":
      return labelledText(label, found.bytes);
    default:
      return found satisfies never;
  }
}

/** The text of a file; null where there is none that can be read. */
export function readableText(path: string): string | null {
  try {
    return readAgentFile(path, path);
  } catch (error) {
    if (error instanceof SkeinError) {
      return null;
    }
    throw error;
  }
}

/** True for a file that holds Skein's name, be it no text, or may hold it; false where there is none, or one larger than any that `init` writes. */
export function namesSkein(path: string): boolean {
  const found = readPlainFile(path, mostBytes);
  return found.kind === "bytes"
    ? found.bytes.includes("skein")
    : found.kind === "unusable" && found.cause !== undefined;
}

function statsOf(path: string): Stats | null {
  try {
    return statSync(path, { throwIfNoEntry: false }) ?? null;
  } catch {
    return null;
  }
}

/** A file that stands where a folder belongs would be noticed when half of all is written. */
function checkWay(folder: string, label: string): void {
  const stats = statsOf(folder);
  if (stats === null && dirname(folder) !== folder) {
    checkWay(dirname(folder), label);
  } else if (stats?.isDirectory() === false) {
    throw unreadable(label, `cannot be there: ${folder} is a file, where a folder belongs`);
  }
}

function labelledText(label: string, bytes: Buffer): string {
  try {
    return textOf(bytes);
  } catch (error) {
    if (error instanceof NoUtf8Error) {
      const words = error.message.replace(/^it is /u, "is ");
      throw unreadable(label, words, "Save it as UTF-8, then run `skein init` again.");
    }
    throw error;
  }
}

function unreadable(label: string, words: string, fix?: string): SkeinError {
  return new SkeinError(initErrors.notText, {
    message: `${label} ${words}.`,
    facts: { file: label },
    ...(fix === undefined ? {} : { fix }),
  });
}
