import { PassThrough } from "node:stream";
import type { JSONRPCMessage } from "@modelcontextprotocol/server";
import { beforeEach, describe, expect, test } from "vitest";
import type { LineEnd } from "../../../src/mcp/stdio/line-entry.ts";
import { createStdioTransport } from "../../../src/mcp/stdio/transport.ts";

let input: PassThrough;
let output: PassThrough;
let taken: string[];
let ends: ((end: LineEnd) => void)[];
let served: JSONRPCMessage[];
let asked: JSONRPCMessage[];
let isClosed: boolean;

beforeEach(async () => {
  [input, output] = [new PassThrough(), new PassThrough()];
  [taken, ends, served, asked, isClosed] = [[], [], [], [], false];
  const transport = createStdioTransport({
    input,
    output,
    graceMs: 60_000,
    takeLine: (line, end) => {
      const text = Buffer.from(line).toString("utf8");
      if (!text.includes("mine")) {
        return false;
      }
      taken.push(text);
      ends.push(end);
      return true;
    },
    takeOver: (message) => {
      asked.push(message);
      return false;
    },
    onClosed: () => {
      isClosed = true;
    },
  });
  Object.assign(transport, { onmessage: (message: JSONRPCMessage) => served.push(message) });
  await transport.start();
});

const mine = `{"jsonrpc":"2.0","id":1,"method":"mine"}`;

async function send(text: string): Promise<void> {
  input.write(text);
  await settled();
}

async function settled(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function written(): string {
  return String(output.read() ?? "");
}

describe("a line that is taken before it is read", () => {
  test("is answered with a line, and nothing of it is read", async () => {
    await send(`${mine}\n{"jsonrpc":"2.0","id":2,"method":"ping"}\n`);
    const answer = Buffer.from(`{"näh":1}`);
    ends[0]?.({ kind: "answered", answer });
    answer.fill(0);

    expect(written()).toBe(`{"näh":1}\n`);
    expect(taken).toEqual([mine]);
    expect(served).toEqual([{ jsonrpc: "2.0", id: 2, method: "ping" }]);
    expect(asked).toEqual(served);
  });

  test("is read as any other where it is given back, a fault too", async () => {
    await send(`${mine}\n{mine\n`);

    ends[0]?.({ kind: "read", line: Buffer.from(mine) });
    ends[1]?.({ kind: "read", line: Buffer.from("{mine") });

    expect(served).toEqual([JSON.parse(mine)]);
    expect(asked).toEqual(served);
    expect(written()).toContain(`"code":-32700`);
  });

  test("has a message served in its place, which nobody takes over", async () => {
    await send(`${mine}\n`);
    const message = { jsonrpc: "2.0", id: 1, method: "other" } as const;

    ends[0]?.({ kind: "served", message });

    expect(served).toEqual([message]);
    expect(asked).toEqual([]);
  });

  test.each([
    ["answered", { kind: "answered", answer: Buffer.from("{}") }],
    ["dropped", { kind: "dropped" }],
  ] as const)("is waited for after the input has ended, until it is %s", async (_how, end) => {
    await send(`${mine}\n${mine}\n`);
    input.end();
    await settled();
    const closed = [isClosed];
    ends[0]?.(end);
    await settled();
    closed.push(isClosed);

    ends[1]?.(end);
    await settled();
    closed.push(isClosed);

    expect(closed).toEqual([false, false, true]);
  });

  test("that is served in the end is waited for until its answer is sent", async () => {
    await send(`${mine}\n`);
    input.end();
    await settled();

    ends[0]?.({ kind: "served", message: { jsonrpc: "2.0", id: 1, method: "other" } });
    await settled();

    expect(isClosed).toBe(false);
  });

  test("comes to nothing once the connection is closed", async () => {
    await send(`${mine}\n`);
    output.emit("error", new Error("gone"));

    ends[0]?.({ kind: "answered", answer: Buffer.from("{}") });
    ends[0]?.({ kind: "read", line: Buffer.from(mine) });

    expect(written()).toBe("");
    expect(served).toEqual([]);
  });
});
