import { createHash, timingSafeEqual } from "node:crypto";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import {
  isLooseObject,
  ownObject,
  ownText,
  ownValue,
  parseLooseObject,
} from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { createLineSplitter } from "../process/line-splitter.ts";
import { answerLine } from "./answer-line.ts";
import { clearSocket } from "./place.ts";

/** A call that another process of this user hands over. */
export interface HandedCall {
  readonly tool: string;
  readonly body: LooseObject;
  /** Who calls, as its own process knows it. */
  readonly caller: LooseObject;
}

/** What became of it, its result as JSON; `away`: this process does it not, and the other may do it itself under the same key. */
export type HandedAnswer =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "away" };

export interface ListenerDeps {
  readonly socket: string;
  readonly key: string;
  /** Does a call; never rejects. The signal aborts when whoever called is gone or no longer wants it. */
  serve(this: void, call: HandedCall, signal: AbortSignal): Promise<HandedAnswer>;
}

/** Takes the calls of other processes until it is closed. */
export interface Listener {
  /** When a call last came in, in milliseconds of `performance.now()`. */
  lastAskedMs(): number;
  /** Takes no more calls, waits for those in work for at most `graceMs`, and lets everybody go. */
  close(graceMs: number): Promise<void>;
}

/** Listens at the socket. Rejects where the system does not let it. */
export async function listen(deps: ListenerDeps): Promise<Listener> {
  const state: ListenerState = {
    isClosing: false,
    open: new Set(),
    lastAskedMs: performance.now(),
  };
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.unref());
    socket.once("close", () => sockets.delete(socket));
    serveSocket(socket, deps, state);
  });
  try {
    await bound(server, deps.socket);
  } catch (error) {
    clearSocket(deps.socket);
    throw error;
  }
  return {
    lastAskedMs: () => state.lastAskedMs,
    close: async (graceMs) => {
      state.isClosing = true;
      server.close();
      await settled(state.open, graceMs);
      await letGo(sockets);
      clearSocket(deps.socket);
    },
  };
}

/** How long whoever calls may take to read what is written to it already when this process ends: one that stands still must not keep it. */
const readMs = 250;

async function letGo(sockets: ReadonlySet<Socket>): Promise<void> {
  const closed = [...sockets].map(
    async (socket) =>
      new Promise<void>((resolve) => {
        socket.once("close", () => {
          resolve();
        });
      }),
  );
  for (const socket of sockets) {
    socket.destroySoon();
  }
  await settled(closed, readMs);
  for (const socket of sockets) {
    socket.destroy();
  }
}

interface ListenerState {
  isClosing: boolean;
  readonly open: Set<Promise<void>>;
  lastAskedMs: number;
}

async function bound(server: Server, path: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject);
    server.listen(path, () => {
      server.off("error", reject);
      resolve();
    });
  });
  // What goes wrong with one connection later is told to that one.
  server.on("error", () => undefined);
  server.unref();
}

/** Waits for all of them, for at most so long. */
async function settled(open: Iterable<Promise<void>>, graceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, graceMs);
  });
  await Promise.race([Promise.all(open), late]);
  clearTimeout(timer);
}

/** The longest call that is taken over, in bytes: as long as a message may be, and what its caller says of itself. */
const longestCall = 4 * 1_024 * 1_024 + 65_536;

/** How long a connection may take to say the key, in milliseconds. */
const keyMs = 2_000;

/** One connection: its first line is the key, each other one a call, the end of one, or a question whether this process lives. */
function serveSocket(socket: Socket, deps: ListenerDeps, state: ListenerState): void {
  const running = new Map<number, AbortController>();
  let isKnown = false;
  const late = setTimeout(() => socket.destroy(), keyMs).unref();
  const say = (line: string): void => {
    if (!socket.destroyed) {
      socket.write(`${line}\n`);
    }
  };
  const take = (id: number, call: HandedCall): void => {
    const over = new AbortController();
    running.set(id, over);
    state.lastAskedMs = performance.now();
    const done = serveCall({ id, call, signal: over.signal }, deps, say).finally(() => {
      running.delete(id);
      state.open.delete(done);
    });
    state.open.add(done);
  };
  const heed = (id: number, message: LooseObject): void => {
    const call = callIn(message);
    if (call !== null && !state.isClosing) {
      take(id, call);
    } else if (Object.hasOwn(message, "cancel")) {
      running.get(id)?.abort();
    } else {
      say(JSON.stringify({ id, away: state.isClosing }));
    }
  };
  const onLine = (line: Uint8Array): void => {
    const message = parseLooseObject(Buffer.from(line).toString("utf8"));
    if (message === null || (!isKnown && !isKey(message, deps.key))) {
      socket.destroy();
      return;
    }
    const id = ownValue(message, "id");
    if (isKnown && typeof id === "number") {
      heed(id, message);
    }
    isKnown = true;
    clearTimeout(late);
  };
  listenTo(socket, {
    onLine,
    onGone: () => {
      running.forEach((over) => over.abort());
    },
  });
}

interface SocketEvents {
  onLine(this: void, line: Uint8Array): void;
  /** The other side is gone, or says nothing more. */
  onGone(this: void): void;
}

function listenTo(socket: Socket, { onLine, onGone }: SocketEvents): void {
  const drop = (): void => {
    socket.destroy();
  };
  socket.on("data", createLineSplitter({ onLine, onTooLong: drop }, longestCall));
  socket.on("error", drop);
  socket.once("end", onGone);
  socket.once("close", onGone);
}

interface RunningCall {
  readonly id: number;
  readonly call: HandedCall;
  readonly signal: AbortSignal;
}

async function serveCall(
  { id, call, signal }: RunningCall,
  { serve }: ListenerDeps,
  say: (line: string) => void,
): Promise<void> {
  const outcome = await serve(call, signal).catch((): HandedAnswer => ({ kind: "away" }));
  say(
    outcome.kind === "answered"
      ? answerLine({ id, text: outcome.text })
      : JSON.stringify({ id, away: true }),
  );
}

function callIn(message: LooseObject): HandedCall | null {
  const call = ownValue(message, "call");
  const tool = isLooseObject(call) ? ownText(call, "tool") : null;
  return !isLooseObject(call) || tool === null
    ? null
    : { tool, body: ownObject(call, "body"), caller: ownObject(call, "caller") };
}

function isKey(message: LooseObject, key: string): boolean {
  return timingSafeEqual(digest(ownText(message, "key") ?? ""), digest(key));
}

function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}
