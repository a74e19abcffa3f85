import { hasMarkInText, insideOf, loneMark, placeOf, placesOf } from "./marked-block.ts";
import type { IsText, Place } from "./marked-block.ts";
import { strangersIn } from "./toml-block.ts";
import type { Strangers } from "./toml-block.ts";
import { isHead, namesIn } from "./toml-entry.ts";
import { lineStarts } from "./toml-lines.ts";
import { loneMarkRefusal, tomlFault } from "./toml-refusals.ts";

/** Where Skein's lines stand in a text of TOML; null where they do not. */
export function placeOfLines(text: string): Place | null {
  return placeOf(text, textsIn(text, true));
}

/** Refuses a mark without the other one. @throws {SkeinError} SKN-2093. */
export function checkMarks(label: string, text: string, isText: IsText): void {
  const lone = loneMark(text, isText);
  if (lone !== null) {
    throw loneMarkRefusal(label, lone);
  }
}

/** Every block of Skein, with what others put into it. */
export function blocksIn(text: string, isText: IsText, own: ReadonlySet<string>): readonly Block[] {
  return placesOf(text, isText).map((place) => blockAt(text, place, own));
}

/** The line of a setting below Skein's lines that belongs to their table, for it has no head of its own; null where there is none. */
export function strayBelow(text: string, blocks: readonly Block[]): number | null {
  const names = namesIn(text);
  const lines = text.split("\n");
  for (const { place } of blocks) {
    const next = names.find(({ line }) => line > place.lastLine)?.line;
    if (next !== undefined && !isHead(lines[next - 1] ?? "")) {
      return next;
    }
  }
  return null;
}

/** A block, and what others put into it, with lines of the whole text. */
export interface Block extends Strangers {
  readonly place: Place;
}

function blockAt(text: string, place: Place, own: ReadonlySet<string>): Block {
  const found = strangersIn(insideOf(text, place), own);
  const lineIn = (line: number | null): number | null => line && line + place.firstLine;
  return { ...found, place, line: lineIn(found.line), settingLine: lineIn(found.settingLine) };
}

/** Tells which lines are part of a text or, where that is asked, of another value over several lines. */
function textsIn(text: string, withBrackets: boolean): IsText {
  const starts = lineStarts(text);
  return (line) => {
    const start = starts[line - 1];
    return start !== undefined && (start.isInText || (withBrackets && start.depth > 0));
  };
}

/** The same of a text that need be no TOML. @throws {SkeinError} SKN-2094 where nobody can tell whether a mark stands in a text. */
export function textsOf(label: string, text: string, act: "init" | "remove"): IsText {
  const fault = tomlFault(label, text);
  const isText = textsIn(text, act === "init" || fault === null);
  if (fault !== null && hasMarkInText(text, isText)) {
    throw fault;
  }
  return isText;
}
