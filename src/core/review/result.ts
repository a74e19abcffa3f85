import { SkeinError } from "../base/errors.ts";
import { reviewErrors } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { findingsOf, isShown, numbered, verdictOf, worstFirst } from "./findings.ts";
import type { TallyBasis } from "./kept.ts";
import type { ReviewResult } from "./review.ts";
import { applyVerification } from "./verification.ts";
import { effectiveRule } from "./vote/thresholds.ts";

/** What a result has besides its findings. */
export type ResultFrame = Omit<
  ReviewResult,
  "verdict" | "effectiveRule" | "findings" | "unconfirmed"
>;

/** Tallies and sums up. */
export interface ResultRequest {
  readonly frame: ResultFrame;
  readonly basis: TallyBasis;
  /** From the deterministic checks, and those of earlier reviews whose code still stands. */
  readonly others: readonly Finding[];
  /** Gives voted findings their states over successive heads. Default: as they are. */
  readonly carry?: ((voted: readonly Finding[]) => readonly Finding[]) | undefined;
}

/** Makes the result of a review from what was said in it. */
export function resultOf({ frame, basis, others, carry }: ResultRequest): ReviewResult {
  const judge = (finding: Finding): Finding => applyVerification(finding, basis.verified ?? {});
  const voted = findingsOf(basis).map(judge);
  const shown = voted.filter((finding) => isShown(finding));
  // Those of earlier reviews come with it, and may have been verified too.
  const live = (carry === undefined ? shown : carry(shown)).map(judge);
  const folded = voted.filter((finding) => !isShown(finding));
  const all = numbered([...worstFirst([...live, ...others]), ...folded]);
  const findings = all.filter((finding) => isShown(finding));
  return {
    ...frame,
    verdict: verdictOf(findings, basis.outcome.isComplete),
    effectiveRule: ruleOf(basis),
    findings,
    unconfirmed: all.filter((finding) => !isShown(finding)),
  };
}

function ruleOf({ outcome, thresholds }: TallyBasis): string {
  return outcome.mode === "refute"
    ? "each of two seats refutes the other's; survivors are advisory"
    : effectiveRule(
        thresholds,
        outcome.seats.map(({ weight }) => weight),
      );
}

/**
 * Tallies a kept review anew at another threshold; nobody is asked. Severity and category thresholds give way to it.
 *
 * @throws {SkeinError} SKN-1873 when the threshold is no percentage.
 */
export function retally(
  { result, basis }: { readonly result: ReviewResult; readonly basis: TallyBasis },
  threshold: number,
): ReviewResult {
  if (!Number.isInteger(threshold) || threshold < 0 || threshold > 100) {
    throw new SkeinError(reviewErrors.badThreshold, { facts: { threshold } });
  }
  const before = new Map(result.findings.map((finding) => [finding.fingerprint, finding]));
  const wasVoted = new Set(findingsOf(basis).map(({ fingerprint }) => fingerprint));
  return resultOf({
    frame: result,
    basis: { ...basis, thresholds: { preset: threshold, severity: {}, category: {} } },
    // What a command refuted of an earlier review stands among the unconfirmed.
    others: [...result.findings, ...result.unconfirmed].filter(
      ({ fingerprint, decision }) => decision === "check" || !wasVoted.has(fingerprint),
    ),
    carry: (voted) =>
      voted.map((finding) => ({
        ...finding,
        state: before.get(finding.fingerprint)?.state ?? finding.state,
      })),
  });
}
