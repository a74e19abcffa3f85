/** What one client may do to the host, and how long it waits for it. */
export interface Limits {
  /** One request from its start to the last byte of its answer, in milliseconds. Default 30 000. */
  readonly timeoutMs: number;
  /** How often a request that changes nothing, or the same again, is repeated after a fault. Default 2. */
  readonly retries: number;
  /** The longest wait for a rate limit, in milliseconds. Default 60 000. */
  readonly maxWaitMs: number;
  /** How often one request waits for a rate limit. Default 2. */
  readonly maxWaits: number;
  /** Requests at once. Default 8. */
  readonly atMost: number;
  /** The least time between two requests that make something people are told of, in milliseconds. Default 1 000, the host's advice. */
  readonly spacingMs: number;
  /** The most bytes of one answer. Default 32 MiB. */
  readonly maxBytes: number;
  /** How many pages of 100 a list has at most. Default 30. */
  readonly maxPages: number;
  /** How long a second of waiting is, in milliseconds. Default 1 000; tests make it short. */
  readonly secondMs: number;
}

export const defaultLimits: Limits = {
  timeoutMs: 30_000,
  retries: 2,
  maxWaitMs: 60_000,
  maxWaits: 2,
  atMost: 8,
  spacingMs: 1_000,
  maxBytes: 32 * 1_024 * 1_024,
  maxPages: 30,
  secondMs: 1_000,
};
