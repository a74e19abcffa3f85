import { SkeinError } from "../../core/base/errors.ts";
import { initErrors } from "./errors.ts";
import { blockOf, insideOf, placeOf, placesOf, removeBlock, setBlock } from "./marked-block.ts";
import type { Form, IsText, Place } from "./marked-block.ts";
import { withinOfLines } from "./shell-lines.ts";

/**
 * A shell's script with Skein's lines between their marks. What others put between the marks before or behind Skein's lines stays, above
 * or below the block.
 *
 * @param label how the script is called in messages.
 * @throws {SkeinError} SKN-2093 with the line where nobody knows what between the marks is Skein's.
 */
export function withCall(label: string, text: string, lines: readonly string[]): string {
  return setBlock(text, lines, formOf(label, text));
}

/** The script without Skein's lines. @throws {SkeinError} as `withCall`. */
export function withoutCall(label: string, text: string): string {
  checkQuotes(label, text);
  return placesOf(text, textsIn(text)).reduceRight(
    (left, place) => removeBlock(left, { place, ...strangersIn(label, text, place) }),
    text,
  );
}

/** Skein's part of a script, with its marks; empty where there is none. */
export function callOf(text: string): string {
  return blockOf(text, textsIn(text));
}

/** The lines before Skein's part, all where there is none. */
export function linesBeforeCall(text: string): readonly string[] {
  const place = placeOf(text, textsIn(text));
  return text.slice(0, place?.start).split("\n");
}

/** A mark within quotes or a here-document is none. */
function textsIn(text: string): IsText {
  const within = withinOfLines(text);
  return (line) => (within[line - 1] ?? "script") !== "script";
}

/** What stays of a block, and where. */
function formOf(label: string, text: string): Form {
  const isText = textsIn(text);
  checkQuotes(label, text);
  const place = placeOf(text, isText);
  return place === null ? { isText } : { isText, ...strangersIn(label, text, place) };
}

/** Whether quotes are open can be mistaken: what looks like Skein's very lines in some is neither renewed nor left behind without a word. */
function checkQuotes(label: string, text: string): void {
  const within = withinOfLines(text);
  const place = placeOf(text, (line) => within[line - 1] !== "quotes");
  const lines = place === null ? [] : linesIn(text, place);
  if (place !== null && beginsOf(lines).length > 0) {
    throw new SkeinError(initErrors.hasOwnEntry, {
      message: `${label}, line ${String(place.firstLine)}: Skein's marks and lines stand within quotes there, or a quote above them is not closed.`,
      fix: "Close the quote, or take those lines out; then run `skein init` again.",
      facts: { file: label, line: place.firstLine },
    });
  }
}

function linesIn(text: string, place: Place): readonly string[] {
  return insideOf(text, place)
    .split(/(?<=\n)/u)
    .filter((line) => line !== "");
}

/** A word as `shellWord` writes it, or the path of a repository's own Skein. */
const word = String.raw`(?:[\w@%+=:,./-]+|'[^']*'(?:\\''[^']*')*|"\$\(git rev-parse --show-toplevel\)/[\w./-]+")`;

/** The lines of a guard in a script of somebody else, as every version of Skein wrote them. */
const guard: readonly RegExp[] = [
  new RegExp(
    String.raw`^if command -v ${word} >/dev/null 2>&1(?: && \[ -f ${word} \])?; then\s*$`,
    "u",
  ),
  new RegExp(
    String.raw`^ {2}${word}(?: ${word})* guard (?:pre-commit|commit-msg|pre-push) "\$@" \|\| exit \$\?\s*$`,
    "u",
  ),
  /^else\s*$/u,
  /^ {2}echo "skein: the guard cannot start; run \\`skein init\\` again\." >&2\s*$/u,
  /^ {2}if \[ -n "(?:\$\w+)+" \]; then exit 1; fi\s*$/u,
  /^fi\s*$/u,
];

/** Where each whole guard begins. */
function beginsOf(lines: readonly string[]): readonly number[] {
  return lines.flatMap((_line, at) =>
    guard.every((pattern, index) => pattern.test(lines[at + index] ?? "")) ? [at] : [],
  );
}

/** Words that begin, part or end what stands on several lines: alone they would be no script, or another. */
const partial =
  /^\s*(?:if|then|elif|else|fi|for|while|until|do|done|case|esac|[{}()]|;;|&&|\|\|)(?!\w)|\\\s*$/u;

function strangersIn(label: string, text: string, place: Place): Pick<Form, "above" | "below"> {
  const lines = linesIn(text, place);
  const begins = beginsOf(lines);
  const first = begins[0] ?? lines.length;
  const isOwn = (line: string, index: number): boolean =>
    line.trim() === "" ||
    (begins.length === 0
      ? guard.some((pattern) => pattern.test(line))
      : begins.some((begin) => index >= begin && index < begin + guard.length));
  const strange = lines.findIndex(
    (line, index) => !isOwn(line, index) && (begins.length === 0 || partial.test(line)),
  );
  if (strange !== -1) {
    throw notSkeins(label, place.firstLine + strange + 1);
  }
  const others = lines.map((line, index) => (isOwn(line, index) ? "" : line));
  return { above: others.slice(0, first).join(""), below: others.slice(first).join("") };
}

function notSkeins(label: string, line: number): SkeinError {
  return new SkeinError(initErrors.hasOwnEntry, {
    message: `${label}, line ${String(line)}: what stands there between Skein's marks is not Skein's, and would be lost.`,
    fix: "Move it above or below the marks, or take the marks out where what they mark is not Skein's; then run `skein init` again.",
    facts: { file: label, line },
  });
}
