import { IncomingMessage } from "node:http";
import { Socket } from "node:net";
import { keptBytes } from "./kept-memory.ts";

/** A request without an end yet, as a server has it before its body came. */
export function begunRequest(
  odd: Partial<Pick<IncomingMessage, "method" | "url" | "headers">>,
): IncomingMessage {
  return Object.assign(new IncomingMessage(new Socket()), { method: "POST", url: "/", ...odd });
}

/** How many bytes this process keeps of a body of so many parts of a byte each, while it is read. */
export async function keptOfBytes(request: IncomingMessage, parts: number): Promise<number> {
  const before = await keptBytes();
  for (let at = 0; at < parts; at += 1) {
    request.push(Buffer.from(" "));
    // Each comes by itself, and whoever reads takes it.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
  return (await keptBytes()) - before;
}
