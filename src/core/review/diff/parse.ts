import { SkeinError } from "../../base/errors.ts";
import { byteLength } from "../../base/text.ts";
import type { ChangedFile, Hunk } from "../change.ts";
import { diffErrors } from "./errors.ts";
import { readBinaryNotice, readGitHeader, readPlainHeader } from "./parse-header.ts";
import type { HeaderAt } from "./parse-header.ts";
import { opensHunk, readHunk } from "./parse-hunk.ts";
import { syntaxError } from "./syntax-error.ts";

/** The largest diff that is read, in bytes. */
export const maxDiffBytes: number = 10 * 1024 * 1024;

/**
 * Reads a unified diff, as git or `diff -u` writes it: renames, copies, modes, binary files, quoted paths, either line end. What stands
 * before, between and after the files (mails, log entries) is passed over; a text without any file is no diff. A file whose kind changed
 * (a file became a link) stands there twice, deleted and added.
 *
 * The text is hostile: what cannot be read for certain is refused, so that nothing hides from review.
 *
 * @throws {SkeinError} SKN-1861, SKN-1862 or SKN-1863.
 */
export function parseDiff(text: string): readonly ChangedFile[] {
  if (text.length > maxDiffBytes || byteLength(text) > maxDiffBytes) {
    throw new SkeinError(diffErrors.diffTooLarge);
  }
  const lines = text.split("\n");
  const files: ChangedFile[] = [];
  let at = 0;
  while (at < lines.length) {
    const header = readHeader(lines, at);
    if (header === null) {
      at += 1;
    } else {
      const { hunks, next } = readHunks(lines, header.next);
      if (header.hasHunks && hunks.length === 0) {
        throw syntaxError(header.next, "no hunk comes after the names of the file");
      }
      files.push({ ...header.file, hunks });
      at = next;
    }
  }
  // As of colours, of `--stat`, or a file named by mistake: to pass it as a change of nothing would hide all of it.
  if (files.length === 0 && text.trim() !== "") {
    throw new SkeinError(diffErrors.diffSyntax, { message: "The text has no unified diff in it." });
  }
  return files;
}

function readHeader(lines: readonly string[], at: number): HeaderAt | null {
  const line = lines[at] ?? "";
  if (/^(?:diff --(?:cc|combined) |@@@)/u.test(line)) {
    throw new SkeinError(diffErrors.diffCombined, { facts: { line: at + 1 } });
  }
  if (opensHunk(line)) {
    throw syntaxError(at, "this hunk belongs to no file");
  }
  if (line.startsWith("diff --git ")) {
    return readGitHeader(lines, at);
  }
  const isPlain = line.startsWith("--- ") && (lines[at + 1] ?? "").startsWith("+++ ");
  return isPlain ? readPlainHeader(lines, at) : readBinaryNotice(lines, at);
}

function readHunks(
  lines: readonly string[],
  start: number,
): { readonly hunks: readonly Hunk[]; readonly next: number } {
  const hunks: Hunk[] = [];
  let at = start;
  while (opensHunk(lines[at])) {
    const { hunk, next } = readHunk(lines, at);
    hunks.push(hunk);
    at = next;
  }
  return { hunks, next: at };
}
