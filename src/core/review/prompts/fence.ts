import { createHash } from "node:crypto";

/** Puts text that others wrote between marks that they cannot know. */
export interface Fences {
  /** Wraps a text; hidden characters are replaced by a visible mark. */
  wrap(label: string, text: string): string;
  /** The same for a text in which nothing is hidden any more: what all seats are shown is looked through once. */
  wrapVisible(label: string, text: string): string;
  /** The mark, to be named in the instructions. */
  readonly mark: string;
}

/** Runs of characters that people do not see: control, direction, zero width, fillers, tags, variation selectors. Tabs and line ends stay. */
const hidden = /(?:(?![\t\n])[\p{Cc}\p{Cf}\p{Cs}\p{DI}])+/gu;

/**
 * Makes the fences of one prompt. The mark is random: 80 bits that hang on the run's seed, which nobody who writes a diff knows.
 *
 * @param seed of the run, from the random source; the same seed makes the same prompts, so that answers can be kept.
 */
export function createFences(seed: string, seat: number): Fences {
  const mark = createHash("sha256")
    .update(`fence:${seed}:${String(seat)}`)
    .digest("hex")
    .slice(0, 20);
  const wrapVisible: Fences["wrapVisible"] = (label, text) =>
    `[begin ${label} ${mark}]\n${text.replaceAll(mark, "[mark]")}\n[end ${label} ${mark}]`;
  return { mark, wrapVisible, wrap: (label, text) => wrapVisible(label, visible(text)) };
}

/** Shows hidden characters as `[hidden]`, so that no reviewer obeys what no person sees. */
export function visible(text: string): string {
  return text.replaceAll(/\r\n?/gu, "\n").replaceAll(hidden, "[hidden]");
}
