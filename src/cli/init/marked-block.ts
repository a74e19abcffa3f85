/** The words around what Skein wrote into a file of somebody else. */
const beginMark = "# >>> skein >>>";
const endMark = "# <<< skein <<<";

const block = /\n?# >>> skein >>>[\s\S]*?# <<< skein <<<\n?/u;

/** Puts lines between Skein's marks: in place of an earlier block, else at the end of the text. Nothing else changes. */
export function setBlock(text: string, lines: readonly string[]): string {
  const content = [beginMark, ...lines, endMark].join("\n");
  if (hasBlock(text)) {
    return text.replace(/# >>> skein >>>[\s\S]*?# <<< skein <<</u, () => content);
  }
  const gap = text === "" || text.endsWith("\n") ? "" : "\n";
  return `${text}${gap}${text === "" ? "" : "\n"}${content}\n`;
}

/** Takes Skein's block out, with the empty line before it. */
export function removeBlock(text: string): string {
  return text.replace(block, "");
}

/** The text with Skein's block emptied, so that all other lines keep their numbers. */
export function besideBlock(text: string): string {
  return text.replace(block, (found) => found.replaceAll(/[^\n]/gu, ""));
}

/** Skein's block; empty where there is none. */
export function blockOf(text: string): string {
  return block.exec(text)?.[0] ?? "";
}

export function hasBlock(text: string): boolean {
  return block.test(text);
}
