import type { ChangedFile } from "./change.ts";
import { isLockFile } from "./diff/skip-rules.ts";

/** How the project is built, and what tells models what to do. */
const ruling = /^\.github\/|(?:^|\/)(?:CLAUDE|AGENTS|REVIEW)\.md$/iu;

/** Who is let in and what models are told, by a whole word of the path. */
const telling =
  /(?:^|[/._-])(?:o?auth2?|auth[nz]|authentication|authori[sz]ation|permissions?|secrets?|prompts?)(?=[/._-]|$)/iu;

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
  // `AuthService` and `userAuth` have their words, too.
  const parted = path.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, "-");
  return ruling.test(path) || telling.test(parted) || isLockFile(path);
}
