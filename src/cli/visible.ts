import { invisibleSource } from "../core/base/text.ts";

/** What can change a terminal's state, or hide and turn text: control characters but line ends and tabs, and those that cannot be seen. */
const unseen = new RegExp(String.raw`${invisibleSource}|(?![\n\t])[\p{Cc}\u{2028}\u{2029}]`, "gu");

const escape = "\u{1b}";

/** The colours of `painter` and of a review, and no other sequence. */
const ownColors = new RegExp(String.raw`(${escape}\[(?:0|1|2|22|31|32|33|36|39)m)`, "u");

/**
 * Makes text fit to be shown: names, paths and foreign words may hold sequences with which a terminal can be driven. Each such character is
 * written as in JSON, so that JSON keeps its meaning; Skein's own colours stay.
 */
export function visibleText(text: string): string {
  return text
    .split(ownColors)
    .map((part, index) => (index % 2 === 1 ? part : plainText(part)))
    .join("");
}

/** As `visibleText`, for text in which no colour is ours: one that is there came with foreign words. */
export function plainText(text: string): string {
  return text.replaceAll(unseen, escaped);
}

/** As `plainText`, for one line of ours: what others wrote into it begins no other. */
export function plainLine(text: string): string {
  return plainText(text).replaceAll("\n", String.raw`\n`);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index).toString(16).padStart(4, "0");
    return `\\u${unit}`;
  }).join("");
}
