/** How fast a bucket fills and how much it holds. */
export interface BucketRate {
  readonly perMinute: number;
  readonly burst: number;
}

/** The tokens that were there at a time; fractions count. */
export interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export type Taking =
  | { readonly kind: "taken"; readonly bucket: Bucket }
  | { readonly kind: "empty"; readonly retryAfterMs: number };

/** The backpressure of C3: 600 mutating calls a minute, 100 at once. */
export const sessionRate: BucketRate = { perMinute: 600, burst: 100 };

/** Tells what is in a bucket now; a clock that goes back adds nothing. Null is a bucket that was never used: full. */
export function tokensAt(bucket: Bucket | null, nowMs: number, rate: BucketRate): number {
  if (bucket === null) {
    return rate.burst;
  }
  const grownMs = Math.max(0, nowMs - bucket.atMs);
  return Math.min(rate.burst, bucket.tokens + (grownMs * rate.perMinute) / 60_000);
}

/** Takes one token, or tells in how many whole milliseconds there will be one. */
export function takeToken(bucket: Bucket | null, nowMs: number, rate: BucketRate): Taking {
  const tokens = tokensAt(bucket, nowMs, rate);
  if (tokens >= 1) {
    return { kind: "taken", bucket: { tokens: tokens - 1, atMs: nowMs } };
  }
  return { kind: "empty", retryAfterMs: Math.ceil(((1 - tokens) * 60_000) / rate.perMinute) };
}
