/** Where a line of TOML begins. */
export interface LineStart {
  /** Within a text over several lines. */
  readonly isInText: boolean;
  /** How many brackets of a value are open. */
  readonly depth: number;
}

/** Tells of each line where it begins, and of one more, where the text ends. The text need be no TOML: a quote that is never closed begins no text. */
export function lineStarts(text: string): readonly LineStart[] {
  const starts: LineStart[] = [{ isInText: false, depth: 0 }];
  let depth = 0;
  let isInText = false;
  let isHead = false;
  for (const piece of masked(text).split(/([\n\uE000])/u)) {
    if (piece === "\n" || piece === inText) {
      depth = isHead ? 0 : depth;
      isInText = piece === inText;
      starts.push({ isInText, depth });
    } else {
      isHead = depth === 0 && !isInText && piece.trimStart().startsWith("[");
      depth = Math.max(0, depth + piece.split(/[[{]/u).length - piece.split(/[\]}]/u).length);
    }
  }
  return starts;
}

/** The comments of a text, from their sign to the end of their line. */
export function commentsIn(text: string): readonly string[] {
  return partsIn(text)
    .filter(({ isComment }) => isComment)
    .map(({ start, end }) => text.slice(start, end).trimEnd());
}

/** Stands for a line end within a text; in the text itself it says nothing that counts here. */
const inText = "\uE000";

/** The text with all blanks in the place of its comments and of what its quotes hold. */
function masked(text: string): string {
  let from = 0;
  let out = "";
  for (const { start, end } of partsIn(text)) {
    const hidden = text.slice(start, end).replaceAll(/[^\n]/gu, " ").replaceAll("\n", inText);
    out += `${text.slice(from, start).replaceAll(inText, " ")}${hidden}`;
    from = end;
  }
  return out + text.slice(from).replaceAll(inText, " ");
}

interface Part {
  readonly start: number;
  readonly end: number;
  readonly isComment: boolean;
}

/** Comments and quoted texts. No character is read more than a few times: anybody may have written the file. */
function partsIn(text: string): readonly Part[] {
  const opening = /"""|'''|["'#]/gu;
  const lost = new Set<string>();
  const parts: Part[] = [];
  for (let found = opening.exec(text); found !== null; found = opening.exec(text)) {
    const [sign] = found;
    const end = lost.has(sign) ? null : endOf(text, sign, opening.lastIndex);
    if (end === null) {
      lost.add(sign);
    } else {
      parts.push({ start: found.index, end, isComment: sign === "#" });
      opening.lastIndex = end;
    }
  }
  return parts;
}

const closings: Readonly<Record<string, RegExp>> = {
  '"""': /\\[\s\S]|""""{0,2}/gu,
  "'''": /''''{0,2}/gu,
  '"': /\\[^\n]|"|(?=\n)|$/gu,
  "'": /'|(?=\n)|$/gu,
  "#": /(?=\n)|$/gu,
};

/** Behind what closes a part; null where nothing does. One on a single line ends with it. */
function endOf(text: string, sign: string, from: number): number | null {
  const closing = new RegExp(closings[sign] ?? /$/u);
  closing.lastIndex = from;
  let found = closing.exec(text);
  while (found?.[0].startsWith("\\") === true) {
    found = closing.exec(text);
  }
  return found === null ? null : found.index + found[0].length;
}
