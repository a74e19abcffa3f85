import { describe, expect, test } from "vitest";
import { limitsOf, retryAfterMsOf } from "../../../src/adapters/models/limits.ts";

const nowMs = Date.UTC(2026, 10, 20, 12, 0, 0);
const inTenSeconds = new Date(nowMs + 10_000);

describe("limitsOf", () => {
  test("reads Anthropic's headers", () => {
    const headers = new Headers({
      "anthropic-ratelimit-requests-limit": "50",
      "anthropic-ratelimit-requests-remaining": "49",
      "anthropic-ratelimit-requests-reset": inTenSeconds.toISOString(),
      "anthropic-ratelimit-input-tokens-limit": "50000",
      "anthropic-ratelimit-input-tokens-remaining": "49000",
      "anthropic-ratelimit-input-tokens-reset": inTenSeconds.toISOString(),
      "anthropic-ratelimit-output-tokens-limit": "10000",
      "anthropic-ratelimit-output-tokens-remaining": "0",
      "anthropic-ratelimit-tokens-limit": "80000",
      "anthropic-ratelimit-tokens-remaining": "79000",
    });

    expect(limitsOf(headers, nowMs)).toEqual({
      requests: 50,
      remaining: 49,
      resetMs: 10_000,
      isResetExact: true,
      tokenLimits: [
        {
          name: "input-tokens",
          counts: "input",
          limit: 50_000,
          remaining: 48_500,
          resetMs: 10_000,
        },
        { name: "output-tokens", counts: "output", limit: 10_000, remaining: 0, resetMs: null },
        { name: "tokens", counts: "all", limit: 80_000, remaining: 78_500, resetMs: null },
      ],
    });
  });

  test("reads the limits of tokens in OpenAI's headers, where they are told alone", () => {
    const headers = new Headers({
      "x-ratelimit-limit-tokens": "150000",
      "x-ratelimit-remaining-tokens": "149984",
      "x-ratelimit-reset-tokens": "6m0s",
      "x-ratelimit-limit-project-tokens": "1000",
      "x-ratelimit-remaining-project-tokens": "7",
    });

    expect(limitsOf(headers, nowMs)).toEqual({
      requests: null,
      remaining: null,
      resetMs: null,
      tokenLimits: [
        { name: "tokens", counts: "all", limit: 150_000, remaining: 149_984, resetMs: 360_000 },
        { name: "project-tokens", counts: "all", limit: 1_000, remaining: 7, resetMs: null },
      ],
    });
  });

  test.each([
    ["20ms", 20],
    ["1s", 1_000],
    ["6m0s", 360_000],
    ["1h2m3.5s", 3_723_500],
    ["2", 2_000],
    [String(nowMs + 4_000), 4_000],
    [String(nowMs / 1_000 + 4), 4_000],
    [inTenSeconds.toUTCString(), 10_000],
    [inTenSeconds.toISOString(), 10_000],
    ["99999h", 86_400_000],
    [new Date(nowMs - 5_000).toISOString(), -5_000],
    ["soon", null],
    ["", null],
    ["-5", null],
  ])("reads a window that begins anew at %j", (reset, resetMs) => {
    const headers = new Headers({
      "x-ratelimit-limit-requests": "15",
      "x-ratelimit-reset-requests": reset,
    });

    expect(limitsOf(headers, nowMs)).toMatchObject({ requests: 15, resetMs });
  });

  test("knows nothing where nothing, or nonsense, is told", () => {
    expect(limitsOf(new Headers({ "content-type": "text/plain" }), nowMs)).toBeNull();
    expect(
      limitsOf(new Headers({ "x-ratelimit-limit": "1e9", "x-ratelimit-remaining": "2.5" }), nowMs),
    ).toBeNull();
  });
});

describe("retryAfterMsOf", () => {
  test.each([
    [{ "retry-after": "7" }, 7_000],
    [{ "retry-after": "0.5" }, 500],
    [{ "retry-after-ms": "120", "retry-after": "1" }, 120],
    [{ "retry-after": inTenSeconds.toUTCString() }, 10_000],
    [{ "retry-after": "999999999" }, 86_400_000],
    [{ "retry-after": "never" }, null],
    [{}, null],
  ])("reads %j", (headers, waitMs) => {
    expect(retryAfterMsOf(new Headers(headers), nowMs)).toBe(waitMs);
  });
});
