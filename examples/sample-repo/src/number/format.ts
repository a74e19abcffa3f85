/** Writes a number with a mark between its thousands. */
export function withThousands(value: number, mark = ","): string {
  return String(Math.trunc(value)).replaceAll(/\B(?=(?:\d{3})+$)/gu, mark);
}
