import type { WireFormat } from "./call.ts";

export interface RequestWindowOptions {
  readonly requests: number;
  readonly windowMs: number;
}

/** A server's own limit: so many requests in each window of fixed borders. */
export interface RequestWindow {
  /** Counts a request and tells whether it is let in, and what the headers say of the limit. */
  admit(format: WireFormat): {
    readonly isAdmitted: boolean;
    readonly headers: Readonly<Record<string, string>>;
  };
}

export function createRequestWindow({ requests, windowMs }: RequestWindowOptions): RequestWindow {
  let startMs = performance.now();
  let used = 0;
  return {
    admit: (format) => {
      const nowMs = performance.now();
      if (nowMs - startMs >= windowMs) {
        startMs += Math.floor((nowMs - startMs) / windowMs) * windowMs;
        used = 0;
      }
      const isAdmitted = used < requests;
      used += isAdmitted ? 1 : 0;
      const resetMs = Math.max(1, Math.ceil(startMs + windowMs - nowMs));
      const headers = limitHeaders(format, { requests, remaining: requests - used, resetMs });
      return {
        isAdmitted,
        headers: isAdmitted
          ? headers
          : { ...headers, "retry-after": String(Math.ceil(resetMs / 1_000)) },
      };
    },
  };
}

interface Limit {
  readonly requests: number;
  readonly remaining: number;
  readonly resetMs: number;
}

/** The headers in which a provider tells its limit. */
function limitHeaders(
  format: WireFormat,
  { requests, remaining, resetMs }: Limit,
): Readonly<Record<string, string>> {
  return format === "anthropic"
    ? {
        "anthropic-ratelimit-requests-limit": String(requests),
        "anthropic-ratelimit-requests-remaining": String(remaining),
        "anthropic-ratelimit-requests-reset": new Date(Date.now() + resetMs).toISOString(),
      }
    : {
        "x-ratelimit-limit-requests": String(requests),
        "x-ratelimit-remaining-requests": String(remaining),
        "x-ratelimit-reset-requests":
          resetMs < 1_000 ? `${String(resetMs)}ms` : `${String(resetMs / 1_000)}s`,
      };
}
