import { cleanText } from "../../base/text.ts";

/** Puts text that others wrote between marks that they cannot know. */
export interface Fence {
  /** To be named in the instructions. */
  readonly mark: string;
  wrap(label: string, text: string): string;
}

const mostChars = 400_000;

/** Makes the fence of one draft. `mark` is random. Characters that people do not see are taken out. */
export function createFence(mark: string): Fence {
  return {
    mark,
    wrap: (label, text) =>
      `[begin ${label} ${mark}]\n${cleanText(text, mostChars).replaceAll(mark, "[mark]")}\n[end ${label} ${mark}]`,
  };
}
