/**
 * What is taken out of texts that others wrote: control characters, characters that turn the direction of writing, zero-width ones,
 * and the tag and variation blocks in which text can be hidden from people. Expressions with properties of characters are made where they are
 * used: the first of them takes a good part of a millisecond, and a hook needs none.
 */
const hidden = {
  invisible: () => /[\p{Cf}\u{E0000}-\u{E01EF}]/gu,
  control: () => /\p{Cc}/gu,
  controlButLayout: () => /(?![\n\t])\p{Cc}/gu,
  loneSurrogate: () => /\p{Cs}/gu,
  /** Also lone surrogates and separators of lines; a tab is seen. */
  unseen: () => /[\p{Cf}\p{Cs}\u{2028}\u{2029}\u{E0000}-\u{E01EF}]|(?!\t)\p{Cc}/gu,
};
const lineBreak = /\r\n?|[\u{2028}\u{2029}\u{85}]/gu;
/** Most lines are like this, and clean already. */
const plainLine = /^(?:[!-~]+(?: [!-~]+)*)?$/u;

/** Cleans a text of several lines and caps it, in characters. Line breaks become `\n`. */
export function cleanText(text: string, maxChars: number): string {
  const clean = wellFormed(text)
    .replaceAll(lineBreak, "\n")
    .replaceAll(hidden.invisible(), "")
    .replaceAll(hidden.controlButLayout(), "")
    .trim();
  return capped(clean, maxChars);
}

/** Cleans a text of one line and caps it, in characters. Line breaks and runs of spaces become one space. */
export function cleanLine(text: string, maxChars: number): string {
  if (plainLine.test(text)) {
    return capped(text, maxChars);
  }
  const clean = wellFormed(text)
    .replaceAll(hidden.invisible(), "")
    .replaceAll(/\s+/gu, " ")
    .replaceAll(hidden.control(), "")
    .trim();
  return capped(clean, maxChars);
}

/** The text without zero-width, direction, tag and variation characters. */
export function withoutInvisible(text: string): string {
  return text.replaceAll(hidden.invisible(), "");
}

/** Writes what cannot be seen as its code point; tabs stay. */
export function showHidden(text: string): string {
  return text.replaceAll(hidden.unseen(), (character) => {
    const point = character.codePointAt(0) ?? 0;
    return `<U+${point.toString(16).toUpperCase().padStart(4, "0")}>`;
  });
}

/** The size of a text in UTF-8 bytes. */
export function byteLength(text: string): number {
  return new TextEncoder().encode(text).length;
}

function wellFormed(text: string): string {
  return text.replaceAll(hidden.loneSurrogate(), "\u{FFFD}").normalize("NFC");
}

function capped(text: string, maxChars: number): string {
  return text.length <= maxChars ? text : Array.from(text).slice(0, maxChars).join("").trimEnd();
}
