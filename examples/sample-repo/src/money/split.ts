/** Splits cents into equal parts; the first parts take what is left over. */
export function split(cents: number, parts: number): readonly number[] {
  const each = Math.floor(cents / parts);
  const over = cents - each * parts;
  return Array.from({ length: parts }, (_, index) => each + (index < over ? 1 : 0));
}
