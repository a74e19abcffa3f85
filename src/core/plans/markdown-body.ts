import { readJson } from "./json-tree.ts";
import type { BodyLine } from "./markdown-items.ts";
import {
  listOf,
  minutesOf,
  pathsOf,
  priorityOf,
  references,
  referencesOf,
} from "./markdown-marks.ts";
import type { Place, TextEntry, TextNode } from "./text-tree.ts";

/** What the lines below an item say: fields of its task, and the rest, which is its spec. */
export interface Body {
  readonly fields: readonly TextEntry[];
  readonly spec: string;
  /** Words as `after:` behind which no task is named, each with its place. */
  readonly nameless: readonly Nameless[];
}

/** A word that wants the name of a task behind it and has none. */
export interface Nameless {
  readonly word: string;
  readonly at: Place;
}

const fieldLine =
  /^\s*(?:[-*+]\s+)?(?:\*\*|__)?(title|files?|scope|paths?|depends[ _-]on|blocked by|after|priority|size|estimate|minutes|skills?|accept|acceptance|parent|budget(?:_usd)?|not[ _-]before|spec)(?:\*\*|__)?\s*:(?:\*\*|__)?\s*(.*)$/iu;

/** A line of ids alone behind the words that the item's own line may have without a colon. */
const bareDependency = new RegExp(
  String.raw`^\s*(?:[-*+]\s+)?(?:depends(?:[ _-]on)?|blocked by|after)\s*:?\s+(${references})\.?\s*$`,
  "iu",
);

const names: ReadonlyMap<string, string> = new Map([
  ["title", "title"],
  ["file", "files"],
  ["files", "files"],
  ["scope", "files"],
  ["path", "files"],
  ["paths", "files"],
  ["depends on", "depends_on"],
  ["blocked by", "depends_on"],
  ["after", "depends_on"],
  ["priority", "priority"],
  ["size", "minutes"],
  ["estimate", "minutes"],
  ["minutes", "minutes"],
  ["skill", "skills"],
  ["skills", "skills"],
  ["accept", "accept"],
  ["acceptance", "accept"],
  ["parent", "parent"],
  ["budget", "budget_usd"],
  ["budget usd", "budget_usd"],
  ["not before", "not_before"],
]);

/** Reads the lines below an item. A `spec:` line makes a spec of all that is indented deeper, word for word. */
export function readBody(lines: readonly BodyLine[]): Body {
  const fields: TextEntry[] = [];
  const nameless: Nameless[] = [];
  const prose: BodyLine[] = [];
  let isFence = false;
  for (const [index, line] of lines.entries()) {
    const { word, value } = isFence ? noField : fieldOf(line.text);
    isFence = /^\s*(?:`{3}|~{3})/u.test(line.text) ? !isFence : isFence;
    if (word === "spec" && value === "") {
      return { fields, nameless, spec: verbatim(lines.slice(index + 1), line.indent + 2) };
    }
    const key = names.get(word);
    if (key === undefined) {
      prose.push(line);
    } else {
      fields.push({ key, keyAt: line.at, value: valueOf(key, value, line.at) });
      if (key === "depends_on" && referencesOf(value).length === 0) {
        nameless.push({ word, at: line.at });
      }
    }
  }
  return { fields, nameless, spec: dedented(prose) };
}

const noField = { word: "", value: "" };

function fieldOf(text: string): { readonly word: string; readonly value: string } {
  const dependency = bareDependency.exec(text)?.[1];
  if (dependency !== undefined) {
    return { word: "depends on", value: dependency };
  }
  const found = fieldLine.exec(text);
  const word = found?.[1] ?? "";
  return { word: word.toLowerCase().replaceAll(/[_-]/gu, " "), value: found?.[2] ?? "" };
}

function verbatim(lines: readonly BodyLine[], indent: number): string {
  return trimmed(lines.map(({ text }) => text.slice(Math.min(indent, leadingSpaces(text)))));
}

function leadingSpaces(text: string): number {
  return /^[ \t]*/u.exec(text)?.[0].length ?? 0;
}

function dedented(lines: readonly BodyLine[]): string {
  const indents = lines
    .filter(({ text }) => text.trim() !== "")
    .map(({ text }) => leadingSpaces(text));
  const least = Math.min(...indents, 1_000);
  return trimmed(lines.map(({ text }) => text.slice(Math.min(least, leadingSpaces(text)))));
}

function trimmed(lines: readonly string[]): string {
  const text = lines.join("\n");
  return text.replace(/^(?:[ \t]*\n)+/u, "").trimEnd();
}

const lists: Readonly<Record<string, (text: string) => readonly string[]>> = {
  files: pathsOf,
  depends_on: referencesOf,
  skills: listOf,
  accept: (text) => [quotedOr(text)],
};

const scalars: Readonly<Record<string, (text: string) => string | number>> = {
  title: quotedOr,
  priority: (text) => priorityOf(text) ?? text,
  minutes: (text) => minutesOf(text) ?? text,
  budget_usd: moneyOf,
  parent: bare,
  not_before: bare,
};

function valueOf(key: string, text: string, at: Place): TextNode {
  const list = lists[key];
  const scalar = scalars[key] ?? bare;
  return list === undefined
    ? { kind: "scalar", value: scalar(text), at }
    : listNode(list(text), at);
}

function bare(text: string): string {
  return text.trim().replaceAll("`", "");
}

/** Makes a list of texts at one place. */
export function listNode(texts: readonly string[], at: Place): TextNode {
  return { kind: "list", items: texts.map((value) => ({ kind: "scalar", value, at })), at };
}

/** A text in double quotes is read as JSON, so that it can hold anything. */
function quotedOr(text: string): string {
  const tree = text.startsWith('"') ? readJson(text) : null;
  const value = tree?.kind === "tree" && tree.root.kind === "scalar" ? tree.root.value : null;
  return typeof value === "string" ? value : text.trim();
}

function moneyOf(text: string): string | number {
  const found = /^\$?\s*(\d+(?:\.\d+)?)\s*(?:usd|\$)?$/iu.exec(text.trim())?.[1];
  return found === undefined ? text : Number(found);
}
