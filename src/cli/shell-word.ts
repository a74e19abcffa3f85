/** A word as a POSIX shell reads it; left alone where it needs no quotes. What is printed for somebody to run may hold names and texts of others. */
export function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/u.test(word) ? word : `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
