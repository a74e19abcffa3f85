import type { RateLimits, TokenLimit } from "../../core/models/index.ts";

/** Reads one header; null when it is not there. */
type Header = (name: string) => string | null;

const dayMs = 86_400_000;

/** What a provider's headers say of its limits: Anthropic's, OpenAI's and the plain `x-ratelimit-*` of routers; null when nothing. */
export function limitsOf(headers: Headers, nowMs: number): RateLimits | null {
  const header: Header = (name) => headers.get(name);
  const limits: RateLimits = {
    requests: firstCount(header, [
      "anthropic-ratelimit-requests-limit",
      "x-ratelimit-limit-requests",
      "x-ratelimit-limit",
    ]),
    remaining: firstCount(header, [
      "anthropic-ratelimit-requests-remaining",
      "x-ratelimit-remaining-requests",
      "x-ratelimit-remaining",
    ]),
    ...firstReset(header, nowMs),
    tokenLimits: tokenLimitsOf(header, nowMs),
  };
  const { requests, remaining, resetMs, tokenLimits } = limits;
  const isSilent = [requests, remaining, resetMs].every((value) => value === null);
  return isSilent && tokenLimits.length === 0 ? null : limits;
}

interface TokenHeaders {
  readonly name: string;
  readonly counts: TokenLimit["counts"];
  readonly limit: string;
  readonly remaining: string;
  readonly reset: string;
  /** By how much what remains may be told too high. */
  readonly rounding: number;
}

/** Anthropic rounds what remains to whole thousands. */
const anthropicRounding = 500;

const tokenHeaders: readonly TokenHeaders[] = [
  anthropicTokens("input-tokens", "input"),
  anthropicTokens("output-tokens", "output"),
  anthropicTokens("tokens", "all"),
  plainTokens("tokens"),
  plainTokens("project-tokens"),
];

function anthropicTokens(name: string, counts: TokenLimit["counts"]): TokenHeaders {
  const prefix = `anthropic-ratelimit-${name}`;
  return {
    name,
    counts,
    limit: `${prefix}-limit`,
    remaining: `${prefix}-remaining`,
    reset: `${prefix}-reset`,
    rounding: anthropicRounding,
  };
}

function plainTokens(name: string): TokenHeaders {
  return {
    name,
    counts: "all",
    limit: `x-ratelimit-limit-${name}`,
    remaining: `x-ratelimit-remaining-${name}`,
    reset: `x-ratelimit-reset-${name}`,
    rounding: 0,
  };
}

function tokenLimitsOf(header: Header, nowMs: number): readonly TokenLimit[] {
  return tokenHeaders.flatMap(({ name, counts, rounding, ...names }) => {
    const limit = firstCount(header, [names.limit]);
    const remaining = firstCount(header, [names.remaining]);
    if (remaining === null) {
      return [];
    }
    const reset = header(names.reset);
    const { resetMs } = reset === null ? { resetMs: null } : resetOf(reset.trim(), nowMs);
    return [{ name, counts, limit, remaining: Math.max(0, remaining - rounding), resetMs }];
  });
}

/** How long a provider asks to wait, in milliseconds, at most a day; null when it does not say. */
export function retryAfterMsOf(headers: Headers, nowMs: number): number | null {
  const ms = decimal(headers.get("retry-after-ms"));
  if (ms !== null) {
    return capped(ms);
  }
  const after = headers.get("retry-after");
  const seconds = decimal(after);
  return seconds === null ? untilDate(after, nowMs) : capped(seconds * 1_000);
}

function firstCount(header: Header, names: readonly string[]): number | null {
  return (
    names
      .map((name) => decimal(header(name)))
      .find((count) => count !== null && Number.isSafeInteger(count)) ?? null
  );
}

type Reset = Pick<RateLimits, "resetMs" | "isResetExact">;

function firstReset(header: Header, nowMs: number): Reset {
  const text =
    header("anthropic-ratelimit-requests-reset") ??
    header("x-ratelimit-reset-requests") ??
    header("x-ratelimit-reset");
  return text === null ? { resetMs: null } : resetOf(text.trim(), nowMs);
}

/** A wait told as `1s`, `6m0s`, `20ms`, a number of seconds, a time in seconds or milliseconds since 1970, or a date. */
function resetOf(text: string, nowMs: number): Reset {
  const number = decimal(text);
  if (number === null) {
    const spanned = spanMs(text);
    return spanned === null ? atTime(timeOf(text), nowMs) : { resetMs: spanned };
  }
  if (number > 1e12) {
    return atTime(number, nowMs);
  }
  return number > 1e9 ? atTime(number * 1_000, nowMs) : { resetMs: capped(number * 1_000) };
}

/** A time may be over when its answer comes: when it was is known all the same. */
function atTime(atMs: number | null, nowMs: number): Reset {
  if (atMs === null) {
    return { resetMs: null };
  }
  const ms = Math.min(Math.max(Math.ceil(atMs - nowMs), -dayMs), dayMs);
  return { resetMs: ms, isResetExact: true };
}

const span =
  /^(?:(?<h>\d{1,6})h)?(?:(?<m>\d{1,6})m(?!s))?(?:(?<s>\d{1,6}(?:\.\d{1,9})?)s)?(?:(?<ms>\d{1,9}(?:\.\d{1,9})?)ms)?$/u;

function spanMs(text: string): number | null {
  const groups = text === "" ? undefined : span.exec(text)?.groups;
  if (groups === undefined) {
    return null;
  }
  const part = (name: string): number => Number(groups[name] ?? 0);
  return capped(part("h") * 3_600_000 + part("m") * 60_000 + part("s") * 1_000 + part("ms"));
}

function untilDate(text: string | null, nowMs: number): number | null {
  const atMs = text === null ? null : timeOf(text);
  return atMs === null ? null : capped(atMs - nowMs);
}

function timeOf(text: string): number | null {
  const atMs = /^[\w ,:+.-]{10,40}$/u.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

function decimal(text: string | null): number | null {
  return text !== null && /^\d{1,16}(?:\.\d{1,9})?$/u.test(text.trim()) ? Number(text) : null;
}

function capped(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), dayMs);
}
