import type { Clock } from "../../core/base/clock.ts";
import type { Timer } from "../../core/base/timer.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import type { RepositoryName } from "../../core/hosting/index.ts";
import { createMemoryAnswers } from "./answers.ts";
import type { AnswerCache } from "./answers.ts";
import { failureOf, isFailure } from "./failures.ts";
import { createGraph } from "./graph.ts";
import type { Graph } from "./graph.ts";
import { guardedFetch } from "./guarded-fetch.ts";
import { createLane } from "./lane.ts";
import { defaultLimits } from "./limits.ts";
import type { Limits } from "./limits.ts";
import { createClient } from "./octokit.ts";
import type { Client, Wait } from "./octokit.ts";
import { needList } from "./shapes.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";

/** How a host is reached. */
export interface WireOptions {
  /** As `https://api.github.com` or `https://github.example/api/v3`. */
  readonly baseUrl: string;
  /** Default: beside `baseUrl`, as the host puts it. */
  readonly graphqlUrl?: string | undefined;
  /** Null: as a stranger. */
  readonly token: string | null;
  /** As `skein/0.2.0`. */
  readonly userAgent: string;
  readonly timer: Timer;
  /** The wall clock: the host says times of the day. */
  readonly clock: Clock;
  readonly signal?: AbortSignal | undefined;
  readonly limits?: Partial<Limits> | undefined;
  /** Keeps answers beyond this client's life. Default: in memory. */
  readonly answers?: AnswerCache | undefined;
  /** Told of every wait for a rate limit, before it. */
  readonly onWait?: ((wait: Wait) => void) | undefined;
  readonly fetch?: typeof fetch | undefined;
}

export type Values = Readonly<Record<string, unknown>>;

/** Routes are as `GET /repos/{owner}/{repo}`; their names are filled in from the values, and what is left is the query or the body. */
export interface Wire {
  /** Asks for one thing. @throws {SkeinError} */
  read(route: `GET ${string}`, values?: Values): Promise<unknown>;
  /** The same; null when it is not there. */
  find(route: `GET ${string}`, values?: Values): Promise<unknown>;
  /** Asks for a list page by page, until there are no more pages or `isEnough`. */
  list(route: `GET ${string}`, values: Values, isEnough?: Enough): Promise<readonly LooseObject[]>;
  /** Changes something to what it then is, however often it is sent. */
  set(route: string, values?: Values): Promise<unknown>;
  /** Makes something; never sent again after an unknown outcome. */
  make(route: `POST ${string}` | `PATCH ${string}`, values: Values): Promise<unknown>;
  readonly graph: Graph;
}

/** True when the rows read so far are enough. */
export type Enough = (rows: readonly LooseObject[]) => boolean;

/** What every call goes through. */
export interface Line {
  readonly client: Client;
  readonly limits: Limits;
  /** Does work of one route, and says in our words what went wrong. */
  call<T>(route: string, work: () => Promise<T>): Promise<T>;
  /** Lets no two writes run at once. */
  write<T>(work: () => Promise<T>): Promise<T>;
  /** The same for what people are told of. */
  create<T>(work: () => Promise<T>): Promise<T>;
}

export function createWire(options: WireOptions): Wire {
  const line = openLine(options);
  const { client } = line;
  // Reads, and what comes out the same however often it is sent, are repeated after a fault; this is not.
  const once = { request: { retries: 0 } };
  const read: Wire["read"] = async (route, values = {}) =>
    line.call(route, async () => client.request(route, { ...values }));
  return {
    read,
    find: async (route, values) => orNull(read(route, values)),
    list: async (route, values, isEnough = () => false) =>
      line.call(route, async () => pagesOf(line, { route, values: { ...values }, isEnough })),
    set: async (route, values = {}) =>
      line.write(async () => line.call(route, async () => client.request(route, { ...values }))),
    make: async (route, values) =>
      line.create(async () =>
        line.call(route, async () => client.request(route, { ...values, ...once })),
      ),
    graph: createGraph(line, options.graphqlUrl ?? graphqlOf(options.baseUrl)),
  };
}

/** Fills in the repository's names. */
export function inRepository(wire: Wire, name: RepositoryName): Wire {
  const [owner = "", repo = ""] = name.split("/");
  const names = { owner, repo };
  return {
    read: async (route, values) => wire.read(route, { ...values, ...names }),
    find: async (route, values) => wire.find(route, { ...values, ...names }),
    list: async (route, values, isEnough) => wire.list(route, { ...values, ...names }, isEnough),
    set: async (route, values) => wire.set(route, { ...values, ...names }),
    make: async (route, values) => wire.make(route, { ...values, ...names }),
    graph: wire.graph,
  };
}

/** Null in place of what is not there. */
export async function orNull<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work;
  } catch (error) {
    if (isFailure(error, hostingErrors.missing)) {
      return null;
    }
    throw error;
  }
}

function openLine(options: WireOptions): Line {
  const limits: Limits = { ...defaultLimits, ...options.limits };
  const { timer, clock, token, userAgent, signal = null } = options;
  const baseUrl = options.baseUrl.replace(/\/+$/u, "");
  const client = createClient({
    baseUrl,
    token,
    userAgent,
    limits,
    answers: options.answers ?? createMemoryAnswers(),
    onWait: options.onWait ?? (() => undefined),
    fetch: guardedFetch({
      origin: new URL(baseUrl).origin,
      timeoutMs: limits.timeoutMs,
      maxBytes: limits.maxBytes,
      signal,
      fetch: options.fetch,
    }),
  });
  const all = createLane({ atMost: limits.atMost, spacingMs: 0, timer, signal });
  const writes = createLane({ atMost: 1, spacingMs: 0, timer, signal });
  const creates = createLane({ atMost: 1, spacingMs: limits.spacingMs, timer, signal });
  return {
    client,
    limits,
    call: async (route, work) => {
      try {
        return await all.run(async () => ended(signal, work));
      } catch (error) {
        signal?.throwIfAborted();
        throw failureOf(error, { route, nowMs: clock.nowMs() });
      }
    },
    write: async (work) => writes.run(work),
    create: async (work) => creates.run(async () => writes.run(work)),
  };
}

/** The waits of the client's policies know no signal; whoever ends the work does not wait for them. */
async function ended<T>(signal: AbortSignal | null, work: () => Promise<T>): Promise<T> {
  if (signal === null) {
    return work();
  }
  const listening = new AbortController();
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => {
      reject(new Error("The work was ended.", { cause: signal.reason }));
    };
    signal.addEventListener("abort", stop, { once: true, signal: listening.signal });
  });
  try {
    return await Promise.race([work(), stopped]);
  } finally {
    listening.abort();
  }
}

interface Listing {
  readonly route: string;
  readonly values: Values;
  readonly isEnough: Enough;
}

async function pagesOf(
  { client, limits }: Line,
  { route, values, isEnough }: Listing,
): Promise<readonly LooseObject[]> {
  const rows: LooseObject[] = [];
  let pages = 0;
  for await (const { data } of client.pages(route, { per_page: 100, ...values })) {
    rows.push(...needList(data, route));
    pages += 1;
    if (pages >= limits.maxPages || isEnough(rows)) {
      break;
    }
  }
  return rows;
}

/** Where the host answers GraphQL: `…/api/graphql` beside `…/api/v3`, else `…/graphql`. */
function graphqlOf(baseUrl: string): string {
  const base = baseUrl.replace(/\/+$/u, "");
  return base.endsWith("/api/v3") ? base.replace(/\/v3$/u, "/graphql") : `${base}/graphql`;
}
