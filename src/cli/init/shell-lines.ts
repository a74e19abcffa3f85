/** In what a line of a shell's script begins. */
export type Within = "script" | "quotes" | "here-document";

/** What a shell reads before it looks at anything else: an escape, quotes, a comment, a text from the script itself, a line end. */
const sign =
  /\\[\s\S]|'[^']*'|"|(?<![^\s;&|()])#[^\n]*|<<<|<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([A-Za-z_][\w.+-]*))|\n/gu;

/**
 * Tells of each line in what it begins. A quote that is never closed begins nothing, nor does a here-document of which no end is found.
 */
export function withinOfLines(text: string): readonly Within[] {
  const found: Within[] = ["script"];
  const signs = new RegExp(sign);
  const lines = linesByText(text);
  let awaited: Ending[] = [];
  let isLost = false;
  for (let next = signs.exec(text); next !== null; next = signs.exec(text)) {
    const [said, tabs, quoted, doubled, bare] = next;
    const word = quoted ?? doubled ?? bare;
    if (word !== undefined) {
      awaited.push({ word, mayBeIndented: tabs === "-" });
    } else if (said === "\n") {
      const from = signs.lastIndex;
      signs.lastIndex = endOfAll(lines, from, awaited);
      found.push(...linesOf(text.slice(from, signs.lastIndex), "here-document"), "script");
      awaited = [];
    } else if (said === '"') {
      const from = signs.lastIndex;
      const end: number | null = isLost ? null : behindQuotes(text, from);
      isLost = end === null;
      signs.lastIndex = end ?? from;
      found.push(...linesOf(text.slice(from, signs.lastIndex), "quotes"));
    } else if (!said.startsWith("\\")) {
      found.push(...linesOf(said, "quotes"));
    }
  }
  return found;
}

/** Behind double quotes that open before a place, with the commands in them that have quotes of their own; null where they are not closed. */
function behindQuotes(text: string, from: number): number | null {
  const signs = /\\[\s\S]|'[^'\n]*'|\$?\(|[")]/gu;
  signs.lastIndex = from;
  const open: Opened[] = ["quotes"];
  for (let next = signs.exec(text); next !== null; next = signs.exec(text)) {
    const within = open.at(-1) ?? "quotes";
    const opened = openings[within].get(next[0]);
    if (next[0] === closings[within]) {
      open.pop();
    } else if (opened !== undefined) {
      open.push(opened);
    } else if (within === "quotes" && next[0].startsWith("'")) {
      signs.lastIndex = next.index + 1;
    }
    if (open.length === 0) {
      return signs.lastIndex;
    }
  }
  return null;
}

type Opened = "quotes" | "command";

const closings: Readonly<Record<Opened, string>> = { quotes: '"', command: ")" };

const openings: Readonly<Record<Opened, ReadonlyMap<string, Opened>>> = {
  quotes: new Map([["$(", "command"]]),
  command: new Map([
    ['"', "quotes"],
    ["$(", "command"],
    ["(", "command"],
  ]),
};

/** As often as lines begin in what a shell reads as one. */
function linesOf(said: string, within: Within): readonly Within[] {
  return said
    .split("\n")
    .slice(1)
    .map(() => within);
}

/** The line that ends a here-document. */
interface Ending {
  readonly word: string;
  /** By tabs. */
  readonly mayBeIndented: boolean;
}

/** Behind the here-documents that begin at a place, one after the other. */
function endOfAll(lines: LinesByText, from: number, endings: readonly Ending[]): number {
  return endings.reduce((at, ending) => endOf(lines, at, ending) ?? at, from);
}

function endOf(lines: LinesByText, from: number, ending: Ending): number | null {
  const found = lines(ending);
  return found[firstFrom(found, from)]?.end ?? null;
}

/** A line of a script. */
interface Line {
  readonly start: number;
  /** Behind its line end. */
  readonly end: number;
}

/** The lines that can end a here-document, in their order. */
type LinesByText = (ending: Ending) => readonly Line[];

/** Reads the lines once, when they are first asked for: a script may have as many here-documents as lines. */
function linesByText(text: string): LinesByText {
  let known: readonly [whole: LineIndex, indented: LineIndex] | null = null;
  return ({ word, mayBeIndented }) => {
    known ??= readLines(text);
    const [whole, indented] = known;
    return (mayBeIndented ? indented : whole).get(word) ?? [];
  };
}

type LineIndex = ReadonlyMap<string, readonly Line[]>;

/** By all that they say, and by what they say behind the tabs that they begin with. */
function readLines(text: string): readonly [whole: LineIndex, indented: LineIndex] {
  const [whole, indented] = [new Map<string, Line[]>(), new Map<string, Line[]>()];
  let start = 0;
  for (const each of text.split(/(?<=\n)/u)) {
    const line = { start, end: start + each.length };
    const said = each.replace(/\r?\n$|\r$/u, "");
    put(whole, said, line);
    put(indented, said.replace(/^\t+/u, ""), line);
    start = line.end;
  }
  return [whole, indented];
}

function put(lines: Map<string, Line[]>, said: string, line: Line): void {
  const same = lines.get(said) ?? [];
  lines.set(said, same);
  same.push(line);
}

/** The place of the first line that begins at or behind an offset. */
function firstFrom(lines: readonly Line[], from: number): number {
  let [low, high] = [0, lines.length];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if ((lines[middle]?.start ?? from) < from) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}
