import { Refusal, errorBody } from "./replies.ts";
import type { Reply } from "./replies.ts";
import { timeOf } from "./state.ts";
import type { Identity } from "./state.ts";

/** How much a caller may ask for. */
export interface Limits {
  /** Calls of the REST API in an hour. Default 5,000, as for an installation. */
  readonly perHour: number;
  /** Searches in a minute. Default 30. */
  readonly searchesPerMinute: number;
  /** Points in a minute before the secondary limit: 1 for a read, 5 for a write. Default 900. */
  readonly pointsPerMinute: number;
  /** Writes in a minute before the secondary limit. Default 80. */
  readonly writesPerMinute: number;
  /** Writes in an hour before the secondary limit. Default 500. */
  readonly writesPerHour: number;
}

export const usualLimits: Limits = {
  perHour: 5000,
  searchesPerMinute: 30,
  pointsPerMinute: 900,
  writesPerMinute: 80,
  writesPerHour: 500,
};

export type Resource = "core" | "search" | "graphql";

/** The state of one limit, as headers and `GET /rate_limit` show it. */
export interface Quota {
  readonly limit: number;
  readonly used: number;
  readonly remaining: number;
  /** Epoch seconds. */
  readonly reset: number;
}

/** What a call does: reads, writes what people see, or writes something else, as tokens. */
export type CallKind = "read" | "content" | "other";

export interface Meter {
  quota(identity: Identity | null, resource: Resource): Quota;
  /**
   * Lets a call pass, or refuses it. A write costs more than a read; what it writes is counted where it `isContent`.
   *
   * @throws {Refusal} 403 when the primary limit is used up, or when too much is written.
   */
  admit(identity: Identity | null, resource: Resource, kind: CallKind): void;
  /** Counts a call against the primary limit; a 304 is not counted. */
  count(identity: Identity | null, resource: Resource): void;
  /** Uses up what is left. For tests of the primary limit. */
  exhaust(login: string, resource?: Resource): void;
}

/** The headers of a quota. */
export function quotaHeaders(quota: Quota, resource: Resource): Readonly<Record<string, string>> {
  return {
    "x-ratelimit-limit": String(quota.limit),
    "x-ratelimit-remaining": String(quota.remaining),
    "x-ratelimit-used": String(quota.used),
    "x-ratelimit-reset": String(quota.reset),
    "x-ratelimit-resource": resource,
  };
}

/** What GitHub answers when too much comes at once. */
export function secondaryLimit(status: 403 | 429, retryAfterSeconds: number | null): Reply {
  const message =
    "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";
  return {
    status,
    body: errorBody(status, message),
    headers: retryAfterSeconds === null ? {} : { "retry-after": String(retryAfterSeconds) },
  };
}

function lengthOf(resource: Resource): number {
  return resource === "search" ? 60_000 : 3_600_000;
}

export function createMeter(limits: Limits, nowMs: () => number): Meter {
  const windows = new Map<string, { readonly resetMs: number; readonly used: number }>();
  const asked = new Map<string, readonly Asked[]>();
  const limitOf = (identity: Identity | null, resource: Resource): number =>
    resource === "search" ? limits.searchesPerMinute : identity === null ? 60 : limits.perHour;
  const windowOf = (login: string, resource: Resource): { resetMs: number; used: number } => {
    const found = windows.get(`${login} ${resource}`);
    return found !== undefined && found.resetMs > nowMs()
      ? found
      : { resetMs: nowMs() + lengthOf(resource), used: 0 };
  };
  const quota: Meter["quota"] = (identity, resource) => {
    const { used, resetMs } = windowOf(loginOf(identity), resource);
    const limit = limitOf(identity, resource);
    return {
      limit,
      used,
      remaining: Math.max(0, limit - used),
      reset: Math.ceil(resetMs / 1000),
    };
  };
  const keep = (login: string, resource: Resource, used: number): void => {
    windows.set(`${login} ${resource}`, { ...windowOf(login, resource), used });
  };
  return {
    quota,
    admit: (identity, resource, kind) => {
      const left = quota(identity, resource);
      if (left.remaining === 0) {
        const until = timeOf(left.reset * 1000);
        throw new Refusal({
          status: 403,
          body: errorBody(403, `API rate limit exceeded for ${loginOf(identity)} until ${until}.`),
        });
      }
      const login = loginOf(identity);
      const now = { atMs: nowMs(), kind };
      const recent = (asked.get(login) ?? []).filter(({ atMs }) => atMs > now.atMs - 3_600_000);
      if (isTooMuch(limits, [...recent, now], now.atMs)) {
        throw new Refusal(secondaryLimit(403, 60));
      }
      asked.set(login, [...recent, now]);
    },
    count: (identity, resource) => {
      const login = loginOf(identity);
      keep(login, resource, windowOf(login, resource).used + 1);
    },
    exhaust: (login, resource = "core") => {
      keep(login, resource, Number.MAX_SAFE_INTEGER - 1);
    },
  };
}

interface Asked {
  readonly atMs: number;
  readonly kind: CallKind;
}

function isTooMuch(limits: Limits, lastHour: readonly Asked[], nowMs: number): boolean {
  const lastMinute = lastHour.filter(({ atMs }) => atMs > nowMs - 60_000);
  const points = lastMinute.reduce((total, { kind }) => total + (kind === "read" ? 1 : 5), 0);
  const isContent = ({ kind }: Asked): boolean => kind === "content";
  return (
    points > limits.pointsPerMinute ||
    lastMinute.filter(isContent).length > limits.writesPerMinute ||
    lastHour.filter(isContent).length > limits.writesPerHour
  );
}

function loginOf(identity: Identity | null): string {
  return identity?.actor.login ?? "nobody";
}
