const longest = 1_024;

/** What a caller says of itself, as far as it is believed to say anything: null for an empty text, and for one of more than 1,024 characters. */
export function callerText(text: string | null): string | null {
  return text === null || text === "" || text.length > longest ? null : text;
}
