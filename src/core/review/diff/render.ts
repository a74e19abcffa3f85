import { showHidden } from "../../base/text.ts";
import type { ChangedFile, DiffLine, Hunk } from "../change.ts";
import { numberOf } from "./lines.ts";

/**
 * Writes a file's hunks as reviewers read them: each line with its real number on the new side (in a deleted file: the old one), its sign
 * and its text. Characters that cannot be seen are written as `<U+202E>`, so that none can hide, move or end a line.
 */
export function renderFile(file: ChangedFile): string {
  return [renderFileHead(file), ...file.hunks.map((hunk) => renderHunk(file, hunk))].join("\n");
}

/** The line above a file's hunks. */
export function renderFileHead({ path, oldPath, kind }: ChangedFile): string {
  const from = oldPath === null ? "" : ` from ${showHidden(oldPath)}`;
  return `=== ${showHidden(path)} (${kind}${from})`;
}

export function renderHunk(file: ChangedFile, hunk: Hunk): string {
  const head = `@@ ${showHidden(hunk.section)}`.trimEnd();
  return [head, ...hunk.lines.map((line) => renderLine(file, line))].join("\n");
}

const signs = { added: "+", removed: "-", context: " " } as const;

function renderLine(file: ChangedFile, line: DiffLine): string {
  const number = numberOf(file, line);
  const shown = number === null ? "" : String(number);
  return `${shown.padStart(6)} |${signs[line.kind]}${showHidden(line.text)}`;
}
