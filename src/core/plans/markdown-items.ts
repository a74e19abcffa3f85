import { trimmedOf } from "./markdown-marks.ts";
import type { Place } from "./text-tree.ts";

/** One item of a checklist with all that stands below it. */
export interface ChecklistItem {
  readonly at: Place;
  readonly isTicked: boolean;
  /** Its first line, without the box. */
  readonly line: string;
  /** Where it stands in the list of items; null at the top. */
  readonly parent: number | null;
  /** The lines below it that belong to it and to no item inside, indented as they are. */
  readonly body: readonly BodyLine[];
}

export interface BodyLine {
  readonly text: string;
  /** Columns of white space before it. */
  readonly indent: number;
  readonly at: Place;
}

/** A checklist and what stands around it. */
export interface Checklist {
  /** The text of the first heading of the first level, or null. */
  readonly title: { readonly text: string; readonly at: Place } | null;
  readonly items: readonly ChecklistItem[];
  /** Lines that look like items and are none, since their box is neither `[ ]` nor `[x]` with a space behind it. */
  readonly almost: readonly Place[];
}

interface OpenItem {
  readonly at: Place;
  readonly isTicked: boolean;
  readonly line: string;
  readonly parent: number | null;
  readonly body: BodyLine[];
  readonly index: number;
  readonly indent: number;
}

const itemLine = /^(\s*)(?:[-*+]|\d{1,9}[.)])\s+\[([ xX])\](?:\s+(.*))?$/u;
/** A box with a sign, with nothing or with another space in it, or with a word right behind it; no link. */
const almostLine =
  /^\s*(?:[-*+]|\d{1,9}[.)])\s+\[(?:[ xX]\](?![\s([:])|(?:|\s+|[^\p{L}\p{N}\s[\]`])\](?![([:]))/u;
const fenceLine = /^\s*(`{3,}|~{3,})/u;
const specLine = /^\s*spec:\s*$/u;

interface Reading {
  readonly items: OpenItem[];
  /** The item that a line belongs to, inside the items that it stands in. */
  readonly open: OpenItem[];
  readonly almost: Place[];
  title: Checklist["title"];
  /** The fence that is open: code is no checklist. */
  fence: string | null;
  /** The indentation of a `spec:` line: what is indented deeper is taken as it is. */
  specIndent: number | null;
  isComment: boolean;
}

/** Finds the items of a Markdown text from a line on; code fences and comments hold none. */
export function readChecklist(lines: readonly string[], from: number): Checklist {
  const reading: Reading = {
    items: [],
    open: [],
    almost: [],
    title: null,
    fence: null,
    specIndent: null,
    isComment: false,
  };
  for (const [index, text] of lines.entries()) {
    if (index >= from) {
      readLine(reading, text, index + 1);
    }
  }
  return { title: reading.title, items: reading.items, almost: reading.almost };
}

function readLine(reading: Reading, text: string, line: number): void {
  const indent = indentOf(text);
  const body: BodyLine = { text, indent, at: { line, column: Math.min(indent, text.length) + 1 } };
  if (text.trim() === "" || isInSpec(reading, indent)) {
    reading.open.at(-1)?.body.push(body);
  } else if (reading.fence !== null || fenceLine.test(text)) {
    reading.fence = nextFence(reading.fence, text);
    addBody(reading, body);
  } else if (reading.isComment || text.trimStart().startsWith("<!--")) {
    reading.isComment = !text.includes("-->");
  } else {
    readText(reading, body);
  }
}

function isInSpec(reading: Reading, indent: number): boolean {
  if (reading.specIndent !== null && indent <= reading.specIndent) {
    reading.specIndent = null;
  }
  return reading.specIndent !== null;
}

function nextFence(fence: string | null, text: string): string | null {
  const mark = fenceLine.exec(text)?.[1] ?? null;
  if (fence === null || mark === null) {
    return fence ?? mark;
  }
  const isClosing = mark.startsWith(fence) && text.trim() === mark;
  return isClosing ? null : fence;
}

function readText(reading: Reading, body: BodyLine): void {
  const { text, indent } = body;
  const found = itemLine.exec(text);
  if (found !== null) {
    addItem(reading, body, { box: found[2] ?? " ", line: found[3] ?? "" });
    return;
  }
  if (almostLine.test(text)) {
    reading.almost.push(body.at);
  }
  const heading = text.startsWith("# ") ? trimmedOf(trimmedOf(text, "# "), " \t\r") : "";
  if (heading !== "") {
    reading.title ??= { text: heading, at: { line: body.at.line, column: 3 } };
  }
  if (addBody(reading, body) && specLine.test(text)) {
    reading.specIndent = indent;
  }
}

function addItem(
  reading: Reading,
  { indent, at }: BodyLine,
  found: { readonly box: string; readonly line: string },
): void {
  closeTo(reading, indent);
  const item: OpenItem = {
    at,
    isTicked: found.box !== " ",
    line: found.line,
    parent: reading.open.at(-1)?.index ?? null,
    body: [],
    index: reading.items.length,
    indent,
  };
  reading.items.push(item);
  reading.open.push(item);
}

/** Gives a line to the innermost item that it is indented under; false when there is none. */
function addBody(reading: Reading, body: BodyLine): boolean {
  closeTo(reading, body.indent);
  const item = reading.open.at(-1);
  item?.body.push(body);
  return item !== undefined;
}

function closeTo(reading: Reading, indent: number): void {
  while ((reading.open.at(-1)?.indent ?? -1) >= indent) {
    reading.open.pop();
  }
}

/** Columns of white space before a text; a tab goes to the next multiple of 4. */
function indentOf(text: string): number {
  let columns = 0;
  for (const letter of text) {
    if (letter === "\t") {
      columns += 4 - (columns % 4);
    } else if (letter === " ") {
      columns += 1;
    } else {
      break;
    }
  }
  return columns;
}
