import type { ChangedFile } from "../change.ts";
import type { Check, Fault } from "./check.ts";

/** `=======` alone is a heading in some texts; each conflict has one of these. */
const marker = /^(?:<{7}|>{7}|\|{7})(?: |$)/u;

/** Finds the marks of an unfinished merge in added lines: one finding for each conflict. */
export const findConflictMarkers: Check = (files) => files.flatMap(markersOf);

function markersOf(file: ChangedFile): readonly Fault[] {
  const marked = file.hunks.flatMap(({ lines }) =>
    lines.filter(({ kind, text }) => kind === "added" && marker.test(text)),
  );
  const starts = marked.filter(({ text }) => text.startsWith("<"));
  return (starts.length > 0 ? starts : marked.slice(0, 1)).map(({ newLine, text }) => ({
    path: file.path,
    line: newLine ?? 1,
    endLine: newLine ?? 1,
    severity: "high",
    category: "correctness",
    title: "A merge conflict is left in the file",
    body: "The line is a mark that git leaves where two sides could not be merged. Settle the conflict and take the marks out.",
    quoted: text,
    placement: "line",
  }));
}
