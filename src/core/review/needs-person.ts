import type { ChangedFile } from "./change.ts";
import { isLockFile } from "./diff/skip-rules.ts";

/** How the project is built and what rules it: Skein's own settings too, which say what a review may cost and what blocks a merge. */
const ruling = /^\.github\/|^skein\.yml$|(?:^|\/)CODEOWNERS$/iu;

/** What tells models and agents what to do, and which programs they start. */
const instructing =
  /(?:^|\/)(?:(?:CLAUDE|AGENTS|GEMINI|REVIEW)\.md|\.cursorrules|\.mcp\.json|\.(?:claude|codex|cursor|gemini)\/.+)$/iu;

/** Who is let in and what models are told, by a whole word of the path. */
const telling =
  /(?:^|[/._-])(?:o?auth[02]?|auth[nz]|authenticat(?:e|ed|ion|ors?)|authori[sz](?:e|ed|ation|ers?)|permissions?|secrets?|prompts?)(?=[/._-]|$)/iu;

/** So many paths are named; the rest is counted. */
const mostNamed = 5;

/** What no vote of models should decide alone: one sentence where a change has it, by either side of a rename. */
export function personNotes(files: readonly ChangedFile[]): readonly string[] {
  const touched = files.flatMap(({ path, oldPath }) =>
    oldPath === null ? [path] : [path, oldPath],
  );
  const paths = [...new Set(touched)].filter((path) => needsPerson(path));
  const shown = paths.slice(0, mostNamed).join(", ");
  const more = paths.length - mostNamed;
  return paths.length === 0
    ? []
    : [`Needs a person: ${shown}${more > 0 ? ` and ${String(more)} more` : ""}.`];
}

function needsPerson(path: string): boolean {
  // `AuthService`, `userAuth` and `JWTAuth` have their words, too.
  const parted = path.replaceAll(/(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/gu, "-");
  const isNamed = [ruling, instructing].some((pattern) => pattern.test(path));
  return isNamed || telling.test(parted) || isLockFile(path);
}
