import type { Claim } from "../candidate.ts";

/** A claim reduced to what can be compared: made once a claim, since a pool compares every pair. */
export interface ClaimWords {
  readonly title: ReadonlySet<string>;
  readonly all: ReadonlySet<string>;
  /** The quoted lines without white space. */
  readonly code: ReadonlySet<string>;
}

/** Words that say nothing of the fault. */
const filler = new Set(
  (
    "a an and are as at be been but by can cannot could does for from has have here if in into is it its may might not of on or so should " +
    "than that the then there this to when where which while will with without would code line function method value bug issue problem"
  ).split(" "),
);

/** Reduces a claim to its words: lower case, identifiers taken apart, endings cut, fillers dropped. */
export function wordsOf({ title, body, quoted }: Claim): ClaimWords {
  return {
    title: new Set(tokens(title)),
    all: new Set(tokens(`${title} ${body}`)),
    code: new Set(
      quoted
        .split("\n")
        .map((line) => line.replaceAll(/\s+/gu, ""))
        .filter((line) => line.length > 3),
    ),
  };
}

/** How alike two texts of claims are, in thousandths: the better of their titles alone and of all their words. */
export function textLikeness(a: ClaimWords, b: ClaimWords): number {
  return Math.max(dice(a.title, b.title), dice(a.all, b.all));
}

/** How alike two titles are, in thousandths. */
export function titleLikeness(a: ClaimWords, b: ClaimWords): number {
  return dice(a.title, b.title);
}

/** True when two claims quote a line in common. */
export function quotesMeet(a: ClaimWords, b: ClaimWords): boolean {
  return [...a.code].some((line) => b.code.has(line));
}

function tokens(text: string): readonly string[] {
  return text
    .slice(0, 4_000)
    .replaceAll(/(?<=[a-z0-9])(?=[A-Z])/gu, " ")
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 1 && !filler.has(word))
    .map((word) => stem(word));
}

/** Cuts the commonest English endings, so that "overflows" and "overflowing" are one word. */
function stem(word: string): string {
  const cut = word.replace(/(?:ing|ed|es|s)$/u, "");
  return cut.length >= 3 ? cut : word;
}

function dice(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  if (a.size === 0 || b.size === 0) {
    return 0;
  }
  let shared = 0;
  for (const word of a) {
    shared += b.has(word) ? 1 : 0;
  }
  return Math.floor((2_000 * shared) / (a.size + b.size));
}
