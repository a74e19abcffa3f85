import { meanOf, mergeDistributions } from "./distribution.ts";
import type { MetricSeries } from "./metrics.ts";

/**
 * How the mean has moved: that of the later half of a time over that of the earlier one, as a share (0.1: a tenth more). Null where one half
 * has no value.
 */
export function trendOf({ hours }: Pick<MetricSeries, "hours">, span: Span): number | null {
  const middleMs = (span.fromMs + span.toMs) / 2;
  const meanWhere = (isIn: (hourMs: number) => boolean): number | null =>
    meanOf(
      mergeDistributions(
        hours.filter(({ hourMs }) => isIn(hourMs)).map(({ distribution }) => distribution),
      ),
    );
  const earlier = meanWhere((hourMs) => hourMs < middleMs);
  const later = meanWhere((hourMs) => hourMs >= middleMs);
  return earlier === null || later === null || earlier === 0 ? null : later / earlier - 1;
}

/** A stretch of time, in epoch milliseconds of the store. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}
