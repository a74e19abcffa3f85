import { connect } from "node:net";
import type { Socket } from "node:net";
import { ownValue, parseLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { silence } from "../server/silence.ts";
import type { Silence } from "../server/silence.ts";
import { createLineSplitter } from "../process/line-splitter.ts";
import { agentLine } from "./agent-line.ts";
import { answerIn } from "./answer-line.ts";
import { createWatch } from "./leader-watch.ts";
import type { Watch } from "./leader-watch.ts";
import { createOwed } from "./owed.ts";
import type { Owed, Owing } from "./owed.ts";
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

/** A line of an agent, and what the call in it may need. */
export interface ChannelLine {
  /** As a text of bytes (`latin1`), without its end. */
  readonly line: string;
  readonly key: string;
  /** Who speaks: told the leader once, as long as it is the same object. */
  readonly speaker: LooseObject;
}

/** The connection to the process that leads. */
export interface Channel {
  /** Never rejects. */
  ask(call: ChannelCall): Promise<ChannelAnswer>;
  /**
   * Hands a line over, and calls back once with the line to answer with, later or at once. What this gives back tells the leader that nobody wants it any
   * more.
   */
  hand(this: void, line: ChannelLine, settle: (owing: Owing) => void): () => void;
  /** False once the other side is gone, or was given up. */
  isOpen(): boolean;
  close(): void;
}

/** Connects to a leader. Rejects where nobody listens. */
export async function openChannel(seat: Seat, patience: Silence = silence): Promise<Channel> {
  const owed = createOwed();
  const hearing = createHearing(owed);
  const socket = await connected(seat.socket, hearing.onBytes);
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
  const watch = createWatch({ seat, patience, owed, ping, lose });
  const close = (): void => {
    lose(false);
  };
  hearing.begin(close);
  socket.on("error", close);
  socket.on("close", close);
  say({ key: seat.key });
  const ways = createWays({ socket, owed, say, watch });
  return { close, isOpen: () => !socket.destroyed, ask: createAsk(ways), hand: createHand(ways) };
}

/** What both ways of handing over share. */
interface Ways extends Ids {
  readonly socket: Socket;
  readonly owed: Owed;
  readonly watch: Watch;
  say(this: void, message: LooseObject): void;
}

interface Ids {
  next(this: void): number;
}

function createWays(parts: Omit<Ways, keyof Ids>): Ways {
  let ids = 0;
  return {
    ...parts,
    next: () => {
      ids += 1;
      return ids;
    },
  };
}

function createAsk({ socket, owed, watch, say, next }: Ways): Channel["ask"] {
  return async ({ isWaiting, signal, ...call }) => {
    if (socket.destroyed || signal.aborted) {
      return lost;
    }
    const id = next();
    const cancel = (): void => {
      say({ id, cancel: true });
    };
    signal.addEventListener("abort", cancel, { once: true });
    say({ id, call });
    watch.begin();
    const answer = await new Promise<ChannelAnswer>((resolve) => {
      owed.add(id, {
        isWaiting,
        settle: (owing) => {
          resolve(textOf(owing));
        },
      });
    });
    signal.removeEventListener("abort", cancel);
    return answer;
  };
}

function textOf(owing: Owing): ChannelAnswer {
  switch (owing.kind) {
    case "answered":
      return { kind: "answered", text: textIn(owing.answer) };
    case "odd":
      return lost;
    case "lost":
      return owing;
  }
}

function createHand({ socket, owed, watch, say, next }: Ways): Channel["hand"] {
  let told: LooseObject | null = null;
  return ({ line, key, speaker }, settle) => {
    if (socket.destroyed) {
      settle(lost);
      return () => undefined;
    }
    if (told !== speaker) {
      say({ speaker });
      told = speaker;
    }
    const id = next();
    owed.add(id, { isWaiting: false, settle });
    socket.write(agentLine(id, key, line), "latin1");
    watch.begin();
    return () => {
      say({ id, cancel: true });
    };
  };
}

const lost = { kind: "lost", isFrozen: false } as const;

/** How long a leader may take to take a connection, in milliseconds. */
const connectMs = 1_000;

const bufferBytes = 16_384;

async function connected(path: string, onBytes: (bytes: Uint8Array) => void): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({
      path,
      onread: {
        // One for all reads: a buffer for each would wait for the collector.
        buffer: Buffer.allocUnsafe(bufferBytes),
        callback: (length, buffer) => {
          onBytes(buffer.subarray(0, length));
          return true;
        },
      },
    });
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

/** Takes in what the leader says. */
interface Hearing {
  /** Says what is done where that cannot be taken in. */
  begin(onTooLong: () => void): void;
  onBytes(this: void, bytes: Uint8Array): void;
}

function createHearing(owed: Owed): Hearing {
  let tooLong: (() => void) | null = null;
  const onBytes = createLineSplitter({
    onLine: (line) => {
      const answered = answerIn(line);
      if (answered === null) {
        hearOther(owed, parseLooseObject(textIn(line)) ?? {});
      } else {
        owed.settle(answered.id, { kind: "answered", answer: answered.answer });
      }
    },
    onTooLong: () => {
      tooLong?.();
    },
  });
  return {
    begin: (onTooLong) => {
      tooLong = onTooLong;
    },
    onBytes,
  };
}

/** What is no answer: a call that the leader does not, or a sign of life. */
function hearOther(owed: Owed, message: LooseObject): void {
  const id = ownValue(message, "id");
  if (typeof id === "number") {
    owed.settle(id, ownValue(message, "odd") === true ? { kind: "odd" } : lost);
  }
}

function textIn({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString("utf8");
}
