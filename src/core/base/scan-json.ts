/** Why a JSON text from outside is refused before anything is built from it. */
export type JsonFault = "too-deep" | "duplicate-key" | "forbidden-key" | "too-many-parts";

/** Nothing that is meant nests deeper than this. */
export const deepestNesting = 64;

/** Brackets and commas of one message: a large text is one part, and what is built of many more takes seconds and gigabytes. */
export const mostParts = 250_000;

const quote = 0x22;
const backslash = 0x5c;
const openers = new Set([0x7b, 0x5b]);
const closers = new Set([0x7d, 0x5d]);
const openBrace = 0x7b;
const comma = 0x2c;

/**
 * Looks through a JSON text for what `JSON.parse` would let pass: nesting that exhausts the stack of whoever walks it, a key that stands
 * twice in one object (parsers disagree on which wins), and `__proto__`. One pass, without recursion; broken syntax is left to the parser.
 */
export function scanJson(text: string): JsonFault | null {
  const levels: Level[] = [];
  let expectsKey = false;
  let parts = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) {
      const end = endOfString(text, index);
      const fault = expectsKey ? faultOfKey(levels.at(-1), text.slice(index, end + 1)) : null;
      if (fault !== null) {
        return fault;
      }
      expectsKey = false;
      index = end;
    } else if (isStructural(code)) {
      parts += 1;
      if (parts > mostParts) {
        return "too-many-parts";
      }
      if (openers.has(code) && levels.length === deepestNesting) {
        return "too-deep";
      }
      expectsKey = step(levels, code);
    }
  }
  return null;
}

/** The keys seen so far in an open object, or null for an open array. */
type Level = Set<string> | null;

function isStructural(code: number): boolean {
  return code === comma || openers.has(code) || closers.has(code);
}

/** Follows one bracket or comma; true when a key comes next. */
function step(levels: Level[], code: number): boolean {
  if (openers.has(code)) {
    levels.push(code === openBrace ? new Set() : null);
    return code === openBrace;
  }
  if (closers.has(code)) {
    levels.pop();
    return false;
  }
  return levels.at(-1) instanceof Set;
}

/** The place of the closing quote of the string that opens at `start`, or the text's end. */
function endOfString(text: string, start: number): number {
  let index = start;
  for (;;) {
    index = text.indexOf('"', index + 1);
    if (index === -1) {
      return text.length;
    }
    let before = index - 1;
    while (text.charCodeAt(before) === backslash) {
      before -= 1;
    }
    if ((index - before) % 2 === 1) {
      return index;
    }
  }
}

function faultOfKey(seen: Level | undefined, literal: string): JsonFault | null {
  const key = plainKey(literal);
  if (key === "__proto__") {
    return "forbidden-key";
  }
  if (seen?.has(key) === true) {
    return "duplicate-key";
  }
  seen?.add(key);
  return null;
}

/** Escapes are resolved, so that two spellings of one key are one. */
function plainKey(literal: string): string {
  if (!literal.includes("\\")) {
    return literal.slice(1, -1);
  }
  try {
    return String(JSON.parse(literal));
  } catch {
    return literal;
  }
}
