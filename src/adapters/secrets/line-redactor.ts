import { createFindKnown } from "./known-values.ts";
import { patternSpans } from "./patterns.ts";
import { privateKeySpans } from "./private-keys.ts";
import { redactSpans } from "./spans.ts";
import type { Span } from "./spans.ts";
import { wrappedKeySpans } from "./wrapped-keys.ts";

/** Skein's own tokens, and whatever stands where a token is sent. */
const ownTokens =
  /\bskein_[A-Za-z0-9.~-]{1,600}_t\d{1,15}_[0-9a-z]{20,}|(?<=\bBearer\s{1,3})[\w.~+/=-]{8,}/gu;

/**
 * Takes secrets out of one line of a log, at once: known values however they are written, private keys, keys in the formats of their
 * providers, and tokens of Skein.
 */
export function createLineRedactor(known: readonly string[]): (line: string) => string {
  const findKnown = createFindKnown(known);
  return (line) =>
    redactSpans(line, [
      findKnown(line),
      privateKeySpans(line),
      tokenSpans(line),
      patternSpans(line),
      wrappedKeySpans(line),
    ]).text;
}

function tokenSpans(line: string): readonly Span[] {
  return Array.from(line.matchAll(ownTokens), (match) => ({
    start: match.index,
    end: match.index + match[0].length,
    kind: "token",
  }));
}
