import type { Severity } from "./candidate.ts";

/** `abstain` stands for every answer that is neither: no answer, an unreadable one, "cannot tell". */
export type Vote = "confirm" | "reject" | "abstain";

/** What a voter would say otherwise of a fault that it confirms; null: as it was said. */
export interface Correction {
  readonly severity: Severity | null;
  /** One line in the voter's words: hostile text. */
  readonly title: string | null;
  /** Where the fault lies: a hint, the quoted code decides. */
  readonly line: number | null;
  /** The faulty code, word for word. */
  readonly quoted: string | null;
}

/** What one seat thinks of one cluster. */
export interface Ballot {
  /** From 1. */
  readonly seat: number;
  readonly vote: Vote;
  /** One sentence in the reviewer's words: hostile text. */
  readonly reason: string;
  /** True when the seat cast no vote of its own, but found the same independently. */
  readonly isRediscovery: boolean;
  /** Of a seat that confirms; absent: it would say nothing otherwise. */
  readonly correction?: Correction | undefined;
}
