import { planErrors } from "./errors.ts";
import type { PlanFault } from "./errors.ts";
import { createPlaces, deepestNesting } from "./text-tree.ts";
import type { Place, TextEntry, TextNode } from "./text-tree.ts";

/** The tree of a text, or what is wrong with it. */
export type TreeResult =
  | { readonly kind: "tree"; readonly root: TextNode }
  | { readonly kind: "faults"; readonly faults: readonly PlanFault[] };

/** Stops the reading at the first place that is no JSON; caught in `readJson` only. */
class JsonFault extends Error {
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.offset = offset;
  }
}

interface Cursor {
  readonly text: string;
  readonly placeOf: (offset: number) => Place;
  offset: number;
}

/** Reads strict JSON with the place of every value; the language's own parser tells none. */
export function readJson(text: string): TreeResult {
  const placeOf = createPlaces(text);
  const cursor: Cursor = { text, placeOf, offset: 0 };
  try {
    const root = readValue(cursor, 0);
    skipSpace(cursor);
    if (cursor.offset < text.length) {
      throw new JsonFault("The JSON value ends here, but more text follows.", cursor.offset);
    }
    return { kind: "tree", root };
  } catch (error) {
    if (!(error instanceof JsonFault)) {
      throw error;
    }
    const fault: PlanFault = {
      entry: planErrors.planSyntax,
      message: error.message,
      fix: "Write valid JSON there, or use YAML with a .yml file.",
      path: "",
      ...placeOf(error.offset),
    };
    return { kind: "faults", faults: [fault] };
  }
}

const spaces = /[ \t\r\n]*/uy;
const numbers = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/uy;
const words: ReadonlyMap<string, boolean | null> = new Map([
  ["true", true],
  ["false", false],
  ["null", null],
]);

function match(cursor: Cursor, pattern: RegExp): string | null {
  pattern.lastIndex = cursor.offset;
  const found = pattern.exec(cursor.text)?.[0];
  cursor.offset += found?.length ?? 0;
  return found ?? null;
}

function skipSpace(cursor: Cursor): void {
  match(cursor, spaces);
}

function readValue(cursor: Cursor, depth: number): TextNode {
  skipSpace(cursor);
  const at = cursor.placeOf(cursor.offset);
  if (depth > deepestNesting) {
    throw new JsonFault(`Values are nested deeper than ${deepestNesting}.`, cursor.offset);
  }
  const next = cursor.text[cursor.offset] ?? "";
  switch (next) {
    case "{":
      return { kind: "map", entries: readEntries(cursor, depth), at };
    case "[":
      return { kind: "list", items: readItems(cursor, depth), at };
    case '"':
      return { kind: "scalar", value: readText(cursor), at };
    default:
      return { kind: "scalar", value: readWord(cursor), at };
  }
}

function readText(cursor: Cursor): string {
  const { text, offset } = cursor;
  if (text[offset] !== '"') {
    throw new JsonFault("Expected a text in double quotes.", offset);
  }
  let end = offset + 1;
  while (end < text.length && text[end] !== '"') {
    if (text.charCodeAt(end) < 0x20) {
      throw new JsonFault("A text ends on its line; write \\n for a new line.", end);
    }
    end += text[end] === "\\" ? 2 : 1;
  }
  cursor.offset = end + 1;
  return unescaped(text.slice(offset, end + 1), offset);
}

/** The language's own parser reads the escapes; it refuses unknown ones and a missing end. */
function unescaped(source: string, offset: number): string {
  try {
    return String(JSON.parse(source));
  } catch {
    throw new JsonFault("This text has a bad escape or no end.", offset);
  }
}

function readWord(cursor: Cursor): number | boolean | null {
  const source = match(cursor, numbers);
  if (source !== null) {
    return Number(source);
  }
  for (const [word, value] of words) {
    if (cursor.text.startsWith(word, cursor.offset)) {
      cursor.offset += word.length;
      return value;
    }
  }
  throw new JsonFault("Expected a JSON value.", cursor.offset);
}

function readItems(cursor: Cursor, depth: number): readonly TextNode[] {
  const items: TextNode[] = [];
  cursor.offset += 1;
  skipSpace(cursor);
  while (cursor.text[cursor.offset] !== "]") {
    items.push(readValue(cursor, depth + 1));
    separate(cursor, "]");
  }
  cursor.offset += 1;
  return items;
}

function readEntries(cursor: Cursor, depth: number): readonly TextEntry[] {
  const entries: TextEntry[] = [];
  cursor.offset += 1;
  skipSpace(cursor);
  while (cursor.text[cursor.offset] !== "}") {
    const keyAt = cursor.placeOf(cursor.offset);
    const key = readText(cursor);
    skipSpace(cursor);
    expectColon(cursor);
    entries.push({ key, keyAt, value: readValue(cursor, depth + 1) });
    separate(cursor, "}");
  }
  cursor.offset += 1;
  return entries;
}

function expectColon(cursor: Cursor): void {
  if (cursor.text[cursor.offset] !== ":") {
    throw new JsonFault("Expected a colon after the key.", cursor.offset);
  }
  cursor.offset += 1;
}

/** After a value comes a comma and another value, or the end. */
function separate(cursor: Cursor, end: "]" | "}"): void {
  skipSpace(cursor);
  if (cursor.text[cursor.offset] === end) {
    return;
  }
  if (cursor.text[cursor.offset] !== ",") {
    throw new JsonFault(`Expected a comma or \`${end}\`.`, cursor.offset);
  }
  const comma = cursor.offset;
  cursor.offset += 1;
  skipSpace(cursor);
  if (cursor.text[cursor.offset] === end) {
    throw new JsonFault("A comma stands before the end of the list.", comma);
  }
}
