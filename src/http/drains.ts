import type { ServerResponse } from "node:http";

export interface Drain {
  /** Aborts when the client has gone, or the server is about to end. */
  readonly signal: AbortSignal;
  /** How long a client may take nothing, in milliseconds. */
  readonly slowMs: number;
}

/** Cuts off a client that takes nothing of what is left of its answer for so long, in milliseconds: that stays in memory until it does. */
export function cutOffUnread(response: ServerResponse, slowMs: number): void {
  if (!response.writableFinished && !response.destroyed) {
    response.setTimeout(slowMs, () => {
      response.destroy();
    });
  }
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
