/** Splits a command line into words as a shell would, quotes included; null when only a shell could run it. */
export function splitWords(line: string): readonly string[] | null {
  const words: string[] = [];
  let rest = line.trim();
  while (rest !== "") {
    const found = /^(?:[^\s'"\\|&;<>()$`*?[\]{}~#!]|'[^']*'|"[^"\\$`]*")+/u.exec(rest);
    if (found === null) {
      return null;
    }
    const [word] = found;
    words.push(word.replaceAll(/'([^']*)'|"([^"]*)"/gu, "$1$2"));
    const after = rest.slice(word.length);
    if (after !== "" && !/^\s/u.test(after)) {
      return null;
    }
    rest = after.trimStart();
  }
  return words.length === 0 ? null : words;
}
