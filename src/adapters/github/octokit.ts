import { Octokit } from "@octokit/core";
import { paginateRest } from "@octokit/plugin-paginate-rest";
import { retry } from "@octokit/plugin-retry";
import { throttling } from "@octokit/plugin-throttling";
import type { AnswerCache } from "./answers.ts";
import { conditionalRequests } from "./conditional.ts";
import type { Limits } from "./limits.ts";
import { plainFailures } from "./plain-failures.ts";

/** A wait that the host asked for, or that comes before a request is repeated. */
export interface Wait {
  /** `primary`: the hourly limit; `secondary`: too much at once. */
  readonly reason: "primary" | "secondary";
  readonly waitMs: number;
  /** As `GET /repos/{owner}/{repo}`. */
  readonly route: string;
  /** False: it would be too long, and the request fails instead. */
  readonly isWaited: boolean;
}

export interface OctokitSettings {
  /** Without a slash at its end. */
  readonly baseUrl: string;
  readonly token: string | null;
  readonly userAgent: string;
  readonly limits: Limits;
  readonly answers: AnswerCache;
  readonly fetch: typeof fetch;
  readonly onWait: (wait: Wait) => void;
}

type Values = Readonly<Record<string, unknown>>;

/** Sends requests under the policies, and throws what Octokit throws. */
export interface Client {
  request(route: string, values: Values): Promise<unknown>;
  /** A list page by page, each as `data`. */
  pages(route: string, values: Values): AsyncIterable<{ readonly data: unknown }>;
}

/** The version of the API that requests and answers are of. */
const apiVersion = "2022-11-28";

const silent = () => undefined;

/** Statuses that a repetition does not mend, or that the throttling has waited for already. */
const doNotRetry = [400, 401, 403, 404, 409, 410, 422, 429, 451];

/**
 * Makes the client with its policies, from the inside: answers that are kept, failures in plain words, waits that the host asks for, repeated reads, pages. A
 * request that makes something says `retries: 0`; a number above that would also repeat what no repetition mends.
 */
export function createClient(settings: OctokitSettings): Client {
  const { baseUrl, token, userAgent, limits, answers } = settings;
  const Skilled = Octokit.plugin(
    conditionalRequests(answers),
    plainFailures,
    throttling,
    retry,
    paginateRest,
  );
  const octokit = new Skilled({
    baseUrl,
    userAgent,
    ...(token === null ? {} : { auth: token }),
    request: { fetch: settings.fetch },
    log: { debug: silent, info: silent, warn: silent, error: silent },
    retry: { retries: limits.retries, doNotRetry, retryAfterBaseValue: limits.secondMs },
    throttle: {
      ...freeGroups,
      retryAfterBaseValue: limits.secondMs,
      onRateLimit: decideWait("primary", settings),
      onSecondaryRateLimit: decideWait("secondary", settings),
    },
  });
  octokit.hook.before("request", (options) => {
    options.headers["x-github-api-version"] = apiVersion;
  });
  return {
    request: async (route, values) => (await octokit.request(route, values)).data,
    pages: (route, values) => octokit.paginate.iterator(route, values),
  };
}

/**
 * The plugin's own groups are one for the whole process and start writes one or three seconds apart; here requests queue in lanes of their own
 * client, before they come to the plugin.
 */
const free = {
  key: () => ({
    schedule: async <A extends readonly unknown[], T>(
      _: object,
      work: (...args: A) => Promise<T>,
      ...args: A
    ): Promise<T> => work(...args),
  }),
};
const freeGroups: object = {
  global: free,
  auth: free,
  search: free,
  write: free,
  notifications: free,
};

interface Limited {
  readonly method: string;
  readonly url: string;
}

/** Waits a few times and never long: what is left is told to the caller as the time to come back. */
function decideWait(reason: Wait["reason"], { limits, onWait }: OctokitSettings) {
  return (...[seconds, { method, url }, , count]: [number, Limited, unknown, number]): boolean => {
    const waitMs = seconds * limits.secondMs;
    const isWaited = count < limits.maxWaits && waitMs <= limits.maxWaitMs;
    onWait({ reason, waitMs, route: `${method} ${url}`, isWaited });
    return isWaited;
  };
}
