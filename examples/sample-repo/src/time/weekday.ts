const names = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/** The English name of a date's weekday. */
export function weekday(date: Date): string {
  return names[date.getUTCDay()] ?? "";
}
