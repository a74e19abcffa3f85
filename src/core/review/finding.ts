import type { Ballot } from "./ballot.ts";
import type { Category, Place, Severity } from "./candidate.ts";
import type { Verification } from "./verification.ts";

/** Where a finding can be shown; each step down loses precision, never the finding. */
export type Placement = "line" | "file" | "summary";

/** Over successive heads: first seen, seen before, gone, or declined by a person. */
export type FindingState = "new" | "open" | "fixed" | "declined";

/**
 * What the vote decided. `published` counts for the verdict; `advisory` (preset `quick`, or confirmed by one ballot alone) and `single-family`
 * are shown and never fail a check; `unconfirmed` lacks a quorum; `rejected` lacks support; `check` comes from a deterministic check and was
 * not voted on.
 */
export type Decision =
  | "published"
  | "advisory"
  | "single-family"
  | "unconfirmed"
  | "rejected"
  | "check";

/** What a finding's proposer said, where the voters corrected it. */
export interface Original {
  readonly severity: Severity;
  readonly title: string;
  readonly quoted: string;
  readonly line: number;
  readonly endLine: number;
}

/** A cluster after the vote, or what a deterministic check found. */
export interface Finding {
  /** `F` and a number within its review. */
  readonly id: string;
  /** Stable over pushes: made without line numbers. */
  readonly fingerprint: string;
  readonly path: string;
  readonly line: number;
  readonly endLine: number;
  readonly severity: Severity;
  readonly category: Category;
  readonly title: string;
  readonly body: string;
  readonly quoted: string;
  readonly placement: Placement;
  /** Weight of confirm in thousandths of the weight of confirm and reject; null without such ballots. */
  readonly support: number | null;
  /** The threshold that applied, in percent; null for a check. */
  readonly threshold: number | null;
  readonly decision: Decision;
  readonly state: FindingState;
  readonly ballots: readonly Ballot[];
  /** The seats that found it, the primary proposer first; empty for a check. */
  readonly proposers: readonly number[];
  /** Where else the same problem lies, when it was found at three places or more; mostly empty. */
  readonly places: readonly Place[];
  /** What its proposer would put in place of the quoted lines; absent where nothing was said, or the place was corrected. */
  readonly suggestion?: string | undefined;
  /** Absent where no correction was taken over. Its identity over pushes is made from this. */
  readonly original?: Original | undefined;
  /** What a person's own command said of it, which outranks the votes; absent where none was run. */
  readonly verify?: Verification | undefined;
}
