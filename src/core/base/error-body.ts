import type { SkeinError } from "./errors.ts";

/** An error as the body of an answer. */
export function errorBody(error: SkeinError): Readonly<Record<string, unknown>> {
  const { code, kind, message, why, fix, facts, retryAfterMs } = error;
  return {
    error: { code, kind, message, cause: why, fix, retry_after_ms: retryAfterMs, facts },
  };
}
