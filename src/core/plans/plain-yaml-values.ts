import type { Place, TextNode } from "./text-tree.ts";

/** Thrown at what only the full reader of YAML can judge; caught in `readPlainYaml` only. */
export class NotPlain extends Error {}

/** A value as far as its line tells. */
export type PlainValue =
  | { readonly kind: "whole"; readonly node: TextNode }
  /** The lines below are a map or a list. */
  | { readonly kind: "below" }
  /** The lines below are a text. */
  | { readonly kind: "text"; readonly keepsEnd: boolean; readonly at: Place };

const keys = /([A-Za-z_][\w-]{0,99}):(?= |$)/uy;

/** What is no text though it looks like a word. */
const wordValues: ReadonlyMap<string, boolean | null> = new Map<string, boolean | null>([
  ...["true", "True", "TRUE"].map((word) => [word, true] as const),
  ...["false", "False", "FALSE"].map((word) => [word, false] as const),
  ...["null", "Null", "NULL"].map((word) => [word, null] as const),
]);

/** Reads `word:` at a place of a line; `end` is behind the colon. */
export function readPlainKey(
  line: string,
  start: number,
): { readonly key: string; readonly end: number } {
  keys.lastIndex = start;
  const key = keys.exec(line)?.[1];
  if (key === undefined || wordValues.has(key)) {
    throw new NotPlain();
  }
  return { key, end: keys.lastIndex };
}

/** Reads what stands behind a colon or a dash, up to the end of the line or its comment. `row` counts from 1. */
export function readPlainValue(line: string, end: number, row: number): PlainValue {
  let start = end;
  while (line[start] === " ") {
    start += 1;
  }
  const at = { line: row, column: start + 1 };
  switch (line[start]) {
    case undefined:
    case "#":
      return { kind: "below" };
    case "|":
      return { kind: "text", keepsEnd: isClipped(line.slice(start).trimEnd()), at };
    case "[":
      return { kind: "whole", node: readFlow(line, start, row) };
    case '"':
    case "'":
      return { kind: "whole", node: { kind: "scalar", value: readQuoted(line, start), at } };
    default:
      return { kind: "whole", node: { kind: "scalar", value: readBare(line, start), at } };
  }
}

function isClipped(header: string): boolean {
  if (header !== "|" && header !== "|-") {
    throw new NotPlain();
  }
  return header === "|";
}

const quoted = /"([^"\\]*)"|'((?:[^']|'')*)'/uy;
const nothingMore = / *(?: #.*)?$/uy;

function readQuoted(line: string, start: number): string {
  const { text, end } = quotedAt(line, start);
  endsAt(line, end);
  return text;
}

function quotedAt(line: string, start: number): { readonly text: string; readonly end: number } {
  quoted.lastIndex = start;
  const found = quoted.exec(line);
  if (found === null) {
    throw new NotPlain();
  }
  const text = found[1] ?? (found[2] ?? "").replaceAll("''", "'");
  return { text, end: quoted.lastIndex };
}

function endsAt(line: string, end: number): void {
  nothingMore.lastIndex = end;
  if (!nothingMore.test(line)) {
    throw new NotPlain();
  }
}

type Scalar = string | number | boolean | null;

/** A text without quotes. Its first character is none with a meaning of its own, and no `: ` follows. */
const bare = /[A-Za-z0-9_./(\u00a1-\u{10ffff}](?:[^ :#]|:(?=[^ ])|#|[ ]+(?=[^ #]))*/uy;

function readBare(line: string, start: number): Scalar {
  bare.lastIndex = start;
  const text = bare.exec(line)?.[0];
  if (text === undefined) {
    throw new NotPlain();
  }
  endsAt(line, bare.lastIndex);
  return valueOf(text);
}

const numbers = /^(?:0|[1-9]\d{0,14}|\d{1,9}\.\d{1,6})$/u;
const oddNumbers = /^(?:[-+]?[\d.]+(?:[eE][-+]?\d*)?|0[ox][\da-fA-F]*|[-+]?\.(?:inf|nan))$/iu;

/** What a text without quotes means. */
function valueOf(text: string): Scalar {
  const word = wordValues.get(text);
  if (word !== undefined) {
    return word;
  }
  if (numbers.test(text)) {
    return Number(text);
  }
  if (oddNumbers.test(text)) {
    throw new NotPlain();
  }
  return text;
}

const bareInFlow = /[A-Za-z0-9_./(\u00a1-\u{10ffff}](?:[^ ,[\]{}:#"']|[ ]+(?=[^ ,[\]{}:#"']))*/uy;
const comma = / *(?:, *(?=[^ \]])|(?=\]))/uy;

/** Reads a list in brackets that holds texts and numbers and ends on its line. */
function readFlow(line: string, start: number, row: number): TextNode {
  const items: TextNode[] = [];
  let at = start + 1;
  while (line[at] === " ") {
    at += 1;
  }
  while (line[at] !== "]") {
    const item = itemAt(line, at);
    items.push({ kind: "scalar", value: item.value, at: { line: row, column: at + 1 } });
    comma.lastIndex = item.end;
    if (!comma.test(line)) {
      throw new NotPlain();
    }
    at = comma.lastIndex;
  }
  endsAt(line, at + 1);
  return { kind: "list", items, at: { line: row, column: start + 1 } };
}

function itemAt(line: string, start: number): { readonly value: Scalar; readonly end: number } {
  if (line[start] === '"' || line[start] === "'") {
    const { text, end } = quotedAt(line, start);
    return { value: text, end };
  }
  bareInFlow.lastIndex = start;
  const text = bareInFlow.exec(line)?.[0];
  if (text === undefined) {
    throw new NotPlain();
  }
  return { value: valueOf(text), end: bareInFlow.lastIndex };
}
