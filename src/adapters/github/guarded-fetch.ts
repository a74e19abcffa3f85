import { SkeinError } from "../../core/base/errors.ts";
import { hostingErrors } from "../../core/hosting/index.ts";

export interface GuardOptions {
  /** The only place that requests go to, as `https://api.github.com`. */
  readonly origin: string;
  /** How long one request may take, from its start to the last byte of its answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The most bytes of one answer. */
  readonly maxBytes: number;
  readonly signal: AbortSignal | null;
  /** Sends a request. Default the platform's own. */
  readonly fetch?: typeof fetch | undefined;
}

const maxHops = 3;
/** With these the same request is sent again, whatever its method. */
const keepsMethod: ReadonlySet<number> = new Set([307, 308]);
const redirects: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);

/**
 * Makes the `fetch` of a code host. The token goes to one host only, also when that host sends it elsewhere; an address in which a name
 * would climb out of its place is not asked; no request lasts and no answer grows without end.
 */
export function guardedFetch(options: GuardOptions): typeof fetch {
  const send = options.fetch ?? fetch;
  return async (input, init) => {
    const late = AbortSignal.timeout(options.timeoutMs);
    const signal = options.signal === null ? late : AbortSignal.any([late, options.signal]);
    let url = allowed(String(input instanceof Request ? input.url : input), options.origin);
    for (let hop = 0; hop <= maxHops; hop += 1) {
      const response = await send(url, { ...init, redirect: "manual", signal });
      const next = nextPlace(response, url, init?.method ?? "GET");
      if (next === null) {
        return bounded(response, options.maxBytes);
      }
      await response.body?.cancel();
      url = allowed(next, options.origin);
    }
    throw refusal("The code host sent the request from place to place without end.");
  };
}

/** Where a redirect leads; null when the answer is to be taken as it is. */
function nextPlace(response: Response, from: string, method: string): string | null {
  if (!redirects.has(response.status)) {
    return null;
  }
  if (!(method === "GET" || method === "HEAD" || keepsMethod.has(response.status))) {
    throw refusal("The code host sent a write elsewhere: the repository has another name now.");
  }
  const location = response.headers.get("location");
  return location === null ? null : new URL(location, from).href;
}

function allowed(address: string, origin: string): string {
  if (!URL.canParse(address) || new URL(address).origin !== origin) {
    throw refusal("The code host sent the request to another host.");
  }
  // A parser resolves `..` also where it is written with percent signs.
  const [path = ""] = address.slice(origin.length).split(/[?#]/u);
  if (/(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)/iu.test(path)) {
    throw refusal("A name in the request climbs out of its place.");
  }
  return address;
}

function refusal(message: string): SkeinError {
  return new SkeinError(hostingErrors.rejected, { message });
}

/** Reads an answer to its end: an answer that breaks off is a failure of the connection, and no short answer. */
async function bounded(response: Response, maxBytes: number): Promise<Response> {
  if (response.body === null) {
    return response;
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) {
      throw new SkeinError(hostingErrors.garbled, {
        message: "The code host's answer is longer than Skein reads.",
        facts: { max_bytes: maxBytes },
      });
    }
    chunks.push(chunk);
  }
  const { status, statusText, headers, url } = response;
  const whole = new Response(Buffer.concat(chunks), { status, statusText, headers });
  return Object.defineProperty(whole, "url", { value: url });
}
