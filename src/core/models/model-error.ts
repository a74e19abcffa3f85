import type { RateLimits, TokenUsage } from "./language-model.ts";

/**
 * Why no answer came: what retries, breakers and failover decide by.
 *
 * `rate_limited` 429; `overloaded` 5xx and 529; `timeout`; `network`; `auth` 401 and 403; `bad_request` other 4xx; `bad_reply` bytes that
 * are no answer; `redaction` a redactor failed; `budget` the money is used up; `open` a breaker is open; `aborted` the caller gave up.
 */
export type ModelFault =
  | "rate_limited"
  | "overloaded"
  | "timeout"
  | "network"
  | "auth"
  | "bad_request"
  | "bad_reply"
  | "redaction"
  | "budget"
  | "open"
  | "aborted";

export interface ModelErrorDetail {
  readonly fault: ModelFault;
  /** In our own words: a provider's text may carry secrets or instructions. */
  readonly message: string;
  /** The provider's `retry-after`, in milliseconds. */
  readonly retryAfterMs?: number | null | undefined;
  readonly limits?: RateLimits | null | undefined;
  /** What it cost all the same, where the provider told; null: unknown, unless nothing was sent. */
  readonly usage?: TokenUsage | null | undefined;
  /** False when the request never left: nothing can have been charged. Default true. */
  readonly wasSent?: boolean | undefined;
  readonly cause?: unknown;
}

/** A call to a model that brought no answer. */
export class ModelError extends Error {
  readonly fault: ModelFault;
  readonly retryAfterMs: number | null;
  readonly limits: RateLimits | null;
  readonly usage: TokenUsage | null;
  readonly wasSent: boolean;

  constructor(detail: ModelErrorDetail) {
    super(detail.message, { cause: detail.cause });
    this.name = "ModelError";
    this.fault = detail.fault;
    this.retryAfterMs = detail.retryAfterMs ?? null;
    this.limits = detail.limits ?? null;
    this.usage = detail.usage ?? null;
    this.wasSent = detail.wasSent ?? true;
  }
}
