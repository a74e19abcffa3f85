import { SkeinError } from "../base/errors.ts";
import { worse } from "./diff/states.ts";
import { reviewErrors } from "./errors.ts";
import type { Finding } from "./finding.ts";
import { findingsOf, isShown, numbered, verdictOf, worstFirst } from "./findings.ts";
import type { TallyBasis } from "./kept.ts";
import type { ReviewResult } from "./review.ts";
import { applyVerification } from "./verification.ts";
import { effectiveRule, sameThresholds } from "./vote/thresholds.ts";
import type { Thresholds } from "./vote/thresholds.ts";

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
  const voted = votedIn(basis);
  const shown = voted.filter((finding) => isShown(finding));
  // Those of earlier reviews come with it, and may have been verified too.
  const live = (carry === undefined ? shown : carry(shown)).map(judgeOf(basis));
  // What a person declined is silent in every place; the carry has told what that is.
  const silent = fingerprints(frame.declined);
  const folded = voted.filter((finding) => !isShown(finding) && !silent.has(finding.fingerprint));
  const all = numbered([...worstFirst([...live, ...others]), ...folded]);
  const findings = all.filter((finding) => isShown(finding));
  return {
    ...frame,
    verdict: verdictOf(findings, basis.outcome.isComplete),
    effectiveRule: ruleOf(basis, frame.seats),
    findings,
    unconfirmed: all.filter((finding) => !isShown(finding)),
  };
}

/** What the votes and the command of a person came to, the worst first. */
function votedIn(basis: TallyBasis): readonly Finding[] {
  return findingsOf(basis).map(judgeOf(basis));
}

function judgeOf({ verified = {} }: TallyBasis): (finding: Finding) => Finding {
  return (finding) => applyVerification(finding, verified);
}

function ruleOf({ outcome, thresholds }: TallyBasis, reports: ResultFrame["seats"]): string {
  if (outcome.seats.length === 1) {
    return "one seat alone: nobody confirms what it finds";
  }
  return outcome.mode === "refute"
    ? "each of two seats refutes the other's; survivors are advisory"
    : effectiveRule(thresholds, weightsOf(outcome.seats, reports));
}

/** Of the seats that did their work; where fewer than two did, nobody decided, and the rule is that of the panel. */
function weightsOf(
  seats: TallyBasis["outcome"]["seats"],
  reports: ResultFrame["seats"],
): readonly number[] {
  const failed = new Set(reports.flatMap(({ seat, error }) => (error === null ? [] : [seat])));
  const there = seats.filter(({ number }) => !failed.has(number));
  return (there.length < 2 ? seats : there).map(({ weight }) => weight);
}

/**
 * Tallies a kept review anew at another threshold; nobody is asked. Severity and category thresholds give way to it; null: its own count. Findings
 * keep their ids and states, and what a person declined stays silent.
 *
 * @throws {SkeinError} SKN-1873 when the threshold is no percentage.
 */
export function retally(
  { result, basis }: { readonly result: ReviewResult; readonly basis: TallyBasis },
  threshold: number | null,
): ReviewResult {
  const thresholds = thresholdsAt(basis, threshold);
  const { findings, unconfirmed } = result;
  const voted = votedIn(basis);
  const all = fingerprints(voted);
  const again = resultOf({
    frame: { ...result, notes: notesAt(result, basis, thresholds) },
    basis: { ...basis, thresholds },
    others: [
      ...findings.filter(({ decision }) => decision === "check"),
      // What a command refuted of an earlier review.
      ...unconfirmed.filter(({ fingerprint }) => !all.has(fingerprint)),
    ],
    carry: (shown) => carryAgain(result, { voted, shown }),
  });
  return withIdsOf(result, again);
}

function thresholdsAt({ thresholds }: TallyBasis, threshold: number | null): Thresholds {
  if (threshold === null) {
    return thresholds;
  }
  if (!Number.isInteger(threshold) || threshold < 0 || threshold > 100) {
    throw new SkeinError(reviewErrors.badThreshold, { facts: { threshold } });
  }
  return { preset: threshold, severity: {}, category: {} };
}

/** What was said of thresholds that decide alike is not true of others. */
function notesAt(
  { notes }: ReviewResult,
  { thresholds, outcome }: TallyBasis,
  now: Thresholds,
): readonly string[] {
  const panel = outcome.seats.map(({ weight }) => weight);
  const stale = new Set(now === thresholds ? [] : sameThresholds(thresholds, panel));
  return notes.filter((note) => !stale.has(note));
}

interface Recounted {
  /** At the thresholds of the review. */
  readonly voted: readonly Finding[];
  /** At the new one. */
  readonly shown: readonly Finding[];
}

/** What was carried over from earlier reviews: states, raised severities, silence, and what is open though this panel overlooked or rejected it. */
function carryAgain(
  { findings, unconfirmed, declined }: ReviewResult,
  { voted, shown }: Recounted,
): readonly Finding[] {
  const own = fingerprints(voted.filter((finding) => isShown(finding)));
  const [silent, now] = [fingerprints(declined), fingerprints(shown)];
  const before = new Map([...unconfirmed, ...findings].map((each) => [each.fingerprint, each]));
  return [
    ...shown
      .filter(({ fingerprint }) => !silent.has(fingerprint))
      .map((finding) => {
        const { severity, state } = before.get(finding.fingerprint) ?? finding;
        return { ...finding, severity: worse(severity, finding.severity), state };
      }),
    ...findings.filter(
      ({ decision, fingerprint }) =>
        decision !== "check" && !own.has(fingerprint) && !now.has(fingerprint),
    ),
  ];
}

function fingerprints(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set(findings.map(({ fingerprint }) => fingerprint));
}

/** Gives the findings of a result the ids by which they are known from the one before. */
export function withIdsOf(first: ReviewResult, second: ReviewResult): ReviewResult {
  const [shown, folded] = [idsOf(first.findings), idsOf(first.unconfirmed)];
  // One that is open from before may have been voted down here, and stands in both lists.
  return {
    ...second,
    findings: second.findings.map((finding) => named(finding, [shown, folded])),
    unconfirmed: second.unconfirmed.map((finding) => named(finding, [folded, shown])),
  };
}

type Ids = ReadonlyMap<string, string>;

function idsOf(findings: readonly Finding[]): Ids {
  return new Map(findings.map(({ fingerprint, id }) => [fingerprint, id]));
}

function named(finding: Finding, [own, other]: readonly [Ids, Ids]): Finding {
  const { fingerprint, id } = finding;
  return { ...finding, id: own.get(fingerprint) ?? other.get(fingerprint) ?? id };
}
