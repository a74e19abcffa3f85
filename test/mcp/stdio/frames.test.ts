import fc from "fast-check";
import { PassThrough } from "node:stream";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { runMcpServer } from "../../../src/mcp/index.ts";
import { createCoordinatedRepository, plainEnv } from "../../support/coordinated-repository.ts";
import { proofRun } from "../../support/proof.ts";
import type { CoordinatedRepository } from "../../support/coordinated-repository.ts";

/** A server that is sent raw lines. */
interface Wire {
  readonly input: PassThrough;
  /** Sends bytes as one line and waits for the answer to a `ping` sent after it; tells what was answered before that. */
  send(line: Uint8Array | string): Promise<readonly WireAnswer[]>;
  close(): Promise<void>;
}

interface WireAnswer {
  readonly id?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
  readonly result?: unknown;
}

const { count, seed } = proofRun("R17", 20_000, 17);

let repository: CoordinatedRepository;
let wire: Wire;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
  wire = await openWire(repository.root);
});

afterEach(async () => {
  await wire.close();
  await repository.remove();
});

async function openWire(cwd: string): Promise<Wire> {
  const [input, output, log] = [new PassThrough(), new PassThrough(), new PassThrough()];
  log.resume();
  const ended = runMcpServer({
    cwd,
    env: plainEnv,
    streams: { input, output, log },
    signals: null,
  });
  let pings = 0;
  let held: WireAnswer[] = [];
  let rest = "";
  const waiters: (() => void)[] = [];
  output.on("data", (chunk: Buffer) => {
    const lines = (rest + chunk.toString("utf8")).split("\n");
    rest = lines.pop() ?? "";
    held.push(...lines.map((line): WireAnswer => JSON.parse(line)));
    for (const wake of waiters.splice(0)) {
      wake();
    }
  });
  const send = async (line: Uint8Array | string): Promise<readonly WireAnswer[]> => {
    pings += 1;
    const id = `ping-${String(pings)}`;
    input.write(Buffer.concat([Buffer.from(line), Buffer.from("\n")]));
    input.write(`${JSON.stringify({ jsonrpc: "2.0", id, method: "ping" })}\n`);
    while (!held.some((answer) => answer.id === id)) {
      await new Promise<void>((resolve) => {
        waiters.push(resolve);
      });
    }
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const answers = held.filter((answer) => answer.id !== id);
    held = [];
    return answers;
  };
  await send(
    JSON.stringify({
      jsonrpc: "2.0",
      id: 0,
      method: "initialize",
      params: {
        protocolVersion: "2025-06-18",
        capabilities: {},
        clientInfo: { name: "fuzz", version: "1" },
      },
    }),
  );
  return {
    input,
    send,
    close: async () => {
      input.end();
      await ended;
    },
  };
}

describe("a malformed frame", () => {
  test.each([
    { name: "broken JSON", line: '{"jsonrpc":"2.0","id":7,', code: -32_700, id: null },
    {
      name: "bad UTF-8",
      line: Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x7d]),
      code: -32_700,
      id: null,
    },
    {
      name: "depth 10,000",
      line: "[".repeat(10_000) + "]".repeat(10_000),
      code: -32_700,
      id: null,
    },
    {
      name: "a batch",
      line: '[{"jsonrpc":"2.0","id":7,"method":"ping"}]',
      code: -32_600,
      id: null,
    },
    { name: "a scalar", line: "5", code: -32_600, id: null },
    { name: "no version", line: '{"id":7,"method":"ping"}', code: -32_600, id: 7 },
    {
      name: "a method that is a number",
      line: '{"jsonrpc":"2.0","id":7,"method":5}',
      code: -32_600,
      id: 7,
    },
    {
      name: "an id that is an object",
      line: '{"jsonrpc":"2.0","id":{},"method":"ping"}',
      code: -32_600,
      id: null,
    },
    {
      name: "parameters that are a text",
      line: '{"jsonrpc":"2.0","id":7,"method":"ping","params":"x"}',
      code: -32_602,
      id: 7,
    },
    {
      name: "the same key twice",
      line: '{"jsonrpc":"2.0","id":7,"method":"ping","method":"x"}',
      code: -32_600,
      id: 7,
    },
    {
      name: "__proto__",
      line: '{"jsonrpc":"2.0","id":7,"method":"ping","params":{"__proto__":{"x":1}}}',
      code: -32_600,
      id: 7,
    },
    {
      name: "an unknown method",
      line: '{"jsonrpc":"2.0","id":7,"method":"no/such"}',
      code: -32_601,
      id: 7,
    },
    {
      name: "an unknown tool",
      line: '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"rm"}}',
      code: -32_602,
      id: 7,
    },
    {
      name: "a tool name that is a number",
      line: '{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":5}}',
      code: -32_602,
      id: 7,
    },
  ])(
    "with $name is answered with $code, and the next good one is served",
    async ({ line, code, id }) => {
      const [answer, ...more] = await wire.send(line);

      expect(answer).toMatchObject({ id, error: { code } });
      expect(more).toEqual([]);
    },
  );

  test("of 64 MB is thrown away as it comes", async () => {
    const megabyte = Buffer.alloc(1 << 20, 0x78);
    for (let sent = 0; sent < 64; sent += 1) {
      if (!wire.input.write(megabyte)) {
        await new Promise((resolve) => {
          wire.input.once("drain", resolve);
        });
      }
    }

    const [answer] = await wire.send("x");

    expect(answer).toMatchObject({ id: null, error: { code: -32_700 } });
  });

  test(`R17: never stops the server, whatever it holds, over ${String(count)} frames from seed ${String(seed)}`, async () => {
    const good = {
      jsonrpc: "2.0",
      id: 1,
      method: "tools/call",
      params: { name: "look", arguments: {} },
    };
    const mutated = fc
      .tuple(
        fc.constantFrom(JSON.stringify(good), JSON.stringify([good])),
        fc.nat(),
        fc.uint8Array(),
      )
      .map(([text, at, bytes]) => {
        const line = Buffer.from(text);
        const place = at % line.length;
        return Buffer.concat([line.subarray(0, place), bytes, line.subarray(place + 1)]);
      });
    const frames = fc.oneof(
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
      fc.json().map((text) => Buffer.from(text)),
      fc
        .record(
          {
            jsonrpc: fc.constantFrom("2.0", 2, null),
            id: fc.jsonValue(),
            method: fc.jsonValue(),
            params: fc.jsonValue(),
          },
          { requiredKeys: [] },
        )
        .map((value) => Buffer.from(JSON.stringify(value))),
      mutated,
    );
    const oneLine = frames.map((bytes) =>
      Buffer.from(bytes.map((byte) => (byte === 0x0a ? 0x20 : byte))),
    );
    const allowed = new Set([-32_700, -32_600, -32_601, -32_602, -32_603]);

    await fc.assert(
      fc.asyncProperty(fc.array(oneLine, { minLength: 50, maxLength: 50 }), async (lines) => {
        const answers = await wire.send(
          Buffer.concat(lines.flatMap((line) => [line, Buffer.from("\n")])),
        );

        for (const { error } of answers) {
          expect(error === undefined || allowed.has(error.code)).toBe(true);
        }
      }),
      { numRuns: Math.ceil(count / 50), seed },
    );
  });
});
