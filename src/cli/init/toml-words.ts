/** What stands at the place of a fault. */
export interface TomlPlace {
  /** The line from there on; null at its end. */
  readonly character: string | null;
  /** True on a line that begins a table. */
  readonly isHead: boolean;
  /** True where nothing stands before it on its line. */
  readonly isFirst: boolean;
  /** Where the same name was set before, for one that is set again; null elsewhere. */
  readonly firstLine: number | null;
}

type Words = string | ((place: TomlPlace) => string);

const keyAndValue =
  "A key is followed by `=` and its value; one with other signs than letters, digits, `-` and `_` stands in quotes.";
const number = "This is no number as TOML writes it; a text stands in quotes.";
const escape =
  "The text has an escape that TOML does not know: write `\\\\` for a backslash, or use single quotes.";
const missing = "The value is missing.";
const noValue =
  "This is no value: a text stands in quotes; others are numbers, dates, `true`, `false`, `[ ]` and `{ }`.";
const inBrackets = "A bracket that opens above is not closed, or this is no value of its list.";
const comma = "A comma or a closing bracket is missing before this place.";
const neverClosed = "The bracket that opens here is never closed.";

/** By what the reader says; the first that fits. */
const sentences: readonly (readonly [said: RegExp, words: Words])[] = [
  [/redefine/u, setAgain],
  [/control characters/u, unseen],
  [/end-of-line/u, "Something stands behind the end of the entry; each has a line of its own."],
  [/unfinished string/u, "The quote that opens here is never closed."],
  [/unexpected end of key|empty bare key/u, "A name is missing here."],
  [/end of table array/u, "`]` is missing: the head of a list's table ends with `]]`."],
  [
    /\bkey\b/u,
    ({ isHead, character }) =>
      isHead && character === null
        ? "`]` is missing: the head of a table ends on its own line."
        : keyAndValue,
  ],
  [
    /invalid value/u,
    ({ character, isFirst }) => (isFirst ? inBrackets : character === null ? missing : noValue),
  ],
  [/comma or end/u, comma],
  [/unfinished (?:table|array)/u, neverClosed],
  [/escape/u, escape],
  [/numeric|integer|leading zero|underscore/u, number],
  [/date/u, "This is no date as TOML writes it; a text stands in quotes."],
  [/nested/u, "Values are nested too deeply."],
];

/** Says in words of ours what the reader of TOML found. The text of the file is not repeated. */
export function tomlSentence(said: string, place: TomlPlace): string {
  const words = sentences.find(([pattern]) => pattern.test(said))?.[1] ?? keyAndValue;
  return typeof words === "string" ? words : words(place);
}

/** True for what leaves open where the next entry begins: what is found behind it may only follow from it. */
export function endsReading(said: string, { isFirst }: TomlPlace): boolean {
  return (
    /unfinished (?:string|table|array)|comma or end|nested/u.test(said) ||
    (isFirst && /invalid value/u.test(said))
  );
}

function setAgain({ firstLine }: TomlPlace): string {
  const where = firstLine === null ? "" : ` in line ${String(firstLine)}`;
  return `The name is set${where} already; each key and each table stands once.`;
}

function unseen({ character }: TomlPlace): string {
  if (character === null) {
    return "A quote that is opened on this line is not closed on it.";
  }
  const point = (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
  return `A character stands here that nobody sees (U+${point}).`;
}
