import type { Writable } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import type { Frame } from "./read-frame.ts";

/** Writes a message, and waits where the stream has no room for more. */
export async function writeMessage(output: Writable, message: JSONRPCMessage): Promise<void> {
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

/** Writes what is said of a frame that cannot be served. */
export function writeFault(
  output: Writable,
  { id, code, text }: Extract<Frame, { kind: "fault" }>,
): void {
  writeText(output, JSON.stringify({ jsonrpc: "2.0", id, error: { code, message: text } }));
}

/** True while the stream has room; a stream that is gone takes everything. */
export function writeText(output: Writable, line: string): boolean {
  return isGone(output) || output.write(`${line}\n`);
}

const lineFeed = 0x0a;

/** Writes a line of bytes, whose memory may be used again afterwards. */
export function writeBytes(output: Writable, line: Uint8Array): void {
  if (!isGone(output)) {
    const own = Buffer.allocUnsafe(line.length + 1);
    own.set(line);
    own[line.length] = lineFeed;
    output.write(own);
  }
}

function isGone(output: Writable): boolean {
  return output.destroyed || output.writableEnded;
}
