/** Cuts a text to a count of code points: the host refuses a whole report for one that is too long. */
export function cut(text: string, maxPoints: number): string {
  if (text.length <= maxPoints) {
    return text;
  }
  const points = Array.from(text);
  return points.length <= maxPoints ? text : `${points.slice(0, maxPoints - 1).join("")}…`;
}

/** Cuts a text to a count of UTF-8 bytes, between code points. */
export function cutBytes(text: string, maxBytes: number): string {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length <= maxBytes) {
    return text;
  }
  // The first byte of a code point is never of the form 10xxxxxx.
  let end = maxBytes - 3;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) {
    end -= 1;
  }
  return `${bytes.subarray(0, end).toString("utf8")}…`;
}
