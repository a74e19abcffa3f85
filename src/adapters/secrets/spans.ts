import type { Redacted } from "../../core/models/index.ts";

/** A piece of a text that is a secret, from `start` up to and without `end`. */
export interface Span {
  readonly start: number;
  readonly end: number;
  readonly kind: string;
}

/** Replaces the spans; those that touch or overlap become one, named as the first list that has it. */
export function redactSpans(text: string, lists: readonly (readonly Span[])[]): Redacted {
  const spans = mergeSpans(lists);
  if (spans.length === 0) {
    return { text, found: [] };
  }
  const counts = new Map<string, number>();
  let redacted = "";
  let at = 0;
  for (const { start, end, kind } of spans) {
    redacted += text.slice(at, start) + replaced(text.slice(start, end), kind);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    at = end;
  }
  const found = [...counts].map(([kind, count]) => ({ kind, count }));
  return {
    text: redacted + text.slice(at),
    found: found.toSorted((one, other) => one.kind.localeCompare(other.kind, "en")),
  };
}

interface RankedSpan extends Span {
  readonly rank: number;
}

function mergeSpans(lists: readonly (readonly Span[])[]): readonly Span[] {
  const all = lists.flatMap((list, rank) => list.map((span) => ({ ...span, rank })));
  const merged: RankedSpan[] = [];
  for (const span of all.toSorted((one, other) => one.start - other.start)) {
    const last = merged.at(-1);
    if (last === undefined || span.start >= last.end) {
      merged.push(span);
    } else {
      const { kind, rank } = span.rank < last.rank ? span : last;
      merged[merged.length - 1] = {
        start: last.start,
        end: Math.max(last.end, span.end),
        kind,
        rank,
      };
    }
  }
  return merged;
}

/** The head of a line of a diff: its number, its sign, blanks. */
const lineHead = /^(?:[ \t]*\d{1,6}[ \t]*[|:][ \t]?)?[-+ \t]*/u;

/** Lines stay lines, so that what stands below keeps its number. */
function replaced(secret: string, kind: string): string {
  const mark = `[redacted:${kind}]`;
  return secret
    .split("\n")
    .map((line, index) => {
      const head = index === 0 ? "" : (lineHead.exec(line)?.[0] ?? "");
      return line.length > head.length ? head + mark : line;
    })
    .join("\n");
}
