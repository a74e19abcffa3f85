import { invisibleSource } from "../../base/text.ts";
import type { Ballot } from "../ballot.ts";
import type { Finding } from "../finding.ts";
import type { LineRange, ReviewResult, SeatReport } from "../review.ts";
import { reportVersion } from "./report-schema.ts";
import type { FindingReport, ReviewReport } from "./report-schema.ts";

/** Builds the object that `skein review --json` prints. Its texts are the reviewers': hostile until they are rendered safely. */
export function reportOf(result: ReviewResult): ReviewReport {
  const { coverage, cost } = result;
  return {
    schema_version: reportVersion,
    id: result.id,
    verdict: result.verdict,
    effective_rule: result.effectiveRule,
    base: result.base,
    head: result.head,
    seats: result.seats.map(seatReport),
    findings: result.findings.map(findingReport),
    unconfirmed: result.unconfirmed.map(findingReport),
    fixed: result.fixed.map(findingReport),
    skipped: result.skipped.map(({ path, reason }) => ({ path, reason })),
    coverage: {
      files: coverage.files,
      hunks: coverage.hunks,
      unseen: coverage.unseen.map(rangeReport),
      seats: coverage.seats.map(({ seat, seenHunks, missed }) => ({
        seat,
        seen_hunks: seenHunks,
        missed: missed.map(rangeReport),
      })),
    },
    cost: {
      usd: usd(cost.microUsd),
      input_tokens: cost.inputTokens,
      output_tokens: cost.outputTokens,
      saved_usd: usd(cost.savedMicroUsd),
    },
    notes: [...result.notes],
    stopped: result.wasStopped,
  };
}

/**
 * Writes the report as JSON that is safe to print: characters that a terminal obeys or that cannot be seen are escaped. What is read back is
 * the same.
 */
export function reportJson(result: ReviewResult): string {
  return JSON.stringify(reportOf(result), null, 2).replaceAll(unseen, escaped);
}

const unseen = new RegExp(String.raw`${invisibleSource}|[\u{7F}-\u{9F}\u{2028}\u{2029}]`, "gu");

function escaped(character: string): string {
  return Array.from(
    { length: character.length },
    (_, index) => String.raw`\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`,
  ).join("");
}

function seatReport(seat: SeatReport): ReviewReport["seats"][number] {
  return {
    seat: seat.seat,
    model: seat.model,
    family: seat.family,
    weight: seat.weight / 1_000,
    calls: seat.calls,
    cached: seat.cached ?? 0,
    cost_usd: usd(seat.microUsd),
    error: seat.error,
  };
}

/** One finding as the report has it. */
export function findingReport(finding: Finding): FindingReport {
  return {
    id: finding.id,
    fingerprint: finding.fingerprint,
    path: finding.path,
    line: finding.line,
    end_line: finding.endLine,
    severity: finding.severity,
    category: finding.category,
    title: finding.title,
    body: finding.body,
    quoted: finding.quoted,
    placement: finding.placement,
    places: finding.places.map(rangeReport),
    support: finding.support === null ? null : finding.support / 10,
    threshold: finding.threshold,
    decision: finding.decision,
    state: finding.state,
    proposers: [...finding.proposers],
    ballots: finding.ballots.map(ballotReport),
    verify: finding.verify ?? null,
    suggestion: finding.suggestion ?? null,
    original: originalReport(finding),
  };
}

function ballotReport({
  seat,
  vote,
  reason,
  correction,
}: Ballot): FindingReport["ballots"][number] {
  return { seat, vote, reason, correction: correction ?? null };
}

function originalReport({ original }: Finding): FindingReport["original"] {
  if (original === undefined) {
    return null;
  }
  const { endLine, ...rest } = original;
  return { ...rest, end_line: endLine };
}

function rangeReport({ path, line, endLine }: LineRange): {
  path: string;
  line: number;
  end_line: number;
} {
  return { path, line, end_line: endLine };
}

/** Whole micro-dollars keep their six digits. */
function usd(microUsd: number): number {
  return microUsd / 1_000_000;
}
