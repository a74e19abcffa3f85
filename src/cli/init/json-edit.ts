import { memberOf, readJsonc } from "./jsonc.ts";
import type { JsonNode } from "./jsonc.ts";

/** Keys from the root to a value. */
export type JsonPath = readonly string[];

/**
 * Sets a value in a JSON text and leaves every other character as it is: comments, order, spacing. Missing objects on the way are
 * made. Null when the text is no JSON, or something on the way is no object.
 */
export function setValue(text: string, path: JsonPath, value: unknown): string | null {
  const root = rootOf(text);
  if (root === null) {
    return null;
  }
  let node = root;
  for (const [index, key] of path.entries()) {
    if (node.kind !== "object") {
      return null;
    }
    const member = memberOf(node, key);
    if (member === null) {
      return addMember({ text, node, depth: index }, key, nest(path.slice(index + 1), value));
    }
    node = member.value;
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
  change: { readonly index: number; readonly item: unknown },
): string | null {
  const node = itemsAt(text, path)[change.index];
  return node === undefined
    ? null
    : splice(text, node, printed(change.item, { text, depth: path.length + 1 }));
}

/** Takes a member or, with an index, an item of an array away, with its comma. The text itself when it is not there. */
export function removeValue(text: string, path: JsonPath, index: number | null): string {
  const root = rootOf(text);
  const key = path.at(-1);
  if (root === null || key === undefined) {
    return text;
  }
  if (index !== null) {
    const items = itemsAt(text, path);
    return cut(text, items, index);
  }
  const holder = nodeAt(root, path.slice(0, -1));
  if (holder?.kind !== "object") {
    return text;
  }
  const spans = holder.members.map(({ start, value }) => ({ start, end: value.end }));
  return cut(
    text,
    spans,
    holder.members.findLastIndex((member) => member.key === key),
  );
}

/** The value at a path, or null. */
export function nodeAt(root: JsonNode, path: JsonPath): JsonNode | null {
  let node: JsonNode | null = root;
  for (const key of path) {
    node = node === null ? null : (memberOf(node, key)?.value ?? null);
  }
  return node;
}

/** The items of the array at a path; none when there is no array. */
export function itemsAt(text: string, path: JsonPath): readonly JsonNode[] {
  const root = rootOf(text);
  const node = root === null ? null : nodeAt(root, path);
  return node?.kind === "array" ? node.items : [];
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
  const kept = inside.trim() === "" ? "" : inside.trimEnd();
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

/** Cuts one child out: with the comma before it, or, for the first one, the comma behind it. */
function cut(text: string, spans: readonly Span[], index: number): string {
  const span = spans[index];
  if (span === undefined) {
    return text;
  }
  const before = spans[index - 1];
  if (before !== undefined) {
    return text.slice(0, before.end) + text.slice(span.end);
  }
  const after = spans[index + 1];
  if (after !== undefined) {
    return text.slice(0, span.start) + text.slice(after.start);
  }
  const rest = text.slice(span.end).replace(/^\s*,/u, "");
  return text.slice(0, span.start).trimEnd() + rest.trimStart();
}

function nest(keys: readonly string[], value: unknown): unknown {
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
  if (unit === undefined) {
    const isOneLine = /^\s*[{[].*\S.*[}\]]\s*$/u.test(text) && !text.trim().includes("\n");
    return isOneLine && text.trim().length > 2
      ? { unit: "", line: " " }
      : { unit: "  ", line: "\n" };
  }
  return { unit, line: text.includes("\r\n") ? "\r\n" : "\n" };
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
