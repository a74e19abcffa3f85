import type { Writable } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { OpenRequests } from "./open-requests.ts";
import { readFrame } from "./read-frame.ts";
import { writeBytes, writeFault } from "./write-line.ts";

/**
 * Takes a line before it is read, with a request that it will answer or give back by a call of `end`, once, later or at once; false: it is read now.
 * The line's memory may be used again once this returns.
 */
export type TakeLine = (line: Uint8Array, end: (end: LineEnd) => void) => boolean;

/** What becomes of a line that was taken. After the connection is closed it is nothing. */
export type LineEnd =
  /** It is answered with a line, whose memory may be used again afterwards. */
  | { readonly kind: "answered"; readonly answer: Uint8Array }
  /** Nobody waits for an answer. */
  | { readonly kind: "dropped" }
  /** It is read after all. */
  | { readonly kind: "read"; readonly line: Uint8Array }
  /** A message is served in its place. */
  | { readonly kind: "served"; readonly message: JSONRPCMessage };

export interface LineEntryDeps {
  readonly output: Writable;
  readonly takeLine: TakeLine | undefined;
  readonly requests: OpenRequests;
  isClosed(this: void): boolean;
  /** Lets in the message of a line that was read. */
  letIn(this: void, message: JSONRPCMessage): void;
  serve(this: void, message: JSONRPCMessage): void;
}

/** Makes what lets a line in: to whoever takes it as it came, else as the message that it is. */
export function createLineEntry(deps: LineEntryDeps): (line: Uint8Array) => void {
  const { output, takeLine, requests, isClosed, letIn } = deps;
  const read = (line: Uint8Array): void => {
    const frame = readFrame(line);
    if (frame?.kind === "fault") {
      writeFault(output, frame);
    } else if (frame !== null) {
      letIn(frame.message);
    }
  };
  const end = (how: LineEnd): void => {
    if (!isClosed()) {
      act(deps, how, read);
      requests.lineEnded();
    }
  };
  return (line) => {
    if (takeLine === undefined || isClosed()) {
      read(line);
      return;
    }
    requests.lineBegan();
    if (!takeLine(line, end)) {
      requests.lineEnded();
      read(line);
    }
  };
}

function act(
  { output, requests, serve }: LineEntryDeps,
  how: LineEnd,
  read: (line: Uint8Array) => void,
): void {
  switch (how.kind) {
    case "answered":
      writeBytes(output, how.answer);
      break;
    case "read":
      read(how.line);
      break;
    case "served":
      requests.received(how.message);
      serve(how.message);
      break;
    case "dropped":
      break;
  }
}
