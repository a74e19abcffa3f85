import type { Finding } from "../finding.ts";
import type { LineRange, ReviewResult } from "../review.ts";
import { reportSchema } from "./report-schema.ts";
import type { FindingReport, ReviewReport } from "./report-schema.ts";

/**
 * Reads a report back, as `reportOf` wrote it; null when it is none. Which ballots were rediscoveries, and what was declined before, no report
 * tells.
 */
export function parseReport(value: unknown): ReviewResult | null {
  const parsed = reportSchema.safeParse(value);
  return parsed.success ? resultOf(parsed.data) : null;
}

function resultOf(report: ReviewReport): ReviewResult {
  return {
    id: report.id,
    verdict: report.verdict,
    effectiveRule: report.effective_rule,
    base: report.base,
    head: report.head,
    seats: report.seats.map(({ weight, cost_usd: cost, ...seat }) => ({
      ...seat,
      weight: Math.round(weight * 1_000),
      microUsd: microUsd(cost),
    })),
    findings: report.findings.map(findingOf),
    unconfirmed: report.unconfirmed.map(findingOf),
    fixed: report.fixed.map(findingOf),
    declined: [],
    skipped: report.skipped,
    coverage: coverageOf(report.coverage),
    cost: {
      microUsd: microUsd(report.cost.usd),
      inputTokens: report.cost.input_tokens,
      outputTokens: report.cost.output_tokens,
      savedMicroUsd: microUsd(report.cost.saved_usd),
    },
    notes: report.notes,
    wasStopped: report.stopped,
  };
}

function coverageOf(coverage: ReviewReport["coverage"]): ReviewResult["coverage"] {
  return {
    files: coverage.files,
    hunks: coverage.hunks,
    unseen: coverage.unseen.map(rangeOf),
    seats: coverage.seats.map(({ seat, seen_hunks: seenHunks, missed }) => ({
      seat,
      seenHunks,
      missed: missed.map(rangeOf),
    })),
  };
}

function findingOf(report: FindingReport): Finding {
  const {
    end_line: endLine,
    places,
    support,
    ballots,
    verify,
    original,
    suggestion,
    ...rest
  } = report;
  return {
    ...rest,
    endLine,
    places: places.map(rangeOf),
    support: support === null ? null : Math.round(support * 10),
    ballots: ballots.map(({ correction, ...ballot }) => ({
      ...ballot,
      isRediscovery: false,
      correction: correction ?? undefined,
    })),
    verify: verify ?? undefined,
    suggestion: suggestion ?? undefined,
    original: original === null ? undefined : originalOf(original),
  };
}

function originalOf({
  end_line: endLine,
  ...rest
}: NonNullable<FindingReport["original"]>): Finding["original"] {
  return { ...rest, endLine };
}

function rangeOf({
  path,
  line,
  end_line: endLine,
}: ReviewReport["coverage"]["unseen"][number]): LineRange {
  return { path, line, endLine };
}

function microUsd(usd: number): number {
  return Math.round(usd * 1_000_000);
}
