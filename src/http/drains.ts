import type { ServerResponse } from "node:http";

export interface Drain {
  /** Aborts when the client has gone, or the server is about to end. */
  readonly signal: AbortSignal;
  /** How long a client may take nothing, in milliseconds. */
  readonly slowMs: number;
}

/** Waits until a client has taken what it was sent; false when it took nothing for too long. */
export function drains(response: ServerResponse, { signal, slowMs }: Drain): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (hasRoom: boolean): void => {
      clearTimeout(timer);
      response.off("drain", onDrain);
      signal.removeEventListener("abort", onAbort);
      resolve(hasRoom);
    };
    const onDrain = (): void => {
      settle(true);
    };
    const onAbort = (): void => {
      settle(true);
    };
    const timer = setTimeout(() => {
      settle(false);
    }, slowMs);
    if (signal.aborted) {
      settle(true);
      return;
    }
    response.once("drain", onDrain);
    signal.addEventListener("abort", onAbort, { once: true });
  });
}
