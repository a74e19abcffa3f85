import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";
import { createLineSplitter, longestLineBytes } from "../../adapters/process/line-splitter.ts";
import { createOpenRequests } from "./open-requests.ts";
import type { OpenRequests } from "./open-requests.ts";
import { readFrame } from "./read-frame.ts";
import type { Frame } from "./read-frame.ts";

export interface StdioTransportOptions {
  readonly input: Readable;
  readonly output: Writable;
  /** After the input has ended, requests in work have this long to be answered. Default 5 000. */
  readonly graceMs?: number | undefined;
  /** Called once, when the connection is closed from either side. */
  readonly onClosed?: (() => void) | undefined;
  /** Told every message that is let through, before it is served. */
  readonly onInbound?: ((message: JSONRPCMessage) => void) | undefined;
  /** Asked of every message before it is served. Default: nothing is taken. */
  readonly takeOver?: TakeOver | undefined;
}

/** Takes a message that it will answer or give back; false: it is served now. */
export type TakeOver = (message: JSONRPCMessage, taken: TakenMessage) => boolean;

/** What becomes of a message that was taken; after the connection is closed, nothing. */
export interface TakenMessage {
  /** Answers the request with a result that is JSON already. */
  answer(id: RequestId, result: string): void;
  /** Has it served after all. */
  serve(this: void, message: JSONRPCMessage): void;
}

const tooLong: Frame = {
  kind: "fault",
  id: null,
  code: -32_700,
  text: `A message has at most ${String(longestLineBytes)} bytes. Import a larger plan with \`skein plan import\`.`,
};

/**
 * A line-wise transport that lets only well-formed messages through to the SDK: faulty frames are answered here, so that none of them can
 * crash, stall or bloat the server. Answers requests that are in work when the input ends, then closes.
 */
export function createStdioTransport(options: StdioTransportOptions): Transport {
  const { input, output, graceMs = 5_000 } = options;
  const requests = createOpenRequests();
  let isClosed = false;

  async function close(): Promise<void> {
    if (!isClosed) {
      isClosed = true;
      requests.stop();
      unlisten();
      input.pause();
      transport.onclose?.();
      options.onClosed?.();
    }
    await Promise.resolve();
  }

  const letIn = createEntry(options, requests, {
    isClosed: () => isClosed,
    serve: (message) => transport.onmessage?.(message),
  });
  const unlisten = listen(options, {
    onMessage: letIn,
    onEnd: () => {
      requests.whenDone(graceMs, () => void close());
    },
    onError: (error) => {
      transport.onerror?.(error);
      void close();
    },
  });
  const transport: Transport = {
    start: async () => {
      input.resume();
      await Promise.resolve();
    },
    send: async (message) => {
      if (!isClosed) {
        await writeLine(output, message);
        requests.answered(message);
      }
    },
    close,
  };
  return transport;
}

interface Serving {
  isClosed(this: void): boolean;
  serve(this: void, message: JSONRPCMessage): void;
}

/** Makes what lets a message in: to whoever takes it over, else to the server. After the connection is closed nothing comes in, and nothing goes out. */
function createEntry(
  { output, onInbound, takeOver }: StdioTransportOptions,
  requests: OpenRequests,
  { isClosed, serve }: Serving,
): (message: JSONRPCMessage) => void {
  const taken: TakenMessage = {
    answer: (id, result) => {
      if (!isClosed()) {
        writeText(output, `{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":${result}}`);
        requests.answered({ jsonrpc: "2.0", id, result: {} });
      }
    },
    serve: (message) => {
      if (!isClosed()) {
        serve(message);
      }
    },
  };
  return (message) => {
    if (isClosed()) {
      return;
    }
    requests.received(message);
    onInbound?.(message);
    if (takeOver?.(message, taken) !== true) {
      serve(message);
    }
  };
}

interface WireEvents {
  onMessage(this: void, message: JSONRPCMessage): void;
  onEnd(this: void): void;
  onError(this: void, error: Error): void;
}

/** Listens to both streams, with the input still at rest. Errors stay listened to: a broken pipe may come after the close. */
function listen({ input, output }: StdioTransportOptions, events: WireEvents): () => void {
  const receive = (frame: Frame | null): void => {
    if (frame?.kind === "fault") {
      writeText(output, faultText(frame));
    } else if (frame !== null) {
      events.onMessage(frame.message);
    }
  };
  const split = createLineSplitter({
    onLine: (line) => {
      receive(readFrame(line));
    },
    onTooLong: () => {
      receive(tooLong);
    },
  });
  input.on("data", split);
  input.pause();
  input.on("end", events.onEnd);
  input.on("close", events.onEnd);
  input.on("error", events.onError);
  output.on("error", events.onError);
  return () => {
    input.off("data", split);
    input.off("end", events.onEnd);
    input.off("close", events.onEnd);
  };
}

function faultText({ id, code, text }: Extract<Frame, { kind: "fault" }>): string {
  return JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: text } });
}

async function writeLine(output: Writable, message: JSONRPCMessage): Promise<void> {
  if (writeText(output, JSON.stringify(message))) {
    return;
  }
  await new Promise<void>((resolve) => {
    const finish = (): void => {
      output.off("drain", finish);
      output.off("close", finish);
      resolve();
    };
    output.on("drain", finish);
    output.on("close", finish);
  });
}

/** True while the stream has room; a stream that is gone takes everything. */
function writeText(output: Writable, line: string): boolean {
  return output.destroyed || output.writableEnded || output.write(`${line}\n`);
}
