/** How bad it is, the worst first. */
export const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

/** What kind of fault it is: a closed list, so that code can group and set thresholds by it. */
export const categories = [
  "security",
  "correctness",
  "concurrency",
  "data-loss",
  "error-handling",
  "performance",
  "resource",
  "api",
  "test",
  "docs",
  "style",
] as const;
export type Category = (typeof categories)[number];

/** Lines of one file: on the new side; of a deleted file: on the old one. */
export interface Place {
  readonly path: string;
  readonly line: number;
  /** The same as `line` for one line. */
  readonly endLine: number;
}

/** What a reviewer suspects, in its own words: hostile text until it is rendered safely. */
export interface Claim extends Place {
  readonly severity: Severity;
  readonly category: Category;
  readonly title: string;
  readonly body: string;
  /** The code it speaks of, word for word. */
  readonly quoted: string;
  /** The function or type it lies in, or null. */
  readonly symbol: string | null;
  /** An input that makes it fail, or null. */
  readonly failingInput: string | null;
  /** The lines to stand in place of the quoted ones, where they mend it; absent where none were said. Hostile text. */
  readonly suggestion?: string | undefined;
}

/** A claim with the seat that made it. */
export interface Candidate {
  /** `seat`.`number`, as `3.1`. */
  readonly id: string;
  /** From 1. */
  readonly seat: number;
  readonly claim: Claim;
}

/** Candidates that say the same of the same place. The originals are kept. */
export interface Cluster {
  /** `c` and a number, in the order of the pool. */
  readonly id: string;
  /** The candidate of the lowest seat: its seat is the primary proposer. */
  readonly primary: Candidate;
  /** All of them, the primary first, by seat. */
  readonly members: readonly Candidate[];
  /** Where else the same problem lies, when it was found at three places or more; mostly empty. */
  readonly places: readonly Place[];
}
