/** The words around what Skein wrote into a file of somebody else. */
const beginMark = "# >>> skein >>>";
const endMark = "# <<< skein <<<";

/** Puts lines between Skein's marks: in place of an earlier block, else at the end of the text. Nothing else changes. */
export function setBlock(text: string, lines: readonly string[], lineEnd = "\n"): string {
  const content = [beginMark, ...lines, endMark].join(lineEnd);
  const place = placeIn(text);
  if (place !== null) {
    return replaced(text, place, content);
  }
  const gap = text === "" || text.endsWith("\n") ? "" : lineEnd;
  return `${text}${gap}${text === "" ? "" : lineEnd}${content}${lineEnd}`;
}

/** Takes Skein's block out, with the empty line before it. */
export function removeBlock(text: string): string {
  const place = widePlaceIn(text);
  return place === null ? text : replaced(text, place, "");
}

/** The text with Skein's block emptied, so that all other lines keep their numbers. */
export function besideBlock(text: string): string {
  const place = placeIn(text);
  return place === null
    ? text
    : replaced(text, place, text.slice(place.start, place.end).replaceAll(/[^\n]/gu, ""));
}

/** Skein's block with the line ends around it; empty where there is none. */
export function blockOf(text: string): string {
  const place = widePlaceIn(text);
  return place === null ? "" : text.slice(place.start, place.end);
}

/** A mark without the other one that belongs to it, and its line from 1; null where there is none. */
export function loneMark(text: string): { readonly mark: string; readonly line: number } | null {
  const beside = besideBlock(text);
  const found = [beginMark, endMark].map((mark) => ({ mark, at: beside.indexOf(mark) }));
  const first = found.find(({ at }) => at !== -1);
  return isBlock(beside) || first === undefined
    ? null
    : { mark: first.mark, line: beside.slice(0, first.at).split("\n").length };
}

/** The line, from 1, on which Skein's block ends; null where there is none. */
export function lineOfEndMark(text: string): number | null {
  const place = placeIn(text);
  return place === null ? null : text.slice(0, place.end).split("\n").length;
}

function isBlock(text: string): boolean {
  return placeIn(text) !== null;
}

interface Place {
  readonly start: number;
  readonly end: number;
}

/** From the first end on that has a beginning, back to the last beginning before it: where one end was lost, what others wrote behind it is no part of a block. */
function placeIn(text: string): Place | null {
  const first = text.indexOf(beginMark);
  const end = first === -1 ? -1 : text.indexOf(endMark, first);
  return end === -1 ? null : { start: text.lastIndexOf(beginMark, end), end: end + endMark.length };
}

/** With the line end before it, and its own. */
function widePlaceIn(text: string): Place | null {
  const place = placeIn(text);
  return (
    place && {
      start: place.start - (/\r?\n$/u.exec(text.slice(0, place.start).slice(-2))?.[0].length ?? 0),
      end: place.end + (/^\r?\n/u.exec(text.slice(place.end, place.end + 2))?.[0].length ?? 0),
    }
  );
}

function replaced(text: string, { start, end }: Place, content: string): string {
  return `${text.slice(0, start)}${content}${text.slice(end)}`;
}
