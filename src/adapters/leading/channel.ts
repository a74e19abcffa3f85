import { connect } from "node:net";
import type { Socket } from "node:net";
import { ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { createLineSplitter } from "../process/line-splitter.ts";
import { stateOf } from "../server/local-server.ts";
import { answerIn } from "./answer-line.ts";
import type { HandedCall } from "./listener.ts";
import type { Seat } from "./seat.ts";

/** What came of a call that was handed over, its result as JSON; `lost`: nobody knows, and it may be done again under the same key. */
export type ChannelAnswer =
  | { readonly kind: "answered"; readonly text: string }
  | { readonly kind: "lost"; readonly isFrozen: boolean };

export interface ChannelCall extends HandedCall {
  /** True for a call that may wait long for its answer. */
  readonly isWaiting: boolean;
  readonly signal: AbortSignal;
}

/** The connection to the process that leads. */
export interface Channel {
  /** Never rejects. */
  ask(call: ChannelCall): Promise<ChannelAnswer>;
  /** False once the other side is gone, or was given up. */
  isOpen(): boolean;
  close(): void;
}

/** How often a leader that owes an answer is looked at, in milliseconds: one that stands still is noticed within two looks. */
const lookMs = 100;

/**
 * How long a leader that runs may owe an answer before it is asked whether it lives, and how long for that answer. Where the system does not tell
 * that a process stands still, silence is the only sign of it; elsewhere silence is a busy machine's, and whoever gives its leader up for that
 * makes it busier.
 */
const silentMs = process.platform === "linux" ? 1_000 : 120;
const pingMs = 200;

/** How much longer one may say nothing that owes only answers to calls that wait. */
const waitingMs = 5_000;

/** Connects to a leader. Rejects where nobody listens. */
export async function openChannel(seat: Seat): Promise<Channel> {
  const socket = await connected(seat.socket);
  const owed = createOwed();
  let ids = 0;
  const say = (message: LooseObject): void => {
    if (!socket.destroyed) {
      socket.write(`${JSON.stringify(message)}\n`);
    }
  };
  const lose = (isFrozen: boolean): void => {
    socket.destroy();
    owed.lose(isFrozen);
  };
  const ping = (): void => {
    say({ id: 0 });
  };
  const watch = createWatch({ seat, owed, ping, lose });
  const close = (): void => {
    lose(false);
  };
  const onAnswer = (id: number, answer: ChannelAnswer): void => {
    owed.settle(id, answer);
    watch.rest();
  };
  listenTo(socket, { onAnswer, onEnd: close });
  say({ key: seat.key });
  return {
    close,
    isOpen: () => !socket.destroyed,
    ask: async ({ isWaiting, signal, ...call }) => {
      if (socket.destroyed || signal.aborted) {
        return lost;
      }
      ids += 1;
      const id = ids;
      const cancel = (): void => {
        say({ id, cancel: true });
      };
      signal.addEventListener("abort", cancel, { once: true });
      say({ id, call });
      watch.begin();
      const answer = await owed.add(id, isWaiting);
      signal.removeEventListener("abort", cancel);
      return answer;
    },
  };
}

const lost: ChannelAnswer = { kind: "lost", isFrozen: false };

/** The answers that the leader owes. */
interface Owed {
  add(id: number, isWaiting: boolean): Promise<ChannelAnswer>;
  settle(this: void, id: number, answer: ChannelAnswer): void;
  lose(isFrozen: boolean): void;
  isNothing(): boolean;
  /** How long the leader has owed an answer and said nothing, in milliseconds; for a call that waits, beyond `waitingMs`. */
  silenceMs(): number;
}

interface Debt {
  settle(this: void, answer: ChannelAnswer): void;
  readonly sinceMs: number;
  /** How long the leader may say nothing before this counts as owed, in milliseconds. */
  readonly graceMs: number;
}

function createOwed(): Owed {
  const debts = new Map<number, Debt>();
  let heardMs = performance.now();
  return {
    add: async (id, isWaiting) =>
      new Promise((resolve) => {
        const graceMs = isWaiting ? waitingMs : 0;
        debts.set(id, { settle: resolve, sinceMs: performance.now(), graceMs });
      }),
    settle: (id, answer) => {
      heardMs = performance.now();
      const debt = debts.get(id);
      debts.delete(id);
      debt?.settle(answer);
    },
    lose: (isFrozen) => {
      for (const { settle } of debts.values()) {
        settle({ kind: "lost", isFrozen });
      }
      debts.clear();
    },
    isNothing: () => debts.size === 0,
    silenceMs: () => {
      const owedMs = [...debts.values()].map(
        ({ sinceMs, graceMs }) => Math.max(sinceMs, heardMs) + graceMs,
      );
      return Math.max(0, performance.now() - Math.min(...owedMs));
    },
  };
}

/** How long a leader may take to take a connection, in milliseconds. */
const connectMs = 1_000;

async function connected(path: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(path);
    const late = setTimeout(() => {
      socket.destroy(new Error("nobody took the connection"));
    }, connectMs);
    socket.once("error", (error) => {
      clearTimeout(late);
      reject(error);
    });
    socket.once("connect", () => {
      clearTimeout(late);
      resolve(socket.unref());
    });
  });
}

interface SocketEvents {
  onAnswer(this: void, id: number, answer: ChannelAnswer): void;
  onEnd(this: void): void;
}

function listenTo(socket: Socket, { onAnswer, onEnd }: SocketEvents): void {
  const split = createLineSplitter({
    onLine: (line) => {
      const text = Buffer.from(line).toString("utf8");
      const answered = answerIn(text);
      const id = answered?.id ?? ownValue(parseLooseObject(text) ?? {}, "id");
      if (typeof id === "number") {
        onAnswer(id, answered === null ? lost : { kind: "answered", text: answered.text });
      }
    },
    onTooLong: onEnd,
  });
  socket.on("data", split);
  socket.on("error", onEnd);
  socket.on("close", onEnd);
}

interface WatchDeps {
  readonly seat: Seat;
  readonly owed: Owed;
  ping(this: void): void;
  lose(this: void, isFrozen: boolean): void;
}

interface Watch {
  /** Is told of each call. */
  begin(): void;
  /** Is told of each answer: a process that waits for nothing is not woken for a look. */
  rest(): void;
}

/** Looks at the leader while it owes answers: one that stands still, is gone or says nothing is given up. One that lives may take its time. */
function createWatch({ seat, owed, ping, lose }: WatchDeps): Watch {
  let timer: NodeJS.Timeout | null = null;
  let isPinged = false;
  const look = (): void => {
    timer = null;
    if (owed.isNothing()) {
      return;
    }
    const state = stateOf(seat);
    const silence = owed.silenceMs();
    if (state !== "running" || (isPinged && silence > silentMs + pingMs)) {
      lose(state === "frozen");
      return;
    }
    if (silence >= silentMs && !isPinged) {
      ping();
    }
    isPinged = silence >= silentMs;
    begin();
  };
  const begin = (): void => {
    timer ??= setTimeout(look, lookMs);
  };
  return {
    begin,
    rest: () => {
      if (timer !== null && owed.isNothing()) {
        clearTimeout(timer);
        timer = null;
      }
    },
  };
}
