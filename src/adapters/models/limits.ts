import type { RateLimits } from "../../core/models/index.ts";

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
    resetMs: firstWait(header, nowMs),
    tokens: firstCount(header, ["anthropic-ratelimit-tokens-limit", "x-ratelimit-limit-tokens"]),
    tokensRemaining: firstCount(header, [
      "anthropic-ratelimit-tokens-remaining",
      "x-ratelimit-remaining-tokens",
    ]),
  };
  return Object.values(limits).every((value) => value === null) ? null : limits;
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

function firstWait(header: Header, nowMs: number): number | null {
  const text =
    header("anthropic-ratelimit-requests-reset") ??
    header("x-ratelimit-reset-requests") ??
    header("x-ratelimit-reset");
  return text === null ? null : waitOf(text.trim(), nowMs);
}

/** A wait told as `1s`, `6m0s`, `20ms`, a number of seconds, a time in seconds or milliseconds since 1970, or a date. */
function waitOf(text: string, nowMs: number): number | null {
  const number = decimal(text);
  if (number === null) {
    return spanMs(text) ?? untilDate(text, nowMs);
  }
  if (number > 1e12) {
    return capped(number - nowMs);
  }
  return capped(number > 1e9 ? number * 1_000 - nowMs : number * 1_000);
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
  const atMs = text === null || !/^[\w ,:+.-]{10,40}$/u.test(text) ? Number.NaN : Date.parse(text);
  return Number.isNaN(atMs) ? null : capped(atMs - nowMs);
}

function decimal(text: string | null): number | null {
  return text !== null && /^\d{1,16}(?:\.\d{1,9})?$/u.test(text.trim()) ? Number(text) : null;
}

function capped(ms: number): number {
  return Math.min(Math.max(Math.ceil(ms), 0), dayMs);
}
