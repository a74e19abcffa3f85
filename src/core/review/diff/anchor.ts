import type { Claim } from "../candidate.ts";
import type { ChangedFile } from "../change.ts";
import type { Placement } from "../finding.ts";
import { showHidden } from "../../base/text.ts";
import { findQuoted } from "./find-quoted.ts";
import type { Occurrence } from "./find-quoted.ts";

/** Where a claim is shown. */
export interface Anchor {
  /** As in the diff; as claimed where the diff has no such file. */
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly placement: Placement;
}

/** What an anchor is made from. */
export type Anchored = Pick<Claim, "path" | "line" | "endLine" | "quoted">;

/** Of several places with the same text, one this near to the claimed line is meant. */
const nearLines = 10;

/**
 * Finds where a claim belongs by the code that it quotes; the line it names is a hint, since a model counts badly and a wrong line can be a
 * valid one. Quoted once in the file's hunks: there. Several times: the nearest, if within 10 lines. Else the claim is shown with its file,
 * and with the summary where the diff has no such file; it is never lost.
 */
export function anchorClaim(claim: Anchored, files: readonly ChangedFile[]): Anchor {
  const own = filesNamed(claim.path, files);
  const [file] = own;
  if (file === undefined) {
    return { ...placeOf(claim), path: claim.path, placement: "summary" };
  }
  const found = own.flatMap((each) => findQuoted(each, claim.quoted));
  const meant = meantOf(found, claim);
  if (meant === null) {
    return { ...placeOf(claim), path: file.path, placement: "file" };
  }
  return {
    path: file.path,
    line: meant.line,
    endLine: endOf(meant, claim),
    placement: "line",
  };
}

/** By its path, else by the one it was renamed from; `./`, `a/` and `b/` before it are forgiven. */
function filesNamed(path: string, files: readonly ChangedFile[]): readonly ChangedFile[] {
  const names = [path, path.replace(/^\.\//u, ""), path.replace(/^[ab]\//u, "")];
  for (const name of names) {
    for (const key of ["path", "oldPath"] as const) {
      const found = files.filter((file) => file[key] === name);
      if (found.length > 0) {
        return found;
      }
    }
  }
  const shown = files.filter((file) =>
    names.some((name) => shownName(name) === shownName(file.path)),
  );
  return shown.length === 1 ? shown : [];
}

/** As a reviewer was shown it and wrote it back: composed, with hidden characters written out, spaces counted once. */
function shownName(path: string): string {
  return showHidden(path).normalize("NFC").replaceAll(/\s+/gu, " ");
}

function meantOf(found: readonly Occurrence[], { line }: Anchored): Occurrence | null {
  const [only, ...others] = found;
  if (only === undefined || others.length === 0) {
    return only ?? null;
  }
  const nearest = found.reduce((best, each) =>
    distance(each, line) < distance(best, line) ? each : best,
  );
  return distance(nearest, line) <= nearLines ? nearest : null;
}

function distance(found: Occurrence, line: number): number {
  return Math.abs(found.line - line);
}

/** The claimed length, where it reaches beyond the quoted text and stays in the hunk; else the quoted text. */
function endOf({ line, endLine, lastLine }: Occurrence, claim: Anchored): number {
  const claimed = line + (claim.endLine - claim.line);
  return claimed > endLine && claimed <= lastLine ? claimed : endLine;
}

function placeOf({ line, endLine }: Anchored): { readonly line: number; readonly endLine: number } {
  const first = Number.isSafeInteger(line) && line > 0 ? line : 1;
  return { line: first, endLine: Number.isSafeInteger(endLine) ? Math.max(first, endLine) : first };
}
