import { readFileSync, statSync } from "node:fs";
import type { Stats } from "node:fs";
import { dirname } from "node:path";
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
  const stats = statsOf(path);
  if (stats === null) {
    checkWay(dirname(path), label);
    return null;
  }
  if (!stats.isFile()) {
    const sort = stats.isDirectory() ? "a folder, where a file belongs" : "no plain file";
    throw unreadable(label, `is ${sort}`);
  }
  if (stats.size > mostBytes) {
    throw unreadable(label, `has ${grouped(stats.size)} bytes, more than ${grouped(mostBytes)}`);
  }
  try {
    return textOf(readFileSync(path));
  } catch (error) {
    throw readFault(label, error);
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
  const stats = statsOf(path);
  if (stats?.isFile() !== true || stats.size > mostBytes) {
    return false;
  }
  try {
    return readFileSync(path).includes("skein");
  } catch {
    return true;
  }
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

function readFault(label: string, error: unknown): SkeinError {
  if (error instanceof NoUtf8Error) {
    const words = error.message.replace(/^it is /u, "is ");
    return unreadable(label, words, "Save it as UTF-8, then run `skein init` again.");
  }
  return unreadable(label, "may not be read by this user");
}

function unreadable(label: string, words: string, fix?: string): SkeinError {
  return new SkeinError(initErrors.notText, {
    message: `${label} ${words}.`,
    facts: { file: label },
    ...(fix === undefined ? {} : { fix }),
  });
}

/** As `262,144`. */
function grouped(count: number): string {
  return count.toLocaleString("en");
}
