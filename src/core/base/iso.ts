/** Writes epoch milliseconds as ISO 8601 in UTC, as sentences for people show times. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}

/** A time to the minute for people who read it at `nowMs`: `23:16 UTC`, with the date where it is another day. */
export function minuteText(ms: number, nowMs: number): string {
  const [day = "", time = ""] = isoTime(ms).split("T");
  const isToday = isoTime(nowMs).startsWith(day);
  return `${isToday ? "" : `${day} `}${time.slice(0, 5)} UTC`;
}
