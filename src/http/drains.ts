import type { IncomingMessage, ServerResponse } from "node:http";

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

/** What is sent after its answer is read away for so long, in milliseconds, so that the answer gets through. */
const lingerMs = 5_000;

/** Cuts off a client that goes on sending after it was answered, as one whose body was refused. `slowMs` is the most that it may take. */
export function cutOffUnsent(request: IncomingMessage, slowMs: number): void {
  if (request.complete || request.destroyed) {
    return;
  }
  const { socket } = request;
  setTimeout(
    () => {
      if (!request.complete) {
        socket.destroy();
      }
    },
    Math.min(lingerMs, slowMs),
  ).unref();
}

/**
 * Waits until a client has taken what it was sent; false when it took nothing for too long. One that is slow takes a large answer over many such times: the
 * socket's own clock knows how much is still to go, and begins anew whenever that has become less.
 */
export function drains(response: ServerResponse, { signal, slowMs }: Drain): Promise<boolean> {
  return new Promise((resolve) => {
    const settle = (hasRoom: boolean): void => {
      response.setTimeout(0);
      response.off("timeout", onSlow);
      response.off("drain", onDrain);
      signal.removeEventListener("abort", onDrain);
      resolve(hasRoom);
    };
    const onDrain = (): void => {
      settle(true);
    };
    const onSlow = (): void => {
      settle(false);
    };
    if (signal.aborted) {
      resolve(true);
      return;
    }
    response.setTimeout(slowMs);
    response.once("timeout", onSlow);
    response.once("drain", onDrain);
    signal.addEventListener("abort", onDrain, { once: true });
  });
}
