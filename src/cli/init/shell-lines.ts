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
  let awaited: readonly Ending[] = [];
  let isLost = false;
  for (let next = signs.exec(text); next !== null; next = signs.exec(text)) {
    const [said, tabs, quoted, doubled, bare] = next;
    const word = quoted ?? doubled ?? bare;
    if (word !== undefined) {
      awaited = [...awaited, { word, mayBeIndented: tabs === "-" }];
    } else if (said === "\n") {
      const from = signs.lastIndex;
      signs.lastIndex = endOfAll(text, from, awaited);
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
function endOfAll(text: string, from: number, endings: readonly Ending[]): number {
  return endings.reduce((at, ending) => endOf(text, at, ending) ?? at, from);
}

function endOf(text: string, from: number, { word, mayBeIndented }: Ending): number | null {
  for (let at = text.indexOf(word, from); at !== -1; at = text.indexOf(word, at + word.length)) {
    const before = text.slice(text.lastIndexOf("\n", at - 1) + 1, at);
    const behind = /^\r?(?:\n|$)/u.exec(text.slice(at + word.length, at + word.length + 2));
    if (behind !== null && (before === "" || (mayBeIndented && /^\t+$/u.test(before)))) {
      return at + word.length + behind[0].length;
    }
  }
  return null;
}
