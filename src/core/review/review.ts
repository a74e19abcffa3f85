import type { MicroUsd } from "../base/ids.ts";
import type { Finding } from "./finding.ts";

/** What a review says of a change. `incomplete`: too little was read to say either. */
export const verdicts = ["pass", "changes", "incomplete"] as const;
export type Verdict = (typeof verdicts)[number];

/** A finished review: what every output (terminal, JSON, SARIF, Markdown) is made of. */
export interface ReviewResult {
  /** As `R12`; null before it is kept. */
  readonly id: string | null;
  readonly verdict: Verdict;
  /** The rule that decided, in words, as `60 % of 3 equal votes = 2 of 3`. */
  readonly effectiveRule: string;
  /** The merge base's commit; null for a patch file. */
  readonly base: string | null;
  /** The head's commit; null for the working tree or a patch file. */
  readonly head: string | null;
  readonly seats: readonly SeatReport[];
  /** `published`, `advisory`, `single-family` and `check`, the worst first. */
  readonly findings: readonly Finding[];
  /** `unconfirmed` and `rejected`: shown folded, never counted. */
  readonly unconfirmed: readonly Finding[];
  /** Those of earlier reviews that nobody found again and whose code is gone. They count for nothing. */
  readonly fixed: readonly Finding[];
  /** Those that a person declined and whose lines are as they were: known, and not to be shown. */
  readonly declined: readonly Finding[];
  readonly skipped: readonly SkippedFile[];
  readonly coverage: Coverage;
  readonly cost: ReviewCost;
  /** What went otherwise than asked (seats that failed, a budget stop, a preset that was lowered), one sentence each. */
  readonly notes: readonly string[];
  /** True when its caller gave up before its end: then it is `incomplete`, whatever was found. */
  readonly wasStopped: boolean;
}

/** What became of one seat. */
export interface SeatReport {
  /** From 1. */
  readonly seat: number;
  /** The model's name in `skein.yml`; after a failover the one that answered. */
  readonly model: string;
  readonly family: string;
  /** In thousandths. */
  readonly weight: number;
  /** Tries that the ledger has a line for, retries too; answers from a cassette are none. */
  readonly calls: number;
  /** Answers that were kept ones, of an earlier review or a recording: they cost nothing. Absent: none. */
  readonly cached?: number | undefined;
  readonly microUsd: MicroUsd;
  /** Why it failed, in our own words; null when it did its work. */
  readonly error: string | null;
}

/** A changed file that no reviewer was shown, and why. */
export interface SkippedFile {
  readonly path: string;
  /** A sentence for people. */
  readonly reason: string;
}

/** Lines of one file's new side (of a deleted file: the old one), both ends counted. */
export interface LineRange {
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
}

/** What each reviewer did and did not see. Files that were skipped are not among these. */
export interface Coverage {
  /** Files and hunks that were up for review. */
  readonly files: number;
  readonly hunks: number;
  /** Hunks that nobody saw. */
  readonly unseen: readonly LineRange[];
  readonly seats: readonly SeatCoverage[];
}

export interface SeatCoverage {
  readonly seat: number;
  /** Hunks that it was shown and answered for. */
  readonly seenHunks: number;
  /** The hunks that it was not shown, or failed on. */
  readonly missed: readonly LineRange[];
}

export interface ReviewCost {
  readonly microUsd: MicroUsd;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** What answers from the cache would have cost. */
  readonly savedMicroUsd: MicroUsd;
}
