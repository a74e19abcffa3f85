/** The day of a date, as `2024-02-29`. */
export function isoDay(date: Date): string {
  return date.toISOString().slice(0, 10);
}
