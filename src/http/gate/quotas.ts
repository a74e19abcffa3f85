import type { Clock } from "../../core/base/clock.ts";
import { takeToken, tokensAt } from "../../core/sessions/index.ts";
import type { Bucket, BucketRate } from "../../core/sessions/index.ts";

/** How many requests each principal may make. */
export interface Quotas {
  /** Takes one; the milliseconds until there is one again, or null when it was there. */
  take(principal: string): number | null;
}

/** Above this many buckets, those that are full again are forgotten. */
const keptBuckets = 10_000;

export function createQuotas(rate: BucketRate, clock: Clock): Quotas {
  const buckets = new Map<string, Bucket>();
  const forgetFull = (nowMs: number): void => {
    for (const [id, bucket] of buckets) {
      if (tokensAt(bucket, nowMs, rate) >= rate.burst) {
        buckets.delete(id);
      }
    }
  };
  return {
    take: (principal) => {
      const nowMs = clock.nowMs();
      const taking = takeToken(buckets.get(principal) ?? null, nowMs, rate);
      if (taking.kind === "empty") {
        return taking.retryAfterMs;
      }
      buckets.set(principal, taking.bucket);
      if (buckets.size > keptBuckets) {
        forgetFull(nowMs);
      }
      return null;
    },
  };
}
