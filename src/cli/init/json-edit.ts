import { prune, withoutLastLine } from "./json-prune.ts";
import { memberOf, readJsonc } from "./jsonc.ts";
import type { JsonNode, JsonPath } from "./jsonc.ts";

/**
 * Sets a value in a JSON text and leaves every other character as it is: comments, order, spacing. Missing objects on the way are
 * made. Null when the text is no JSON, or something on the way is no object, or not in its list.
 */
export function setValue(text: string, path: JsonPath, value: unknown): string | null {
  const root = rootOf(text);
  if (root === null) {
    return null;
  }
  let node = root;
  for (const [index, key] of path.entries()) {
    const child = childOf(node, key);
    if (child === null) {
      return typeof key === "number" || node.kind !== "object"
        ? null
        : addMember({ text, node, depth: index }, key, nest(path.slice(index + 1), value));
    }
    node = child;
  }
  return splice(text, node, printed(value, { text, depth: path.length }));
}

/** Adds an item at the end of an array, which is made when it is missing. Null as in `setValue`. */
export function appendItem(text: string, path: JsonPath, item: unknown): string | null {
  const root = rootOf(text);
  const node = root === null ? null : nodeAt(root, path);
  if (node === null) {
    return setValue(text, path, [item]);
  }
  if (node.kind !== "array") {
    return null;
  }
  const last = node.items.at(-1);
  const content = printed(item, { text, depth: path.length + 1 });
  return insertAfter({ text, node, depth: path.length }, last?.end ?? null, content);
}

/** Replaces one item of an array. Null when it is not there. */
export function replaceItem(
  text: string,
  path: JsonPath,
  { index, item }: { readonly index: number; readonly item: unknown },
): string | null {
  return setValue(text, [...path, index], item);
}

/** Takes a member or, with an index, an item of an array away, with its comma. The text itself when it is not there. */
export function removeValue(text: string, path: JsonPath, index: number | null): string {
  const root = rootOf(text);
  const gone = root === null ? null : nodeAt(root, index === null ? path : [...path, index]);
  return prune(text, {
    isGone: ({ start, end }, { length }) => length > 0 && gone?.start === start && gone.end === end,
    emptied: ({ kind }, _, inside) => (kind === "array" ? `[${inside}]` : `{${inside}}`),
  });
}

/** The value at a path, or null. */
export function nodeAt(root: JsonNode, path: JsonPath): JsonNode | null {
  let node: JsonNode | null = root;
  for (const key of path) {
    node = node === null ? null : childOf(node, key);
  }
  return node;
}

function childOf(node: JsonNode, key: string | number): JsonNode | null {
  if (typeof key === "number") {
    return node.kind === "array" ? (node.items[key] ?? null) : null;
  }
  return memberOf(node, key)?.value ?? null;
}

function rootOf(text: string): JsonNode | null {
  const reading = readJsonc(text);
  return reading.kind === "read" ? reading.root : null;
}

interface Holder {
  readonly text: string;
  readonly node: JsonNode;
  /** How deep the holder's own braces stand: 0 for the root. */
  readonly depth: number;
}

function addMember(holder: Holder, key: string, value: unknown): string {
  const { text, node, depth } = holder;
  const last = node.kind === "object" ? node.members.at(-1) : undefined;
  const content = `${JSON.stringify(key)}: ${printed(value, { text, depth: depth + 1 })}`;
  return insertAfter(holder, last?.value.end ?? null, content);
}

/** Puts content behind the last child, or between the braces of an empty one. A trailing comma of the text is kept in its place. */
function insertAfter({ text, node, depth }: Holder, end: number | null, content: string): string {
  const { unit, line } = layoutOf(text);
  const inner = line + unit.repeat(depth + 1);
  if (end !== null) {
    return `${text.slice(0, end)},${inner}${content}${text.slice(end)}`;
  }
  const inside = text.slice(node.start + 1, node.end - 1);
  const kept = inside.trim() === "" ? "" : withoutLastLine(inside);
  const open = text.slice(0, node.start + 1);
  return `${open}${kept}${inner}${content}${line}${unit.repeat(depth)}${text.slice(node.end - 1)}`;
}

function splice(text: string, { start, end }: Span, content: string): string {
  return text.slice(0, start) + content + text.slice(end);
}

interface Span {
  readonly start: number;
  readonly end: number;
}

function nest(keys: JsonPath, value: unknown): unknown {
  return keys.reduceRight((inner, key) => ({ [key]: inner }), value);
}

interface Layout {
  /** One step of indentation; empty for a text that stands on one line. */
  readonly unit: string;
  /** What stands between two members: a line end of the text's own sort, or a space. */
  readonly line: string;
}

function layoutOf(text: string): Layout {
  const unit = /\n([ \t]+)\S/u.exec(text)?.[1];
  const lineEnd = text.includes("\r\n") ? "\r\n" : "\n";
  if (unit === undefined) {
    const isOneLine = /^\s*[{[].*\S.*[}\]]\s*$/u.test(text) && !text.trim().includes("\n");
    return isOneLine && text.trim().length > 2
      ? { unit: "", line: " " }
      : { unit: "  ", line: lineEnd };
  }
  return { unit, line: lineEnd };
}

function printed(
  value: unknown,
  { text, depth }: { readonly text: string; readonly depth: number },
): string {
  const { unit, line } = layoutOf(text);
  if (line === " ") {
    return JSON.stringify(value);
  }
  return JSON.stringify(value, null, unit)
    .split("\n")
    .join(`${line}${unit.repeat(depth)}`);
}
