/** The two selectors that say how an emoji looks, behind one, or behind the sign of a key's cap. Behind all else nobody sees them. */
const lookOfEmoji = String.raw`(?![\d#*])\p{Emoji}[\u{FE0E}\u{FE0F}]|[\d#*]\u{FE0F}(?=\u{20E3})`;

/**
 * The source of an expression, with the flag `u`, for one character that people do not see: it turns the direction of writing, has no width or
 * no shape (as Hangul's fillers), or is of the tag and variation blocks, in which text can be hidden.
 */
export const invisibleSource: string = String.raw`[\p{Cf}\p{DI}](?<!${lookOfEmoji})`;

/**
 * What is taken out of texts that others wrote: control characters and those that cannot be seen. Expressions with properties of characters
 * are made where they are used: the first of them takes a good part of a millisecond, and a hook needs none.
 */
const hidden = {
  invisible: () => new RegExp(invisibleSource, "gu"),
  control: () => /\p{Cc}/gu,
  controlButLayout: () => /(?![\n\t])\p{Cc}/gu,
  loneSurrogate: () => /\p{Cs}/gu,
  /** Also lone surrogates and separators of lines; a tab is seen. */
  unseen: () =>
    new RegExp(String.raw`${invisibleSource}|[\p{Cs}\u{2028}\u{2029}]|(?!\t)\p{Cc}`, "gu"),
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

/** The text without what people do not see of it, but for control characters. */
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

/** One plain word, in which nobody can say anything: no space, no quote, no parenthesis. */
const plainWord = /^[\w@%+=:,./~*?[\]{}#$-]+$/u;

/** A name or a path of others as it stands in a sentence of ours: cleaned, cut, and in quotes unless it is one plain word. */
export function wordOfOthers(text: string, maxChars: number): string {
  const word = cleanLine(text, maxChars);
  return plainWord.test(word) ? word : quotedWords(word, maxChars);
}

/** What others wrote, in quotes that it does not end: it tells, and gives no orders. */
export function quotedWords(text: string, maxChars: number): string {
  return `"${cleanLine(text, maxChars).replaceAll('"', "'")}"`;
}

/** The text as every store keeps it: U+FFFD stands for half of a character, and for the one of number 0, which is in no name and no path. */
export function storable(text: string): string {
  return text.replaceAll(/[\0\u{D800}-\u{DFFF}]/gu, "\u{FFFD}");
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
