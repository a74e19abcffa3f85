import { lastUpTo } from "./last-up-to.ts";
import { secretPrefixes } from "./patterns.ts";
import type { Span } from "./spans.ts";

/** The lines of a text in which a secret could stand, without the many in which none can. */
export interface SuspectLines {
  /** The lines, joined by line breaks. */
  readonly text: string;
  /** Turns spans of that text into spans of the whole; none of them goes beyond a line. */
  place(spans: readonly Span[]): readonly Span[];
}

/**
 * A long run of letters, digits and signs with a digit in it; a login in an address; a word that comes before secrets; or the beginning
 * of a provider's keys.
 */
const suspicious = new RegExp(
  String.raw`(?<![\w+/=.~-])(?=[\w+/=.~-]*\d)[\w+/=.~-]{16}|://[^\s/]*@|[pP][aA][sS][sS][wW]|PWD|pwd|[sS]ecret|SECRET|[tT]oken|TOKEN|[aA]pi[_-]?[kK]ey|API_?KEY|[aA]uthorization|[aA]uth["']|(?<![A-Za-z0-9])(?:${secretPrefixes.join("|")})`,
  "u",
);

export function suspectLines(whole: string): SuspectLines {
  const lines: string[] = [];
  /** Where each line begins here, and how far it stands from there in the whole. */
  const starts: number[] = [];
  const shifts: number[] = [];
  let at = 0;
  let length = 0;
  for (const line of whole.split("\n")) {
    if (suspicious.test(line)) {
      lines.push(line);
      starts.push(length);
      shifts.push(at - length);
      length += line.length + 1;
    }
    at += line.length + 1;
  }
  return {
    text: lines.join("\n"),
    place: (spans) =>
      spans.flatMap((span) => {
        const first = lastUpTo(starts, span.start);
        const last = lastUpTo(starts, Math.max(span.start, span.end - 1));
        return Array.from({ length: last - first + 1 }, (_, offset) => {
          const index = first + offset;
          const [start = 0, shift = 0] = [starts[index], shifts[index]];
          const end = start + (lines[index]?.length ?? 0);
          return {
            start: Math.max(span.start, start) + shift,
            end: Math.min(span.end, end) + shift,
            kind: span.kind,
          };
        }).filter(({ start, end }) => end > start);
      }),
  };
}
