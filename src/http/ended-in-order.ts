import { createServer } from "node:http";
import type { RequestListener, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { withinWait } from "./within-wait.ts";

export interface DrainTiming {
  /** How long new requests are still taken, so that whoever sends them here hears of it first. */
  readonly noticeMs: number;
  readonly withinMs: number;
}

/** A server of node, with what has to be known of it to end it in order. */
export interface Answering {
  readonly http: Server;
  /** True while a client still takes an answer that was whole at the look before already: most are gone at once. */
  readonly isFlushing: () => boolean;
  /** Ends the connections that have not said a word: node waits for them as for calls, since their first request might be on its way. */
  readonly closeSilent: () => void;
}

/** A request has to be here in this time; its answer may take longer. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 30_000,
  connectionsCheckingInterval: 2_000,
  maxHeaderSize: 16_384,
};

const mostConnections = 4_096;

/** How often to look whether answers have been taken, in milliseconds. */
const flushMs = 10;

export function serverOver(route: RequestListener, ending: AbortSignal): Answering {
  const open = new Set<ServerResponse>();
  const connections = new Set<Socket>();
  let before: readonly ServerResponse[] = [];
  const http = createServer({ ...timeouts }, (request, response) => {
    if (ending.aborted) {
      response.setHeader("connection", "close");
    }
    keepWhileOpen(open, response);
    route(request, response);
  });
  http.on("connection", (socket) => {
    keepWhileOpen(connections, socket);
  });
  http.maxConnections = mostConnections;
  http.keepAliveTimeout = 65_000;
  return {
    http,
    isFlushing: () => {
      const now = [...open].filter(
        ({ writableEnded, writableFinished }) => writableEnded && !writableFinished,
      );
      const lasts = now.some((response) => before.includes(response));
      before = now;
      return lasts;
    },
    closeSilent: () => {
      for (const socket of connections) {
        if (socket.bytesRead === 0) {
          socket.destroy();
        }
      }
    },
  };
}

function keepWhileOpen<Part extends ServerResponse | Socket>(parts: Set<Part>, part: Part): void {
  parts.add(part);
  part.once("close", () => parts.delete(part));
}

/** Takes no more connections and waits for what has begun; false when something was still running after `withinMs` and was cut off. */
export async function endInOrder(
  { http, isFlushing, closeSilent }: Answering,
  { noticeMs, withinMs }: DrainTiming,
): Promise<boolean> {
  const startedMs = performance.now();
  await pause(noticeMs);
  // Node takes a connection for idle whose answer is whole, though its client has not taken all of it, and closes it.
  isFlushing();
  do {
    await pause(flushMs);
  } while (isFlushing() && performance.now() - startedMs < withinMs);
  const closed = new Promise<true>((resolve) => {
    http.close(() => {
      resolve(true);
    });
  });
  http.closeIdleConnections();
  closeSilent();
  const left = Math.max(0, withinMs - (performance.now() - startedMs));
  // Nothing is left of the wait: a timer would keep the process for as long.
  const isWhole = (await withinWait(closed, left)) !== null;
  if (!isWhole) {
    http.closeAllConnections();
    await closed;
  }
  return isWhole;
}

async function pause(ms: number): Promise<void> {
  await new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
