import { squeeze } from "./squeeze.ts";
import type { Skipped, Squeezed } from "./squeeze.ts";
import type { Span } from "./spans.ts";
import { unescaped } from "./unescaped.ts";

/** Finds known secrets in texts. */
export type FindKnown = (text: string) => readonly Span[];

const kind = "known-value";

/** Shorter values would be found by chance. */
const shortest = 8;

/** One form of a secret, without what is left out when texts are squeezed. */
interface Form {
  readonly codes: Uint16Array;
  /** So much of it in a row gives it away. */
  readonly least: number;
}

/** A piece of a form by which its places are found. */
interface Seed {
  readonly form: Form;
  readonly offset: number;
}

const seedLength = 4;

/**
 * Makes the search for values of 8 characters and more: as they are, reversed, in hex (also byte by byte, as `\x41` and `0x41`), base64 (also
 * inside of a longer one), both also of UTF-16, URL-encoded (also several times over) and with some characters escaped; also over line breaks and in pieces
 * that quotes or signs divide, and where up to four tenths are cut off.
 */
export function createFindKnown(values: readonly string[]): FindKnown {
  const wanted = [...new Set(values)].filter((value) => value.length >= shortest);
  const forms = wanted
    .flatMap((value) => formsOf(value))
    .filter(({ codes }) => codes.length >= shortest);
  const table = seedTable(forms);
  const literal = wanted.filter((value) => squeeze(value).codes.length < shortest);
  return (text) => [
    ...literal.flatMap((value) => literalSpans(text, value)),
    ...(table.size === 0 ? [] : formSpansIn(text, table)),
  ];
}

function formSpansIn(text: string, table: SeedTable): readonly Span[] {
  const plain = unescaped(text);
  return [
    ...viewsOf(text).flatMap((view) => formSpans(view, table)),
    ...(plain === null ? [] : plain.place(formSpans(squeeze(plain.text), table))),
  ];
}

function formsOf(value: string): readonly Form[] {
  const bytes = Buffer.from(value, "utf8");
  // The other way round it is the same but for its ends.
  const wide = Buffer.from(value, "utf16le");
  const hex = bytes.toString("hex");
  const texts = [
    value,
    Array.from(value).toReversed().join(""),
    encodeURIComponent(bytes.toString("utf8")),
    hex,
    hex.toUpperCase(),
    wide.toString("hex"),
    wide.toString("hex").toUpperCase(),
    ...[0, 1, 2].flatMap((shift) => [base64Inside(bytes, shift), base64Inside(wide, shift)]),
  ];
  return [...new Set(texts)].map((text) => {
    const { codes } = squeeze(text);
    return { codes, least: Math.max(shortest, Math.ceil(codes.length * 0.6)) };
  });
}

/** What base64 makes of the bytes wherever they stand in a longer text: the letters that only they decide. */
function base64Inside(bytes: Buffer, shift: number): string {
  const text = Buffer.concat([Buffer.alloc(shift), bytes]).toString("base64");
  const bits = (shift + bytes.length) * 8;
  return text.slice(Math.ceil((shift * 8) / 6), Math.floor(bits / 6));
}

type SeedTable = ReadonlyMap<number, readonly Seed[]>;

/** Seeds stand so close that every piece of a form which is long enough to count holds one. */
function seedTable(forms: readonly Form[]): SeedTable {
  const table = new Map<number, Seed[]>();
  for (const form of forms) {
    const step = Math.max(1, form.least - seedLength + 1);
    const last = form.codes.length - seedLength;
    for (let offset = 0; offset < last + step; offset += step) {
      const seed = { form, offset: Math.min(offset, last) };
      const hash = hashAt(form.codes, seed.offset);
      table.set(hash, [...(table.get(hash) ?? []), seed]);
    }
  }
  return table;
}

function hashAt(codes: Uint16Array, at: number): number {
  let hash = 0;
  for (let index = at; index < at + seedLength; index += 1) {
    hash = hash * 33 + (codes[index] ?? 0);
  }
  return hash & 0xff_ff;
}

function formSpans({ codes, places }: Squeezed, table: SeedTable): readonly Span[] {
  const isSeed = new Uint8Array(0x1_00_00);
  for (const hash of table.keys()) {
    isSeed[hash] = 1;
  }
  const spans: Span[] = [];
  const last = codes.length - seedLength;
  let at = 0;
  while (at <= last) {
    const hash = hashAt(codes, at);
    const match = isSeed[hash] === 1 ? longestAt(codes, at, table.get(hash) ?? []) : null;
    if (match !== null) {
      spans.push({ start: places[match.from] ?? 0, end: (places[match.to - 1] ?? 0) + 1, kind });
    }
    at = match === null ? at + 1 : Math.max(match.to, at + 1);
  }
  return spans;
}

/** Places in a squeezed text. */
interface Match {
  readonly from: number;
  readonly to: number;
}

/** The longest match that one of the seeds makes at a place; null when none is long enough. */
function longestAt(codes: Uint16Array, at: number, seeds: readonly Seed[]): Match | null {
  const matches = seeds.flatMap(({ form, offset }) => {
    const match = grown({ codes, at, form: form.codes, offset });
    return match.to - at >= seedLength && match.to - match.from >= form.least ? [match] : [];
  });
  return matches.toSorted((one, other) => other.to - other.from - (one.to - one.from))[0] ?? null;
}

interface Meeting {
  readonly codes: Uint16Array;
  readonly at: number;
  readonly form: Uint16Array;
  readonly offset: number;
}

/** How far text and form are the same on both sides of where they meet. */
function grown({ codes, at, form, offset }: Meeting): Match {
  let left = 0;
  while (left < Math.min(offset, at) && form[offset - left - 1] === codes[at - left - 1]) {
    left += 1;
  }
  let right = 0;
  while (offset + right < form.length && form[offset + right] === codes[at + right]) {
    right += 1;
  }
  return { from: at - left, to: at + right };
}

/** Numbers in front of lines would divide what a line break divides: texts that have them are searched without them, too. */
const numbered = /^[-+ \t]*\d{1,6}[ \t]*[|:][ \t]?/gmu;

/** What stands before the digits of each byte, as in `\x41`, `0x41` and `\u0041`. */
const byteMarks = /(?:\\x|\\u00|0x|&#x)(?=[0-9a-f]{2})/giu;

function viewsOf(text: string): readonly Squeezed[] {
  const without = [numbered, byteMarks].map((pattern) => placesOf(text, pattern));
  return [
    squeeze(text),
    ...without.filter(({ length }) => length > 0).map((places) => squeeze(text, places)),
  ];
}

function placesOf(text: string, pattern: RegExp): readonly Skipped[] {
  return Array.from(text.matchAll(pattern), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
  }));
}

function literalSpans(text: string, value: string): readonly Span[] {
  const spans: Span[] = [];
  for (let at = text.indexOf(value); at !== -1; at = text.indexOf(value, at + value.length)) {
    spans.push({ start: at, end: at + value.length, kind });
  }
  return spans;
}
