import { readJsonc } from "./jsonc.ts";
import type { JsonNode, JsonPath } from "./jsonc.ts";

/** What is to go from a JSON text. */
export interface Pruning {
  isGone(node: JsonNode, path: JsonPath): boolean;
  /** What stands in the place of a list or an object that lost all it held, or null where it goes as well. `inside` is what is left between its braces. */
  emptied(node: JsonNode, path: JsonPath, inside: string): string | null;
}

/**
 * Takes values out of a JSON text, each with one comma and the blank around it. Every other character stays as it is, comments beside the
 * values among them. The text itself when it is no JSON.
 */
export function prune(text: string, pruning: Pruning): string {
  const reading = readJsonc(text);
  if (reading.kind === "fault") {
    return text;
  }
  const { root } = reading;
  const left = pruned({ text, pruning }, root, []);
  return text.slice(0, root.start) + (left ?? "null") + text.slice(root.end);
}

interface Ground {
  readonly text: string;
  readonly pruning: Pruning;
}

/** The node's text without what goes; null where it goes itself. */
function pruned({ text, pruning }: Ground, node: JsonNode, path: JsonPath): string | null {
  if (pruning.isGone(node, path)) {
    return null;
  }
  const children = childrenOf(node);
  const all = children.map(({ key, start, value }) => {
    const left = pruned({ text, pruning }, value, [...path, key]);
    return left === null ? null : text.slice(start, value.start) + left;
  });
  const kept = all.filter((child) => child !== null);
  const gaps = closedGaps(gapsOf(text, node, children), all);
  if (node.kind === "plain" || all.length === 0) {
    return text.slice(node.start, node.end);
  }
  const inside = gaps.map((gap, index) => gap + (kept[index] ?? "")).join("");
  return kept.length === 0
    ? pruning.emptied(node, path, inside)
    : text.charAt(node.start) + inside + text.charAt(node.end - 1);
}

/** A member of an object, or an item of a list. */
export interface JsonChild {
  readonly key: string | number;
  /** Where it begins, with its key. */
  readonly start: number;
  readonly value: JsonNode;
}

/** What an object or a list holds, in its order. */
export function childrenOf(node: JsonNode): readonly JsonChild[] {
  switch (node.kind) {
    case "object":
      return node.members;
    case "array":
      return node.items.map((value, key) => ({ key, start: value.start, value }));
    case "plain":
      return [];
    default:
      return node satisfies never;
  }
}

/** What stands before, between and behind the children: blank, comments and commas. */
function gapsOf(text: string, node: JsonNode, children: readonly JsonChild[]): readonly string[] {
  const starts = [...children.map(({ start }) => start), node.end - 1];
  const ends = [node.start + 1, ...children.map(({ value }) => value.end)];
  return starts.map((start, index) => text.slice(ends[index], start));
}

/** The gaps around those that stay: the two around one that goes are made one. */
function closedGaps(
  gaps: readonly string[],
  children: readonly (string | null)[],
): readonly string[] {
  const closed = [...gaps];
  for (const [index, child] of [...children.entries()].toReversed()) {
    if (child === null) {
      const [before = "", after = ""] = closed.slice(index, index + 2);
      const isLast = index + 2 === closed.length;
      closed.splice(index, 2, oneGap(before, after, { isFirst: index === 0, isLast }));
    }
  }
  return closed;
}

interface Standing {
  readonly isFirst: boolean;
  readonly isLast: boolean;
}

function oneGap(before: string, after: string, { isFirst, isLast }: Standing): string {
  if (!hasComment(before + after)) {
    return isFirst ? (isLast ? "" : before) : after;
  }
  if (!isLast) {
    return before + withoutComma(after).trimStart();
  }
  if (isFirst) {
    return meeting(before, withoutComma(after));
  }
  if (!hasComment(before)) {
    return after;
  }
  return hasComma(after)
    ? meeting(before, withoutComma(after))
    : meeting(withoutComma(before), after);
}

/** Without the line that the value stood on, unless a comment needs its end. */
function meeting(before: string, after: string): string {
  const kept = withoutLastLine(before);
  const isEnded = !lastLineOf(kept).includes("//") || /^[ \t]*[\n\r]/u.test(after);
  return isEnded ? kept + after : before + after.replace(/^[ \t]+/u, "");
}

/** Without the blank at its end, and the one line end before that. */
export function withoutLastLine(gap: string): string {
  let end = gap.length;
  while (" \t".includes(gap.charAt(end - 1)) && end > 0) {
    end -= 1;
  }
  const kept = gap.slice(0, end);
  return kept.endsWith("\r\n") ? kept.slice(0, -2) : kept.replace(/[\n\r]$/u, "");
}

function lastLineOf(text: string): string {
  return text.slice(Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r")) + 1);
}

const comments = /\/\/[^\n\r]*|\/\*[^]*?\*\//gu;

function hasComment(gap: string): boolean {
  return gap.includes("/");
}

function hasComma(gap: string): boolean {
  return gap.replaceAll(comments, "").includes(",");
}

function withoutComma(gap: string): string {
  return gap.replaceAll(/(\/\/[^\n\r]*|\/\*[^]*?\*\/)|,/gu, (_, comment?: string) => comment ?? "");
}
