/** Writes epoch milliseconds as ISO 8601 in UTC, as sentences for people show times. */
export function isoTime(ms: number): string {
  return new Date(ms).toISOString();
}
