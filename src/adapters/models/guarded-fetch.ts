/** The most bytes of one answer; more is no answer of a model. */
const maxReplyBytes = 32 * 1_024 * 1_024;

/** Headers that a request may carry: those that the protocols need. What a client library picks up from the environment stays here. */
const needed =
  /^(?:accept|authorization|content-type|content-length|user-agent|x-api-key|anthropic-version|x-stainless-.*)$/u;

/** How long a client itself would wait, in milliseconds: longer than any caller. Calls end by their signal. */
export const clientTimeoutMs = 3_600_000;

/** What stands in a client's place for a key that is not sent. */
export const noKey = "none";

export interface Guarded {
  /** Null: no key is sent. */
  readonly key: string | null;
  /** Those of the model in `skein.yml`. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes the `fetch` that the providers' clients use. It follows no redirect (the prompt and the key would go to another host), sends only
 * headers that are needed or configured, and breaks off an answer without end.
 */
export function guardedFetch({ key, headers: configured }: Guarded): typeof fetch {
  const own = new Set(Object.keys(configured).map((name) => name.toLowerCase()));
  const isKept = (name: string): boolean =>
    own.has(name) || (needed.test(name) && (key !== null || name !== "authorization"));
  return async (url, init) => {
    const headers = new Headers(init?.headers);
    for (const name of [...headers.keys()].filter((each) => !isKept(each))) {
      headers.delete(name);
    }
    const response = await fetch(url, { ...init, headers, redirect: "error" });
    return response.body === null
      ? response
      : new Response(response.body.pipeThrough(limiter(maxReplyBytes)), {
          status: response.status,
          statusText: response.statusText,
          headers: response.headers,
        });
  };
}

function limiter(maxBytes: number): TransformStream<Uint8Array<ArrayBuffer>> {
  let bytes = 0;
  return new TransformStream({
    transform: (chunk, controller) => {
      bytes += chunk.byteLength;
      if (bytes > maxBytes) {
        controller.error(new SyntaxError("The answer is longer than any answer of a model."));
      } else {
        controller.enqueue(chunk);
      }
    },
  });
}
