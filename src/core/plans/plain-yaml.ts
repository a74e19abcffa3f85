import { NotPlain, readPlainKey, readPlainValue } from "./plain-yaml-values.ts";
import type { PlainValue } from "./plain-yaml-values.ts";
import { deepestNesting } from "./text-tree.ts";
import type { TextEntry, TextNode } from "./text-tree.ts";

/** Lines still to be read. */
interface Cursor {
  readonly lines: readonly string[];
  /** The line to be read next, from 0. */
  row: number;
}

/** Where a block of lines stands. */
interface Block {
  /** Columns before its lines, from 0. */
  readonly indent: number;
  readonly depth: number;
}

/** Half of what the full reader takes; it says what is wrong with deeper ones. */
const deepestPlain = deepestNesting / 2;

/** What plain text has none of: tabs, other line ends, control characters and marks of byte order. */
const oddCharacters = /[^\n\u0020-\u007e\u00a1-\u2027\u202a-\ufefe\uff00-\u{10ffff}]/u;

/**
 * Reads YAML as plans are usually written: maps by indentation with words as keys, lists, texts on one line, `|` blocks, `[a, b]`, comments.
 * Every place is that of the full reader. Null for anything else, right or wrong: the full reader has to judge it.
 */
export function readPlainYaml(text: string): TextNode | null {
  if (oddCharacters.test(text)) {
    return null;
  }
  const cursor: Cursor = { lines: text.split("\n"), row: 0 };
  try {
    const indent = indentOfNext(cursor);
    const root = indent === 0 ? readMap(cursor, { indent, depth: 0 }) : null;
    return indentOfNext(cursor) === -1 ? root : null;
  } catch (error) {
    if (error instanceof NotPlain) {
      return null;
    }
    throw error;
  }
}

/** Steps over blank lines and comments; -1 at the end. */
function indentOfNext(cursor: Cursor): number {
  for (; cursor.row < cursor.lines.length; cursor.row += 1) {
    const line = lineOf(cursor);
    const indent = indentOf(line);
    if (indent < line.length && line[indent] !== "#") {
      return indent;
    }
  }
  return -1;
}

function lineOf({ lines, row }: Cursor): string {
  return lines[row] ?? "";
}

function indentOf(line: string): number {
  let indent = 0;
  while (line.charCodeAt(indent) === 0x20) {
    indent += 1;
  }
  return indent;
}

function isItem(line: string, indent: number): boolean {
  return line[indent] === "-" && (line[indent + 1] === " " || line.length === indent + 1);
}

function readMap(cursor: Cursor, { indent, depth }: Block): TextNode {
  const at = { line: cursor.row + 1, column: indent + 1 };
  const entries = [readEntry(cursor, { indent, depth })];
  while (goesOn(cursor, indent) && !isItem(lineOf(cursor), indent)) {
    entries.push(readEntry(cursor, { indent, depth }));
  }
  return { kind: "map", entries, at };
}

/** True when the next line belongs to the block; false when the block has ended. */
function goesOn(cursor: Cursor, indent: number): boolean {
  const next = indentOfNext(cursor);
  if (next > indent) {
    throw new NotPlain();
  }
  return next === indent;
}

/** Reads a key and its value. In a list the first entry of a map stands behind a dash. */
function readEntry(cursor: Cursor, { indent, depth }: Block): TextEntry {
  const line = lineOf(cursor);
  const { key, end } = readPlainKey(line, indent);
  const keyAt = { line: cursor.row + 1, column: indent + 1 };
  const value = readPlainValue(line, end, cursor.row + 1);
  cursor.row += 1;
  return { key, keyAt, value: readRest(cursor, value, { indent, depth: depth + 1 }) };
}

/** Reads what of a value stands on the lines below its key. */
function readRest(cursor: Cursor, value: PlainValue, block: Block): TextNode {
  switch (value.kind) {
    case "whole":
      return value.node;
    case "text":
      return {
        kind: "scalar",
        value: readText(cursor, block.indent, value.keepsEnd),
        at: value.at,
      };
    case "below":
      return readBelow(cursor, block);
  }
}

function readBelow(cursor: Cursor, { indent, depth }: Block): TextNode {
  const next = indentOfNext(cursor);
  const isList = next >= 0 && isItem(lineOf(cursor), next);
  // A key without a value is for the full reader; the items of a list may stand below their key.
  if (depth > deepestPlain || next < indent || (next === indent && !isList)) {
    throw new NotPlain();
  }
  const block = { indent: next, depth };
  return isList ? readList(cursor, block) : readMap(cursor, block);
}

function readList(cursor: Cursor, { indent, depth }: Block): TextNode {
  const at = { line: cursor.row + 1, column: indent + 1 };
  const items = [readItem(cursor, { indent, depth: depth + 1 })];
  while (goesOn(cursor, indent) && isItem(lineOf(cursor), indent)) {
    items.push(readItem(cursor, { indent, depth: depth + 1 }));
  }
  return { kind: "list", items, at };
}

function readItem(cursor: Cursor, { indent, depth }: Block): TextNode {
  const line = lineOf(cursor);
  const start = indent + 1 + indentOf(line.slice(indent + 1));
  if (/^[A-Za-z_][\w-]*:(?: |$)/u.test(line.slice(start))) {
    return readMap(cursor, { indent: start, depth });
  }
  const value = readPlainValue(line, indent + 1, cursor.row + 1);
  cursor.row += 1;
  if (value.kind !== "whole") {
    throw new NotPlain();
  }
  return value.node;
}

/** Reads the lines of a `|` block. With `keepsEnd` the text ends in one line end, else in none. */
function readText(cursor: Cursor, outer: number, keepsEnd: boolean): string {
  const inner = indentOf(lineOf(cursor));
  const lines = readTextLines(cursor, inner);
  // The piece behind the last line end is no line: a text that ends in the middle of one is for the full reader.
  const isLast = cursor.row === cursor.lines.length - 1;
  const isEnded = isLast ? lineOf(cursor) === "" : indentOf(lineOf(cursor)) <= outer;
  const text = lines.slice(0, lines.findLastIndex((line) => line !== "") + 1).join("\n");
  if (inner <= outer || !isEnded || text === "" || text.startsWith("\n")) {
    throw new NotPlain();
  }
  return keepsEnd ? `${text}\n` : text;
}

/** Takes lines up to one that is less indented. */
function readTextLines(cursor: Cursor, inner: number): readonly string[] {
  const lines: string[] = [];
  for (; cursor.row < cursor.lines.length - 1; cursor.row += 1) {
    const line = lineOf(cursor);
    const indent = indentOf(line);
    if (indent === line.length && indent > inner) {
      throw new NotPlain();
    }
    if (indent < line.length && indent < inner) {
      break;
    }
    lines.push(line.slice(inner));
  }
  return lines;
}
