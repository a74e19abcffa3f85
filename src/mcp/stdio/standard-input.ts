import { fstatSync } from "node:fs";
import { Socket } from "node:net";
import type { Readable } from "node:stream";

const standardInput = 0;
const bufferBytes = 65_536;

/**
 * The standard input, read into one buffer that every `data` event hands out again: a flood of bytes that are thrown away then costs no
 * memory, where a buffer for each read would wait for the collector. Listeners copy what they keep.
 *
 * Holds for pipes and sockets, which is what hosts open; files and terminals come from `process.stdin`.
 */
export function openStandardInput(): Readable {
  const kind = fstatSync(standardInput);
  if (!kind.isFIFO() && !kind.isSocket()) {
    return process.stdin;
  }
  const input: Socket = new Socket({
    fd: standardInput,
    writable: false,
    onread: {
      buffer: Buffer.allocUnsafe(bufferBytes),
      callback: (length, buffer) => {
        input.emit("data", buffer.subarray(0, length));
        return true;
      },
    },
  });
  return input;
}
