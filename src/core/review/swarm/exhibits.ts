import type { Cluster, Place } from "../candidate.ts";
import type { ChangedFile, DiffLine, Hunk } from "../change.ts";
import { renderHunk } from "../diff/render.ts";
import type { Exhibit } from "../prompts/vote.ts";

/** Lines shown before and behind a claim's place. */
const around = 15;
/** A line longer than this is cut: one minified line would fill the prompt. */
const maxCodeChars = 2_400;

/** Shows a cluster with the changed code around its place. */
export function exhibitOf(cluster: Cluster, files: readonly ChangedFile[]): Exhibit {
  const code = codeAround(cluster.primary.claim, files);
  return {
    cluster,
    code: code.length > maxCodeChars ? `${code.slice(0, maxCodeChars)}\n[cut]` : code,
  };
}

function codeAround(place: Place, files: readonly ChangedFile[]): string {
  const own = files.filter(({ path, oldPath }) => path === place.path || oldPath === place.path);
  const shown = own.flatMap((file) =>
    file.hunks.flatMap((hunk) => {
      const part = near(hunk, place);
      return part === null ? [] : [renderHunk(file, part)];
    }),
  );
  if (shown.length > 0) {
    return shown.join("\n");
  }
  return own.length === 0
    ? "(the change has no such file)"
    : "(the change has no lines near this place)";
}

/** The part of a hunk that lies near a place; null when none does. */
function near(hunk: Hunk, { line, endLine }: Place): Hunk | null {
  const isNear = (number: number | null): boolean =>
    number !== null && number >= line - around && number <= endLine + around;
  const lines = hunk.lines.filter(
    ({ newLine, oldLine }: DiffLine) => isNear(newLine) || (newLine === null && isNear(oldLine)),
  );
  return lines.length === 0 ? null : { ...hunk, lines };
}
