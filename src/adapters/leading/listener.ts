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
import { agentLineIn } from "./agent-line.ts";
import type { AgentLine } from "./agent-line.ts";
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

/** A line of an agent that another process hands over as it came. */
export interface HandedLine extends Pick<AgentLine, "key" | "line"> {
  /** Who speaks, as the other process said it last; the same object until it says another. */
  readonly speaker: LooseObject;
}

/** What became of it, as the line to answer with; `odd`: it is for the other process to see what it is. */
export type LineOutcome = HandedAnswer | { readonly kind: "odd" };

export interface ListenerDeps {
  readonly socket: string;
  readonly key: string;
  /** Does a call; never rejects. The signal aborts when whoever called is gone or no longer wants it. */
  serve(this: void, call: HandedCall, signal: AbortSignal): Promise<HandedAnswer>;
  /** The same for a line, whose memory may be used again once this returns. */
  serveLine(this: void, line: HandedLine, signal: AbortSignal): Promise<LineOutcome>;
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

/** One connection: its first line is the key, each other one a call, the end of one, who speaks, or a question whether this process lives. */
function serveSocket(socket: Socket, deps: ListenerDeps, state: ListenerState): void {
  const calls = createCalls(state, (line) => {
    if (!socket.destroyed) {
      socket.write(`${line}\n`);
    }
  });
  const heed = createHeed(deps, calls, state);
  let isKnown = false;
  const late = setTimeout(() => socket.destroy(), keyMs).unref();
  const onLine = (line: Uint8Array): void => {
    const spoken = isKnown ? agentLineIn(line) : null;
    if (spoken !== null) {
      heed.line(spoken);
      return;
    }
    const message = parseLooseObject(Buffer.from(line).toString("utf8"));
    if (message === null || (!isKnown && !isKey(message, deps.key))) {
      socket.destroy();
      return;
    }
    if (isKnown) {
      heed.message(message);
    }
    isKnown = true;
    clearTimeout(late);
  };
  listenTo(socket, { onLine, onGone: calls.abort });
}

/** The calls of a connection that are in work. */
interface Calls {
  /** Begins one; what comes of it is told the other side. */
  begin(id: number, work: (signal: AbortSignal) => Promise<LineOutcome>): void;
  cancel(id: number): void;
  /** Nobody is there to hear of any. */
  abort(this: void): void;
  tell(id: number, what: LooseObject): void;
}

function createCalls(state: ListenerState, say: (line: string) => void): Calls {
  const running = new Map<number, AbortController>();
  const tell: Calls["tell"] = (id, what) => {
    say(JSON.stringify({ id, ...what }));
  };
  return {
    begin: (id, work) => {
      const over = new AbortController();
      running.set(id, over);
      state.lastAskedMs = performance.now();
      const done = finish(work(over.signal), (outcome) => {
        running.delete(id);
        state.open.delete(done);
        if (outcome.kind === "answered") {
          say(answerLine(id, outcome.text));
        } else {
          tell(id, outcome.kind === "odd" ? { odd: true } : { away: true });
        }
      });
      state.open.add(done);
    },
    cancel: (id) => {
      running.get(id)?.abort();
    },
    abort: () => {
      running.forEach((over) => {
        over.abort();
      });
    },
    tell,
  };
}

async function finish(
  work: Promise<LineOutcome>,
  end: (outcome: LineOutcome) => void,
): Promise<void> {
  let outcome: LineOutcome = { kind: "away" };
  try {
    outcome = await work;
  } catch {
    // The other process does it itself.
  }
  end(outcome);
}

/** Does what a connection says. */
interface Heed {
  line(spoken: AgentLine): void;
  message(message: LooseObject): void;
}

function createHeed(deps: ListenerDeps, calls: Calls, state: ListenerState): Heed {
  let speaker: LooseObject | null = null;
  return {
    line: ({ id, ...line }) => {
      if (state.isClosing || speaker === null) {
        calls.tell(id, { away: state.isClosing });
        return;
      }
      const handed = { ...line, speaker };
      calls.begin(id, async (signal) => deps.serveLine(handed, signal));
    },
    message: (message) => {
      speaker = Object.hasOwn(message, "speaker") ? ownObject(message, "speaker") : speaker;
      const id = ownValue(message, "id");
      if (typeof id !== "number") {
        return;
      }
      const call = callIn(message);
      if (call !== null && !state.isClosing) {
        calls.begin(id, async (signal) => deps.serve(call, signal));
      } else if (Object.hasOwn(message, "cancel")) {
        calls.cancel(id);
      } else {
        calls.tell(id, { away: state.isClosing });
      }
    },
  };
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
