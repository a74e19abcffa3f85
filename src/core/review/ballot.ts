/** `abstain` stands for every answer that is neither: no answer, an unreadable one, "cannot tell". */
export type Vote = "confirm" | "reject" | "abstain";

/** What one seat thinks of one cluster. */
export interface Ballot {
  /** From 1. */
  readonly seat: number;
  readonly vote: Vote;
  /** One sentence in the reviewer's words: hostile text. */
  readonly reason: string;
  /** True when the seat cast no vote of its own, but found the same independently. */
  readonly isRediscovery: boolean;
}
