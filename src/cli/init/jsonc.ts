/** A value of a JSON text with comments, and where it stands. */
export type JsonNode = {
  /** Offsets into the text: from the first character to the one after the last. */
  readonly start: number;
  readonly end: number;
} & (
  | { readonly kind: "object"; readonly members: readonly JsonMember[] }
  | { readonly kind: "array"; readonly items: readonly JsonNode[] }
  | { readonly kind: "plain"; readonly value: string | number | boolean | null }
);

export interface JsonMember {
  readonly key: string;
  /** Where the key begins. */
  readonly start: number;
  /** The place behind it. */
  readonly keyEnd: number;
  readonly value: JsonNode;
}

/** Keys, and places in lists, from the root to a value. */
export type JsonPath = readonly (string | number)[];

/** A place in a text that is no JSON, not even with comments and trailing commas. */
export interface JsonFault {
  readonly line: number;
  readonly column: number;
  /** True where lists and objects stand in one another deeper than any program's settings: it may be JSON. */
  readonly isTooDeep?: true | undefined;
}

/** Something that not every reader of JSON takes, or that readers take differently. */
export interface JsonOddity extends Pick<JsonFault, "line" | "column"> {
  readonly kind: "comment" | "trailing-comma" | "twice";
  /** The key that stands a second time in one object; else null. */
  readonly key: string | null;
}

export type JsonReading =
  | { readonly kind: "read"; readonly root: JsonNode; readonly oddities: readonly JsonOddity[] }
  | { readonly kind: "fault"; readonly fault: JsonFault };

/** Reads JSON that may have comments and trailing commas, and keeps where each value stands. */
export function readJsonc(text: string): JsonReading {
  const at = text.startsWith("\uFEFF") ? 1 : 0;
  const scanner: Scanner = { text, at, depth: 0, isTooDeep: false, odd: [] };
  const root = readValue(scanner);
  skipBlank(scanner);
  if (root === null || scanner.at < text.length) {
    const place = faultAt(text, scanner.at);
    return { kind: "fault", fault: scanner.isTooDeep ? { ...place, isTooDeep: true } : place };
  }
  const oddities = scanner.odd.map(({ kind, key, at: place }) => ({
    kind,
    key,
    ...faultAt(text, place),
  }));
  return { kind: "read", root, oddities };
}

/** The value as plain data. */
export function toData(node: JsonNode): unknown {
  switch (node.kind) {
    case "object":
      return Object.fromEntries(node.members.map(({ key, value }) => [key, toData(value)]));
    case "array":
      return node.items.map(toData);
    case "plain":
      return node.value;
    default:
      return node satisfies never;
  }
}

/** The value under a key; the last one where a key stands twice, as JSON readers have it. Null when there is none. */
export function memberOf(node: JsonNode, key: string): JsonMember | null {
  return node.kind === "object"
    ? (node.members.findLast((member) => member.key === key) ?? null)
    : null;
}

interface Scanner {
  readonly text: string;
  at: number;
  depth: number;
  isTooDeep: boolean;
  /** At most a few of each kind: who wants to know counts none. */
  readonly odd: Odd[];
}

type Odd = Pick<JsonOddity, "kind" | "key"> & { readonly at: number };

const mostOddities = 20;

function note({ odd }: Scanner, found: Odd): void {
  if (odd.filter(({ kind }) => kind === found.kind).length < mostOddities) {
    odd.push(found);
  }
}

/** How deep lists and objects may stand in one another: a reader that calls itself for each would overflow. */
export const depthLimit = 200;

/** Null at the first character that does not fit; the scanner then stands there. */
function readValue(scanner: Scanner): JsonNode | null {
  skipBlank(scanner);
  const first = scanner.text.charAt(scanner.at);
  if (first !== "{" && first !== "[") {
    return readPlain(scanner);
  }
  if (scanner.depth >= depthLimit) {
    scanner.isTooDeep = true;
    return null;
  }
  scanner.depth += 1;
  const node = first === "{" ? readObject(scanner) : readArray(scanner);
  scanner.depth -= 1;
  return node;
}

function readObject(scanner: Scanner): JsonNode | null {
  const start = scanner.at;
  const members: JsonMember[] = [];
  const keys = new Set<string>();
  scanner.at += 1;
  while (!takes(scanner, "}")) {
    const member = readMember(scanner);
    if (member === null) {
      return null;
    }
    members.push(member);
    if (keys.has(member.key)) {
      note(scanner, { kind: "twice", key: member.key, at: member.start });
    }
    keys.add(member.key);
    if (!takesComma(scanner, "}") && !isNext(scanner, "}")) {
      return null;
    }
  }
  return { kind: "object", members, start, end: scanner.at };
}

function readMember(scanner: Scanner): JsonMember | null {
  skipBlank(scanner);
  const key = readPlain(scanner);
  if (key?.kind !== "plain" || typeof key.value !== "string" || !takes(scanner, ":")) {
    return null;
  }
  const value = readValue(scanner);
  return value === null ? null : { key: key.value, start: key.start, keyEnd: key.end, value };
}

function readArray(scanner: Scanner): JsonNode | null {
  const start = scanner.at;
  const items: JsonNode[] = [];
  scanner.at += 1;
  while (!takes(scanner, "]")) {
    const item = readValue(scanner);
    if (item === null) {
      return null;
    }
    items.push(item);
    if (!takesComma(scanner, "]") && !isNext(scanner, "]")) {
      return null;
    }
  }
  return { kind: "array", items, start, end: scanner.at };
}

/** A text may hold every character from U+0020 on, be it one that is not seen (RFC 8259, section 7). */
const plain =
  /"(?:[ !#-[\]-\u{10FFFF}]|\\(?:["\\/bfnrt]|u[\dA-Fa-f]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[Ee][+-]?\d+)?|true|false|null/uy;

function readPlain(scanner: Scanner): JsonNode | null {
  plain.lastIndex = scanner.at;
  const match = plain.exec(scanner.text)?.[0];
  if (match === undefined) {
    return null;
  }
  const start = scanner.at;
  scanner.at += match.length;
  const value: unknown = JSON.parse(match);
  return isPlain(value) ? { kind: "plain", value, start, end: scanner.at } : null;
}

function isPlain(value: unknown): value is string | number | boolean | null {
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

/** Other blanks, as one that does not break, are none of JSON's: its programs refuse them. */
const blank = /(?:[ \t\n\r]|\/\/[^\n\r]*|\/\*[\s\S]*?\*\/)*/uy;

function skipBlank(scanner: Scanner): void {
  blank.lastIndex = scanner.at;
  const skipped = blank.exec(scanner.text)?.[0] ?? "";
  const comment = skipped.indexOf("/");
  if (comment !== -1) {
    note(scanner, { kind: "comment", key: null, at: scanner.at + comment });
  }
  scanner.at += skipped.length;
}

/** Takes the comma behind a value, be it one before the end of its list or object. */
function takesComma(scanner: Scanner, end: string): boolean {
  const found = takes(scanner, ",");
  const at = scanner.at - 1;
  if (found && isNext(scanner, end)) {
    note(scanner, { kind: "trailing-comma", key: null, at });
  }
  return found;
}

function isNext(scanner: Scanner, character: string): boolean {
  skipBlank(scanner);
  return scanner.text.charAt(scanner.at) === character;
}

function takes(scanner: Scanner, character: string): boolean {
  const found = isNext(scanner, character);
  scanner.at += found ? 1 : 0;
  return found;
}

function faultAt(text: string, at: number): JsonFault {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
