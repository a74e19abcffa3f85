import type { RateLimits } from "../language-model.ts";

/** How much a provider lets an account ask (requirement A5). */
export type Tier = "free" | "pro" | "enterprise";

/** A bucket of requests that refills steadily. */
export interface Bucket {
  /** Requests that may come at once. */
  readonly capacity: number;
  /** How many come back in each interval. */
  readonly refill: number;
  /** In milliseconds; the buckets are looked at every 250 ms. */
  readonly intervalMs: number;
}

/** `free` 0.25 a second, `pro` 1.67, `enterprise` 16.67. */
export const tierBuckets: Readonly<Record<Tier, Bucket>> = {
  free: { capacity: 15, refill: 1, intervalMs: 4_000 },
  pro: { capacity: 100, refill: 5, intervalMs: 3_000 },
  enterprise: { capacity: 1_000, refill: 25, intervalMs: 1_500 },
};

/** So much of what was asked for a bucket gives at least, where one of these many does. */
const enough = 0.95;
const mostTried = 10;

/** The bucket of so many requests a minute, from 1; never faster than that, and slower only by what whole intervals cannot say. */
export function bucketOfMinute(requests: number): Bucket {
  // Rare single requests, or for more than 60 a minute whole handfuls a second.
  const least = Math.max(1, Math.floor(requests / 60));
  const buckets = Array.from({ length: mostTried }, (_, more) => refilled(requests, least + more));
  return (
    buckets.find((bucket) => aMinute(bucket) >= requests * enough) ??
    buckets.reduce((best, each) => (aMinute(each) > aMinute(best) ? each : best))
  );
}

function refilled(requests: number, refill: number): Bucket {
  const intervalMs = Math.ceil((60_000 * refill) / requests / 250) * 250;
  return { capacity: requests, refill, intervalMs };
}

function aMinute({ refill, intervalMs }: Bucket): number {
  return (60_000 * refill) / intervalMs;
}

/** The tier that a header's limit of requests shows; null where it tells none. */
export function tierOf(limits: RateLimits | null): Tier | null {
  const requests = limits?.requests ?? null;
  if (requests === null) {
    return null;
  }
  if (requests >= tierBuckets.enterprise.capacity) {
    return "enterprise";
  }
  return requests >= tierBuckets.pro.capacity ? "pro" : "free";
}
