import type { ReviewAnchor } from "../hosting/index.ts";
import type { ChangedFile, Finding, Hunk } from "../review/index.ts";

/**
 * Where a finding's comment stands on a code host: on the lines of one hunk and one side, else on its file; null where the diff has no such
 * file, so that only the summary can show it.
 */
export function anchorOf(finding: Finding, files: readonly ChangedFile[]): ReviewAnchor | null {
  const file = files.find(({ path }) => path === finding.path);
  if (file === undefined || finding.placement === "summary") {
    return null;
  }
  return (
    (finding.placement === "line" ? lineAnchor(finding, file) : null) ?? {
      kind: "file",
      path: file.path,
    }
  );
}

function lineAnchor({ line, endLine }: Finding, file: ChangedFile): ReviewAnchor | null {
  const side = file.kind === "deleted" ? "old" : "new";
  const hunk = file.hunks.find((each) => hasLine(each, side, line));
  if (hunk === undefined) {
    return null;
  }
  // A range that leaves its hunk is refused as a whole: it becomes its first line.
  const isRange = endLine > line && hasLine(hunk, side, endLine);
  return {
    kind: "line",
    path: file.path,
    side,
    line: isRange ? endLine : line,
    startLine: isRange ? line : null,
  };
}

function hasLine({ lines }: Hunk, side: "old" | "new", number: number): boolean {
  return lines.some(({ oldLine, newLine }) => (side === "old" ? oldLine : newLine) === number);
}
