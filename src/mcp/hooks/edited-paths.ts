import { homedir } from "node:os";
import { join, normalize } from "node:path";
import { ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { HookCall } from "./payload.ts";

/** The fields in which hosts name the file that a tool writes. */
const pathFields = ["file_path", "notebook_path", "filePath", "absolute_path", "path"] as const;

/** The fields in which a patch travels. */
const patchFields = ["command", "input", "patch", "patchText", "patch_text"] as const;

/** The most paths that one call may name; beyond it the rest is left to the check at commit. */
const pathLimit = 1_000;

/** No system opens a longer path. */
const lengthLimit = 4_096;

/** The paths that a call is about to write, as the host wrote them and as it reads them, both sides of a move; each once. */
export function editedPaths({ input }: HookCall): readonly string[] {
  const named = pathFields.flatMap((field) => readingsOf(ownText(input, field) ?? ""));
  const patched = patchFields.flatMap((field) => textsOf(input, field).flatMap(patchedPaths));
  const paths = [...named, ...listedPaths(input), ...patched];
  return [...new Set(paths.map(shortened))]
    .filter((path) => path !== "" && path.length <= lengthLimit && !path.includes("\0"))
    .slice(0, pathLimit);
}

/** A patch may travel as the words of a command, too: `["apply_patch", "*** Begin Patch …"]`. */
function textsOf(input: LooseObject, field: string): readonly string[] {
  const value = ownValue(input, field);
  const texts = Array.isArray(value) ? value : [value];
  return texts.filter((text) => typeof text === "string");
}

/** Hosts take blanks off a path, and put the home of their user for `~`: whichever file it then is may be another's. */
function readingsOf(path: string): readonly string[] {
  const trimmed = path.trim();
  const atHome = /^~(?:[\\/](.*))?$/su.exec(trimmed);
  return [path, trimmed, ...(atHome === null ? [] : [join(homedir(), atHome[1] ?? "")])];
}

/** A host that takes `x/..` out by text opens what the system would find too long. */
function shortened(path: string): string {
  return path.length > lengthLimit ? normalize(path) : path;
}

const header = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to):(.*)$/u;

/**
 * The paths of a patch in Codex's form. A line is a header whatever blanks stand around it, anywhere in the patch: so Codex reads it.
 * Text of the files is told by the sign before it.
 */
export function patchedPaths(patch: string): readonly string[] {
  const lines = patch.split("\n").map((line) => line.replaceAll(blanksAround, ""));
  const begin = lines.indexOf("*** Begin Patch");
  if (begin === -1) {
    return [];
  }
  return lines.slice(begin + 1).flatMap((line) => {
    const path = header.exec(line)?.[1]?.trim();
    return path === undefined || path === "" ? [] : [path];
  });
}

/** What Codex calls white space: to JavaScript U+0085 is none. */
const blanksAround = /^[\s\u0085]+|[\s\u0085]+$/gu;

function listedPaths(input: LooseObject): readonly string[] {
  return Array.isArray(ownValue(input, "files")) ? textsOf(input, "files") : [];
}
