import type { MicroUsd } from "../base/ids.ts";
import type { Anchors } from "./findings.ts";
import type { Finding } from "./finding.ts";
import type { ReviewResult, Verdict } from "./review.ts";
import type { SwarmOutcome } from "./swarm/request.ts";
import type { Verifications } from "./verification.ts";
import type { Thresholds } from "./vote/thresholds.ts";
import type { TrackRecord } from "./vote/weights.ts";

/** What a tally was made from; with it a review can be tallied again without asking anyone. */
export interface TallyBasis {
  readonly outcome: Pick<
    SwarmOutcome,
    "mode" | "seats" | "proposers" | "clusters" | "votes" | "isComplete"
  >;
  readonly anchors: Anchors;
  readonly thresholds: Thresholds;
  /** What was learned of these models when it was tallied. */
  readonly records: readonly TrackRecord[];
  /** What a command said of the findings; absent where none was run. */
  readonly verified?: Verifications | undefined;
}

/** A finished review as it is kept. */
export interface ReviewRecord {
  readonly result: ReviewResult;
  readonly basis: TallyBasis;
  /** Findings that a person declined and whose lines have not changed: carried over, not shown. */
  readonly silent: readonly Finding[];
}

/** What a person did with a finding: mended it, or found it wrong. */
export const outcomes = ["resolved", "dismissed"] as const;
export type Outcome = (typeof outcomes)[number];

/** One line of the list of reviews. */
export interface ReviewSummary {
  /** As `R12`. */
  readonly id: string;
  /** What was reviewed: reviews of one subject know each other's findings. */
  readonly subject: string;
  readonly preset: string;
  readonly state: "running" | "finished";
  /** Null while it runs. */
  readonly verdict: Verdict | null;
  /** How many findings are shown. */
  readonly findings: number;
  readonly microUsd: MicroUsd;
  readonly startedAtMs: number;
  readonly finishedAtMs: number | null;
}

/** What people did with the findings of a review, by finding. */
export type Outcomes = Readonly<Record<string, Outcome>>;
