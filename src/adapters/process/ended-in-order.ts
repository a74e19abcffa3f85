import type { IncomingMessage, Server, ServerResponse } from "node:http";
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
  /**
   * Ends those on which no call was at work at the look before either: node waits for a request that has begun to come, or a body that was answered
   * before its end, and no longer asks how long it takes.
   */
  readonly closeIdle: () => void;
}

/** How often to look whether answers have been taken, in milliseconds. */
const flushMs = 10;

/** What has begun to come before a look, and is no call at the next, is given up. */
const idleMs = 500;

/** Watches a server from before it listens. */
export function watchAnswers(http: Server): Answering {
  const open = new Map<ServerResponse, Socket>();
  const connections = new Set<Socket>();
  let before: readonly ServerResponse[] = [];
  let idleBefore: readonly Socket[] = [];
  http.on("request", (request: IncomingMessage, response: ServerResponse) => {
    open.set(response, request.socket);
    response.once("close", () => open.delete(response));
  });
  http.on("connection", (socket) => {
    connections.add(socket);
    socket.once("close", () => connections.delete(socket));
  });
  return {
    http,
    isFlushing: () => {
      const now = [...open.keys()].filter(
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
    closeIdle: () => {
      const busy = new Set(open.values());
      const idle = [...connections].filter((socket) => !busy.has(socket));
      for (const socket of idle.filter((each) => idleBefore.includes(each))) {
        socket.destroy();
      }
      idleBefore = idle;
    },
  };
}

/** Takes no more connections and waits for what has begun; false when something was still running after `withinMs` and was cut off. */
export async function endInOrder(
  { http, isFlushing, closeSilent, closeIdle }: Answering,
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
  closeIdle();
  const looks = setInterval(closeIdle, idleMs);
  const left = Math.max(0, withinMs - (performance.now() - startedMs));
  // Nothing is left of the wait: a timer would keep the process for as long.
  const isWhole = (await withinWait(closed, left)) !== null;
  clearInterval(looks);
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
