import { cleanText, invisibleSource } from "../../core/base/text.ts";

/** ISO 8601 in UTC, to the second, as `2026-11-20T19:05:00Z`; rounded down, so that an expiry is never told too late. */
export function isoTime(ms: number): string {
  return `${new Date(Math.floor(ms / 1_000) * 1_000).toISOString().slice(0, 19)}Z`;
}

/** The same, rounded up: whoever comes back at that time does not come too early. */
export function isoFromOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(Math.ceil(ms / 1_000) * 1_000);
}

export function isoOrNull(ms: number | null): string | null {
  return ms === null ? null : isoTime(ms);
}

/**
 * Cuts a text to so many characters; a cut one ends in `…`. Never leaves half a character. Whatever could hide or forge text (control,
 * direction and zero-width characters) is taken out on the way: most texts here were written by somebody else.
 */
export function clip(text: string, maxChars: number): string {
  const clean = hidden.test(text) ? cleanText(text, text.length) : text;
  if (clean.length <= maxChars) {
    return clean;
  }
  const cut = clean.slice(0, Math.max(0, maxChars - 1));
  return `${cut.replace(/[\uD800-\uDBFF]$/u, "")}…`;
}

const hidden = new RegExp(String.raw`${invisibleSource}|\p{Cs}|(?![\n\t])\p{Cc}`, "u");

/** The first rows of a list, and how many there are. */
export interface Preview<T> {
  readonly count: number;
  readonly rows: readonly T[];
}

/** Lists show so many rows and the count of all. */
export const shownRows = 20;

export function preview<T, R>(
  items: readonly T[],
  rowOf: (item: T) => R,
  most = shownRows,
): Preview<R> {
  return { count: items.length, rows: items.slice(0, most).map((item) => rowOf(item)) };
}

/** No answer is longer than this, in bytes of its JSON. */
export const longestAnswerBytes = 8_192;

export function bytesOf(value: unknown): number {
  return Buffer.byteLength(JSON.stringify(value));
}

/**
 * Cuts a text so that its JSON fits into so many bytes: escapes and characters beyond ASCII take more than one.
 */
export function clipToBytes(text: string, maxBytes: number): string {
  let kept = clip(text, Math.max(1, maxBytes));
  while (kept.length > 1 && bytesOf(kept) > maxBytes) {
    kept = clip(text, Math.floor(kept.length * Math.min(0.95, maxBytes / bytesOf(kept))));
  }
  return kept;
}

/**
 * The texts that fit into so many bytes together, each cut to `eachBytes`; the last one tells how many more there are.
 */
export function withinBytes(
  texts: readonly string[],
  roomBytes: number,
  eachBytes = 160,
): readonly string[] {
  const shown: string[] = [];
  let left = roomBytes;
  for (const text of texts) {
    const cut = clipToBytes(text, eachBytes);
    left -= bytesOf(cut) + 1;
    if (left < 0) {
      break;
    }
    shown.push(cut);
  }
  const more = texts.length - shown.length;
  return more === 0 ? shown : [...shown, `… ${String(more)} more`];
}

/** Money in dollars, to the millionth. */
export function usd(microUsd: number): number {
  return microUsd / 1_000_000;
}
