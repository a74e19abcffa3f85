import { lstatSync, readlinkSync } from "node:fs";
import { readPlainFile } from "../../adapters/process/plain-file.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { textOf } from "../../core/base/utf8-text.ts";
import { initErrors } from "./errors.ts";

/** A git hook as it stands in its folder. */
export interface HookFile {
  readonly text: string;
  readonly mode: number;
  /** Where it leads, as written there; null for a file of its own. */
  readonly link: string | null;
}

/** A hook that is bundled with what it needs is larger than other scripts. */
const mostBytes = 4_194_304;

/** Reads a git hook; null where there is none. @throws {SkeinError} SKN-2095 for what is no script of text: it would be written back as something else. */
export function readHook(path: string): HookFile | null {
  const found = readPlainFile(path, mostBytes);
  switch (found.kind) {
    case "none":
      return null;
    case "unusable":
      throw noScript(path, `${found.why}.`, "Move it away, then run `skein init` again.");
    case "bytes":
      return { text: scriptIn(path, found.bytes), mode: found.mode, link: linkOf(path) };
    default:
      return found satisfies never;
  }
}

/** The same; null, too, for what cannot be read. */
export function readableHook(path: string): HookFile | null {
  try {
    return readHook(path);
  } catch (error) {
    if (error instanceof SkeinError) {
      return null;
    }
    throw error;
  }
}

function scriptIn(path: string, bytes: Buffer): string {
  try {
    return textOf(bytes);
  } catch {
    const fix = "Put a script in its place that calls it, then run `skein init` again.";
    throw noScript(path, "is no script of text in UTF-8.", fix);
  }
}

function noScript(path: string, words: string, fix: string): SkeinError {
  return new SkeinError(initErrors.notText, {
    message: `${path} ${words}`,
    fix,
    facts: { file: path },
  });
}

function linkOf(path: string): string | null {
  return lstatSync(path).isSymbolicLink() ? readlinkSync(path) : null;
}
