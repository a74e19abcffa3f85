import { showHidden } from "../base/text.ts";
import type { ReviewAnchor } from "../hosting/index.ts";
import type { ChangedFile, Finding } from "../review/index.ts";

/** Longer ones are work for a person. */
const mostLines = 6;
const mostChars = 1_000;

/**
 * The code that a person may take over with one click, or null. Only where it applies cleanly: a finding that the vote published, on lines of
 * the new side that are, sign by sign, what it quotes and no others; a few lines that differ from these.
 */
export function suggestionFor(
  { suggestion, quoted, decision }: Finding,
  anchor: ReviewAnchor | null,
  files: readonly ChangedFile[],
): string | null {
  if (suggestion === undefined || decision !== "published" || !isSafeSuggestion(suggestion)) {
    return null;
  }
  const lines = anchor === null ? null : linesAt(anchor, files);
  const meant = quoted.replace(/\n$/u, "");
  return lines !== null && lines === meant && suggestion !== meant ? suggestion : null;
}

/** A line that another bot which reads the comment would take for a command, as `/approve`; a path or an expression goes on with signs. */
const command = /^\s*\/[a-z][\w-]*(?:\s|$)/iu;

/** Short, with nothing in it that cannot be seen or commands some bot, and nothing that ends the block it stands in. */
export function isSafeSuggestion(text: string): boolean {
  return (
    text.length <= mostChars &&
    text.split("\n").length <= mostLines &&
    !text.includes("```") &&
    text.split("\n").every((line) => showHidden(line) === line && !command.test(line))
  );
}

/** The text of the lines that a comment stands on; null where they are not all in one hunk of the new side. */
function linesAt(anchor: ReviewAnchor, files: readonly ChangedFile[]): string | null {
  if (anchor.kind !== "line" || anchor.side !== "new") {
    return null;
  }
  const { path, line, startLine } = anchor;
  const first = startLine ?? line;
  const file = files.find((each) => each.path === path);
  for (const { lines } of file?.hunks ?? []) {
    const found = lines.filter(
      ({ newLine }) => newLine !== null && newLine >= first && newLine <= line,
    );
    if (found.length === line - first + 1) {
      return found.map(({ text }) => text).join("\n");
    }
  }
  return null;
}
