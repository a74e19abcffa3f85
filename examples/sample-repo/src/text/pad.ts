/** Fills a text with spaces on its right, up to a width. */
export function padRight(text: string, width: number): string {
  return text + " ".repeat(Math.max(0, width - text.length));
}
