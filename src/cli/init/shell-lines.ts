/** In what a line of a shell's script begins. */
export type Within = "script" | "quotes" | "here-document";

/** What a shell reads before it looks at anything else: an escape, quotes, a comment, a text from the script itself, a line end. */
const sign =
  /\\[\s\S]|'[^']*'|"(?:[^"\\]|\\[\s\S])*"|(?<![^\s;&|()])#[^\n]*|<<<|<<(-?)[ \t]*(?:'([^'\n]+)'|"([^"\n]+)"|\\?([\w.+-]+))|\n/gu;

/**
 * Tells of each line in what it begins. A quote that is never closed begins nothing, nor does a here-document of which no end is found.
 */
export function withinOfLines(text: string): readonly Within[] {
  const found: Within[] = ["script"];
  const signs = new RegExp(sign);
  let awaited: readonly Ending[] = [];
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
    } else if (!said.startsWith("\\")) {
      found.push(...linesOf(said, "quotes"));
    }
  }
  return found;
}

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
