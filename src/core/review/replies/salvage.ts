/** Longer replies are cut before they are read: no honest one comes near it. */
const maxReplyChars = 1_000_000;
/** More items than any phase may bring; the rest is not read. */
const maxItems = 500;

/** Thoughts that some open models write in front of their answer, also cut off: what is only thought of is no answer. */
const thoughts = /^\s*<think>[\s\S]*?(?:<\/think>|$)/u;

/** JSON with nothing before it but the mark of a code fence, and no end of thoughts behind it. */
const answersAtOnce = /^\s*(?:`{3,}\w*\s+)?(?:\{\s*"|\[\s*\{)(?![\s\S]*<\/think>)/u;

/** The items of a reply, and how many were there that nobody can read. */
export interface Salvaged {
  readonly items: readonly unknown[];
  readonly dropped: number;
  /** False when the reply has no list of that name at all. */
  readonly isReadable: boolean;
}

/**
 * Takes the list `key` out of a model's reply: JSON alone, JSON in a code fence, JSON with prose around, a bare array, or any of these cut
 * off, of which the complete items are kept. Never throws; what is not readable is no item.
 */
export function salvageList(reply: string, key: string): Salvaged {
  const text = reply.slice(0, maxReplyChars).replace(thoughts, "");
  const list = listIn(parseJson(text), key);
  if (list !== null) {
    return { items: list.slice(0, maxItems), dropped: 0, isReadable: true };
  }
  const lists = listStarts(text, key).map((start) => scanItems(text, start));
  const hasItems = ({ items }: Salvaged): boolean => items.length > 0;
  // Who answers at once, as was asked, quotes of the change behind it; else what is quoted, or thought aloud, stands before.
  const full = answersAtOnce.test(text) ? lists.find(hasItems) : lists.findLast(hasItems);
  return full ?? lists[0] ?? { items: [], dropped: 0, isReadable: false };
}

/** The list called `key` of a value that was parsed, or the value itself where it is a list; null when there is none. */
export function listIn(value: unknown, key: string): readonly unknown[] | null {
  if (Array.isArray(value)) {
    return value;
  }
  const list = isRecord(value) ? value[key] : null;
  return Array.isArray(list) ? list : null;
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** Lists are looked for at so many places: a model may name the shape before it answers, as `{"votes": [...]}`. */
const maxLists = 8;

/** Where first items may stand: behind each `"key": [`, else behind a `[` that an object follows. */
function listStarts(text: string, key: string): readonly number[] {
  const named = new RegExp(`"${key}"\\s{0,20}:\\s{0,20}\\[`, "gu");
  const starts = [...text.matchAll(named)]
    .slice(0, maxLists)
    .map((match) => match.index + match[0].length);
  const bare = text.search(/\[\s{0,20}\{/u);
  return starts.length > 0 || bare === -1 ? starts : [bare + 1];
}

/** Reads objects one behind the other until the list ends or the text does. */
function scanItems(text: string, start: number): Salvaged {
  const items: unknown[] = [];
  let dropped = 0;
  let at = start;
  while (items.length + dropped < maxItems) {
    at = skip(text, at);
    if (text.charAt(at) !== "{") {
      break;
    }
    const end = objectEnd(text, at);
    if (end === null) {
      dropped += 1;
      break;
    }
    const item = parseJson(text.slice(at, end));
    if (item === undefined) {
      dropped += 1;
    } else {
      items.push(item);
    }
    at = end;
  }
  return { items, dropped, isReadable: true };
}

function skip(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[\s,]/u.test(text.charAt(at))) {
    at += 1;
  }
  return at;
}

/** The index behind the brace that closes the one at `from`, or null when the text ends before; braces in strings do not count. */
function objectEnd(text: string, from: number): number | null {
  const token = /[{}"]/gu;
  token.lastIndex = from;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') {
      const end = stringEnd(text, match.index);
      if (end === null) {
        return null;
      }
      token.lastIndex = end;
      continue;
    }
    depth += match[0] === "{" ? 1 : -1;
    if (depth === 0) {
      return match.index + 1;
    }
  }
  return null;
}

function stringEnd(text: string, from: number): number | null {
  const token = /[\\"]/gu;
  token.lastIndex = from + 1;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    if (match[0] === '"') {
      return match.index + 1;
    }
    token.lastIndex = match.index + 2;
  }
  return null;
}
