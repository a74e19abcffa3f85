import { existsSync } from "node:fs";
import { join } from "node:path";
import { projectBin } from "../init/launch.ts";

/** How a path begins, and how one of Node or of Skein ends, in a configuration file or a script, as `init` writes them. */
const beginning = /(?<=[\s=]|^)(?:\/|[A-Za-z]:[\\/])/gu;
const ending = /(?:[\\/]skein\.js|[\\/]node(?:\.exe)?)(?=\s|$)/gu;

/** The absolute programs of Skein that a text names, each once. */
export function namedPrograms(text: string): readonly string[] {
  const words = text
    .split(/["'\n]/u)
    .flatMap(programsIn)
    .flatMap((found) => found.split(/(?<=\S) (?=\/)/u));
  return [...new Set(words)];
}

/** Of a text without quotes, from one end to the next: where no path ends any more, none is looked for. */
function programsIn(text: string): readonly string[] {
  const found: string[] = [];
  for (let place = nextIn(text, 0); place !== null; place = nextIn(text, place.end)) {
    found.push(text.slice(place.start, place.end));
  }
  return found;
}

function nextIn(
  text: string,
  from: number,
): { readonly start: number; readonly end: number } | null {
  const first = matchFrom(beginning, text, from);
  const last = first && matchFrom(ending, text, first.index + first[0].length);
  return last && { start: first.index, end: last.index + last[0].length };
}

function matchFrom(pattern: RegExp, text: string, from: number): RegExpExecArray | null {
  pattern.lastIndex = from;
  return pattern.exec(text);
}

/** Those of them that are not there. */
export function missingPrograms(text: string): readonly string[] {
  return namedPrograms(text).filter((path) => !existsSync(path));
}

/** The program of a repository that depends on Skein, as `init --portable` names it: from the root, or behind what stands for the root. */
const ofProject = /(?:["'\s]|\$\w+\/|--show-toplevel\)\/)node_modules\/skein\/bin\/skein\.js/u;

/** True where a text starts the Skein on which a repository depends, and that is not installed in the worktree. */
export function lacksProject(text: string, root: string): boolean {
  return ofProject.test(text) && !existsSync(join(root, projectBin));
}

/** What mends that. */
export const installsProject =
  "Install what the repository depends on, as with `npm install`, or write this machine's own Skein: `skein init --yes`.";
