import type { Span } from "./spans.ts";

const kind = "private-key";
const border = /-----(?<side>BEGIN|END) ?[A-Z0-9 ]{0,30}PRIVATE KEY(?: BLOCK)?-----/gu;

/** A line of the inside: base64 with what a diff, a number or a string literal puts around it; or a header of an old format. */
const inside =
  /^(?:[ \t]*\d{1,6}[ \t]*[|:])?[-+ \t"'`]*(?:[A-Za-z0-9+/]{16,}={0,2}(?:\\[nr]|["'`,;+\\ \t\r])*|(?:Proc-Type|DEK-Info|Version|Comment):.*)$/u;

/** How far the end of a key is looked for, in characters. */
const reach = 20_000;

/** Private keys between their borders, and what a hunk has of one whose other border it cut off. */
export function privateKeySpans(text: string): readonly Span[] {
  const borders = Array.from(text.matchAll(border), (match) => ({
    isBegin: match.groups?.["side"] === "BEGIN",
    start: match.index,
    end: match.index + match[0].length,
  }));
  return borders.flatMap((one, index) => {
    const [before, next] = [borders[index - 1], borders[index + 1]];
    if (one.isBegin) {
      const isWhole = next?.isBegin === false && next.start - one.end < reach;
      return [{ start: one.start, end: isWhole ? next.end : endBelow(text, one.end), kind }];
    }
    const isClosed = before?.isBegin === true && one.start - before.end < reach;
    return isClosed ? [] : [{ start: startAbove(text, one.start), end: one.end, kind }];
  });
}

/** The end of the last line below that belongs to a key; the end of the border where none does. */
function endBelow(text: string, from: number): number {
  let end = from;
  for (let at = text.indexOf("\n", from); at !== -1 && at - from < reach;) {
    const stop = text.indexOf("\n", at + 1);
    const line = text.slice(at + 1, stop === -1 ? text.length : stop);
    if (!inside.test(line)) {
      break;
    }
    end = at + 1 + line.length;
    at = stop;
  }
  return end;
}

/** The start of the first line above that belongs to a key; the start of the border where none does. */
function startAbove(text: string, from: number): number {
  let start = from;
  let at = text.lastIndexOf("\n", from - 1);
  while (at > 0 && from - at < reach) {
    const begin = text.lastIndexOf("\n", at - 1) + 1;
    if (!inside.test(text.slice(begin, at))) {
      break;
    }
    start = begin;
    at = begin - 1;
  }
  return start;
}
