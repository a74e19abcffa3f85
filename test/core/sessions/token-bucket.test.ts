import { describe, expect, test } from "vitest";

import { sessionRate, takeToken, tokensAt } from "../../../src/core/sessions/token-bucket.ts";
import type { Bucket } from "../../../src/core/sessions/token-bucket.ts";

/** Takes tokens at one time until there is none; tells how many there were. */
function empty(start: Bucket | null, nowMs: number): { taken: number; bucket: Bucket } {
  let bucket: Bucket = start ?? { tokens: sessionRate.burst, atMs: nowMs };
  for (let taken = 0; ; taken += 1) {
    const taking = takeToken(bucket, nowMs, sessionRate);
    if (taking.kind === "empty") {
      return { taken, bucket };
    }
    bucket = taking.bucket;
  }
}

describe("takeToken", () => {
  test("allows 100 calls at once", () => {
    expect(empty(null, 0).taken).toBe(100);
  });

  test("allows 600 calls a minute after the burst", () => {
    const { bucket } = empty(null, 0);

    let taken = 0;
    let now = bucket;
    for (let ms = 100; ms <= 60_000; ms += 100) {
      const step = empty(now, ms);
      taken += step.taken;
      now = step.bucket;
    }

    expect(taken).toBe(600);
  });

  test("tells to the millisecond when there is a token again", () => {
    const { bucket } = empty(null, 0);

    const refused = takeToken(bucket, 40, sessionRate);

    expect(refused).toEqual({ kind: "empty", retryAfterMs: 60 });
    expect(takeToken(bucket, 100, sessionRate).kind).toBe("taken");
    expect(takeToken(bucket, 99, sessionRate).kind).toBe("empty");
  });

  test("never holds more than the burst", () => {
    expect(tokensAt({ tokens: 99, atMs: 0 }, 86_400_000, sessionRate)).toBe(100);
  });

  test("gives nothing for a clock that goes back", () => {
    expect(tokensAt({ tokens: 0, atMs: 1_000 }, 0, sessionRate)).toBe(0);
  });
});
