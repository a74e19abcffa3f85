import { SkeinError } from "../../core/base/errors.ts";
import type { ErrorEntry } from "../../core/base/errors.ts";
import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";
import { causesOf, mayHaveArrived, systemCode } from "../process/broken-connection.ts";
import { hostingErrors } from "../../core/hosting/index.ts";

/** What was asked when it failed. */
export interface Asked {
  /** As `GET /repos/{owner}/{repo}`: without names in it. */
  readonly route: string;
  /** The wall clock. */
  readonly nowMs: number;
}

const secondaryWaitMs = 60_000;

/** Tells what went wrong, in words of ours; the host's own words are a fact for programs and logs. */
export function failureOf(error: unknown, asked: Asked): SkeinError {
  const own = ownError(error);
  if (own !== null) {
    return own;
  }
  const response = isLooseObject(error) ? error["response"] : undefined;
  return isLooseObject(response) ? refused(response, asked) : broken(error, asked);
}

/** An error of ours among the causes: the guard's; null when there is none. */
export function ownError(error: unknown): SkeinError | null {
  return causesOf(error).find((cause) => cause instanceof SkeinError) ?? null;
}

function refused(response: LooseObject, asked: Asked): SkeinError {
  const status = Number(response["status"]);
  const said = cleanLine(ownText(ownObject(response, "data"), "message") ?? "", 300);
  const facts = { status, route: asked.route, ...(said === "" ? {} : { host_said: said }) };
  const waitMs = limitMs(response, asked.nowMs);
  if (waitMs !== null) {
    return new SkeinError(hostingErrors.unreachable, {
      message: `The code host's rate limit is reached: ${asked.route}.`,
      facts: { ...facts, outcome: "refused" },
      retryAfterMs: waitMs,
    });
  }
  const entry = entryOf(status);
  const isTheirs = entry === hostingErrors.unreachable;
  return new SkeinError(entry, {
    message: `The code host answered ${String(status)} to ${asked.route}.`,
    facts: isTheirs ? { ...facts, outcome: "unknown" } : facts,
    ...(isTheirs ? { retryAfterMs: retryAfterMs(response) ?? 10_000 } : {}),
  });
}

function entryOf(status: number): ErrorEntry {
  if (status === 401 || status === 403) {
    return hostingErrors.denied;
  }
  if (status === 404 || status === 410 || status === 451) {
    return hostingErrors.missing;
  }
  return status >= 500 || status === 408 ? hostingErrors.unreachable : hostingErrors.rejected;
}

/** How long the host asks to wait; null when it was not its rate limit that refused. */
function limitMs(response: LooseObject, nowMs: number): number | null {
  const status = response["status"];
  if (status !== 429 && status !== 403) {
    return null;
  }
  const headers = ownObject(response, "headers");
  const afterMs = retryAfterMs(response);
  if (afterMs !== null) {
    return afterMs;
  }
  if (headers["x-ratelimit-remaining"] === "0") {
    return Math.max(0, Number(headers["x-ratelimit-reset"]) * 1_000 - nowMs) || 1_000;
  }
  return status === 429 || isSecondary(ownObject(response, "data")) ? secondaryWaitMs : null;
}

/** The only sign of this limit where the host sends no header. */
function isSecondary(data: LooseObject): boolean {
  const page = ownText(data, "documentation_url") ?? "";
  return (
    page.includes("secondary-rate-limit") ||
    /\bsecondary rate\b/iu.test(ownText(data, "message") ?? "")
  );
}

function retryAfterMs(response: LooseObject): number | null {
  const seconds = Number(ownObject(response, "headers")["retry-after"] ?? Number.NaN);
  return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1_000 : null;
}

function broken(error: unknown, { route }: Asked): SkeinError {
  const word = systemWord(error);
  return new SkeinError(hostingErrors.unreachable, {
    message: `The connection to the code host broke${word === null ? "" : ` (${word})`}: ${route}.`,
    facts: { route, outcome: mayHaveArrived(word) ? "unknown" : "refused" },
    retryAfterMs: 10_000,
    cause: error,
  });
}

/** The system's word for an error, or that its time was up; null when there is none. */
function systemWord(error: unknown): string | null {
  const isLate = causesOf(error).some((cause) => cause["name"] === "TimeoutError");
  return isLate ? "timeout" : systemCode(error);
}

/** True when a request may have been carried out though it failed. */
export function isUnknown(error: unknown): boolean {
  return error instanceof SkeinError && error.facts["outcome"] === "unknown";
}

/** True for a failure of one entry, and of one status where it is named. */
export function isFailure(
  error: unknown,
  entry: ErrorEntry,
  status: number | null = null,
): error is SkeinError {
  return (
    error instanceof SkeinError &&
    error.code === entry.code &&
    (status === null || error.facts["status"] === status)
  );
}
