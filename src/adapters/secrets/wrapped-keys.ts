import { prefixedSpans } from "./patterns.ts";
import type { Span } from "./spans.ts";
import { unescaped } from "./unescaped.ts";

/** Keys in the formats of their providers that do not stand there as they are: behind escapes, or in base64, which is taken out whole then. */
export function wrappedKeySpans(text: string): readonly Span[] {
  const plain = unescaped(text);
  return [
    ...(plain === null ? [] : plain.place(prefixedSpans(plain.text))),
    ...Array.from(text.matchAll(base64)).flatMap(spansIn),
  ];
}

/** Too short for any key is what has less. */
const base64 = /(?<![A-Za-z0-9+/_-])[A-Za-z0-9+/_-]{24,}={0,2}/gu;

/** What stands before it without a gap, as a path does, may be as long as it likes. */
const shifts = [0, 1, 2, 3];

function spansIn(match: RegExpExecArray): readonly Span[] {
  const [run] = match;
  for (const shift of shifts) {
    const text = Buffer.from(run.slice(shift), "base64").toString("latin1");
    // UTF-16 has one between any two letters.
    const [found] = prefixedSpans(text.replaceAll("\0", ""));
    if (found !== undefined) {
      return [{ start: match.index, end: match.index + run.length, kind: found.kind }];
    }
  }
  return [];
}
