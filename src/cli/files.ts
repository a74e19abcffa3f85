import { readFile, stat, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { SkeinError } from "../core/base/errors.ts";
import { cliErrors } from "./errors.ts";
import type { CliIo } from "./io.ts";
import { NoUtf8Error, textOf } from "../core/base/utf8-text.ts";
import { needOwnMachine } from "./within.ts";

/** Reads a text file that a person named, or standard input for `-`. @throws {SkeinError} SKN-1008. */
export async function readGiven(path: string, maxBytes: number, io: CliIo): Promise<string> {
  if (path !== "-") {
    needOwnMachine(io.within, "Reading a file of yours");
  }
  try {
    return path === "-" ? await io.readInput() : await readText(resolve(io.cwd, path), maxBytes);
  } catch (error) {
    throw new SkeinError(cliErrors.unreadableFile, {
      message: `${path === "-" ? "Standard input" : JSON.stringify(path)} cannot be read: ${wordsOf(error)}.`,
      ...(error instanceof NoUtf8Error ? { fix: "Save it as UTF-8, and try again." } : {}),
      facts: { file: path },
      cause: error,
    });
  }
}

async function readText(file: string, maxBytes: number): Promise<string> {
  const stats = await stat(file);
  if (!stats.isFile()) {
    throw new Error("it is no file");
  }
  if (stats.size > maxBytes) {
    throw new Error(`it has ${String(stats.size)} bytes, more than ${String(maxBytes)}`);
  }
  return textOf(await readFile(file));
}

/** Writes a new file that a person named; an existing one is only replaced where they said so. @throws {SkeinError} SKN-1009. */
export async function writeGiven(
  path: string,
  text: string,
  { io, mayReplace }: { readonly io: CliIo; readonly mayReplace: boolean },
): Promise<void> {
  needOwnMachine(io.within, "Writing a file of yours");
  try {
    await writeFile(resolve(io.cwd, path), text, { flag: mayReplace ? "w" : "wx", mode: 0o600 });
  } catch (error) {
    const exists = error instanceof Error && "code" in error && error.code === "EEXIST";
    throw new SkeinError(cliErrors.unwritableFile, {
      message: `${JSON.stringify(path)} cannot be written: ${exists ? "it exists already" : wordsOf(error)}.`,
      ...(exists ? { fix: "Name a new file, or add `--yes` to replace it." } : {}),
      facts: { file: path },
      cause: error,
    });
  }
}

const systemWords: Readonly<Record<string, string>> = {
  ENOENT: "there is nothing of that name",
  ENOTDIR: "a part of its path is no folder",
  EISDIR: "it is a folder",
  EACCES: "this user may not",
  EPERM: "this user may not",
  EROFS: "the disk is read-only",
  ENOSPC: "the disk is full",
  ENAMETOOLONG: "its name is too long",
};

function wordsOf(error: unknown): string {
  if (!(error instanceof Error)) {
    return String(error);
  }
  const code = "code" in error ? String(error.code) : "";
  return systemWords[code] ?? error.message;
}
