import { lexer, walkTokens } from "marked";
import type { Token } from "marked";

/** What a code host would bring to life in prose: mentions, addresses, references, words that close. */
const lively =
  /(?<![\w`&;/])@[a-z\d]|\b(?:https?|ftp):\/\/|\bwww\.|(?<![&\w])#\d|\bGH-\d|\b(?:fix|clos|resolv)e?[sd]? +[\w/-]*#\d/giu;

/** What is alive in a Markdown text: links, pictures, raw HTML, mentions and references. */
export function aliveIn(markdown: string): readonly string[] {
  const alive: string[] = [];
  void walkTokens(lexer(markdown), (token: Token) => {
    if (token.type === "link" || token.type === "image" || token.type === "html") {
      alive.push(token.raw);
    }
    if (token.type === "text" && !("tokens" in token)) {
      alive.push(...(token.raw.match(lively) ?? []));
    }
  });
  return alive;
}

/** Characters that nobody sees, and lines that some bot would obey. */
export function hiddenIn(text: string): readonly string[] {
  const hidden =
    /[\u{200B}-\u{200F}\u{202A}-\u{202E}\u{2060}-\u{2069}\u{FEFF}\u{E0000}-\u{E01EF}]/gu;
  return [
    ...(text.match(hidden) ?? []),
    ...text.split("\n").filter((line) => /^\s{0,3}\/\w/u.test(line)),
  ];
}
