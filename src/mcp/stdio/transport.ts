import type { Readable, Writable } from "node:stream";
import type { JSONRPCMessage, RequestId, Transport } from "@modelcontextprotocol/server";
import { createLineSplitter, longestLineBytes } from "../../adapters/process/line-splitter.ts";
import { createOpenRequests } from "./open-requests.ts";
import type { OpenRequests } from "./open-requests.ts";
import { createLineEntry } from "./line-entry.ts";
import type { TakeLine } from "./line-entry.ts";
import type { Frame } from "./read-frame.ts";
import { writeFault, writeMessage, writeText } from "./write-line.ts";

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
  /** Asked of every line before it is read. Default: nothing is taken. */
  readonly takeLine?: TakeLine | undefined;
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

const tooLong: Extract<Frame, { kind: "fault" }> = {
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

  const serving = {
    isClosed: () => isClosed,
    serve: (message: JSONRPCMessage) => transport.onmessage?.(message),
  };
  const letIn = createEntry(options, requests, serving);
  const unlisten = listen(options, {
    onLine: createLineEntry({ ...serving, output, takeLine: options.takeLine, requests, letIn }),
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
        await writeMessage(output, message);
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
  onLine(this: void, line: Uint8Array): void;
  onEnd(this: void): void;
  onError(this: void, error: Error): void;
}

/** Listens to both streams, with the input still at rest. Errors stay listened to: a broken pipe may come after the close. */
function listen({ input, output }: StdioTransportOptions, events: WireEvents): () => void {
  const split = createLineSplitter({
    onLine: events.onLine,
    onTooLong: () => {
      writeFault(output, tooLong);
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
