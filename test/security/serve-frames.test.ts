import { connect } from "node:net";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";
import { keptBytes } from "../support/kept-memory.ts";

let stand: HttpStand;

beforeAll(async () => {
  stand = await createHttpStand();
});

afterAll(async () => {
  await stand.close();
});

const good = { jsonrpc: "2.0", id: 1, method: "ping" };
const accept = { accept: "application/json, text/event-stream" };

async function post(
  body: Uint8Array | string,
): Promise<{ readonly status: number; readonly code: number | null }> {
  const response = await fetch(`${stand.url}/mcp`, {
    method: "POST",
    headers: {
      authorization: `Bearer ${stand.token}`,
      "content-type": "application/json",
      ...accept,
    },
    body: typeof body === "string" ? body : Buffer.from(body),
  });
  const code = /"code":\s*(-?\d+)/u.exec(await response.text())?.[1];
  return { status: response.status, code: code === undefined ? null : Number(code) };
}

const nested = (depth: number): string => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

describe("frames over HTTP", () => {
  test.each([
    ["nothing", "", -32_700],
    ["no JSON", "{", -32_700],
    ["bytes that are no text", new Uint8Array([0x7b, 0xff, 0xfe, 0x7d]), -32_700],
    ["10,000 levels", nested(10_000), -32_700],
    ["a key that stands twice", '{"jsonrpc":"2.0","id":1,"id":2,"method":"ping"}', -32_600],
    ["__proto__", '{"jsonrpc":"2.0","id":1,"method":"ping","__proto__":{}}', -32_600],
    ["a batch", JSON.stringify([good, good]), -32_600],
    ["a number", "7", -32_600],
    ["5 MB", `"${"x".repeat(5_000_000)}"`, -32_600],
  ])("answers %s with JSON-RPC's code", async (...[, body, code]) => {
    const answer = await post(body);

    expect(answer.code).toBe(code);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
  });

  test("answers 3,000 frames that were cut, flipped and mixed, each within a second, and serves the next good one", async () => {
    await post(JSON.stringify(good));
    const before = await keptBytes();
    const call = JSON.stringify({
      ...good,
      method: "tools/call",
      params: { name: "look", arguments: { at: "board" } },
    });
    let slowestMs = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.oneof(
            fc.json(),
            fc.uint8Array({ maxLength: 200 }),
            fc
              .record({ at: fc.nat(call.length), by: fc.string({ maxLength: 3 }) })
              .map(({ at, by }) => call.slice(0, at) + by + call.slice(at + by.length)),
            fc.nat(call.length).map((at) => call.slice(0, at)),
          ),
          { minLength: 10, maxLength: 10 },
        ),
        async (frames) => {
          const startMs = performance.now();
          const answers = await Promise.all(frames.map(async (frame) => post(frame)));
          slowestMs = Math.max(slowestMs, performance.now() - startMs);

          for (const { status } of answers) {
            expect(status).toBeLessThan(500);
          }
        },
      ),
      { numRuns: 300 },
    );
    const last = await post(JSON.stringify(good));

    expect(last).toEqual({ status: 200, code: null });
    expect(slowestMs).toBeLessThan(10_000);
    const after = await keptBytes();

    expect(after - before).toBeLessThan(30 * 1_024 * 1_024);
    expect(stand.log.filter((line) => line.includes("internal error"))).toEqual([]);
  });

  test.each([
    ["no HTTP at all", "hello\r\n\r\n"],
    [
      "two lengths",
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
    ],
    [
      "a length and chunks",
      "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    ["a header without end", `GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ${"x".repeat(40_000)}`],
  ])("closes on %s", async (_, text) => {
    const { port } = new URL(stand.url);
    const said = await new Promise<string>((resolve) => {
      let all = "";
      const socket = connect(Number(port), "127.0.0.1", () => socket.write(text));
      socket.on("data", (part: Buffer) => {
        all += part.toString();
      });
      socket.on("error", () => undefined);
      socket.on("close", () => {
        resolve(all);
      });
    });

    expect(said).toMatch(/^HTTP\/1\.1 4\d\d /u);
  });
});
