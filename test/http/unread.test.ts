import { once } from "node:events";
import { Server } from "node:http";
import { connect } from "node:net";
import type { Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CommandRunner } from "../../src/http/index.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand | null = null;

afterEach(async () => {
  vi.restoreAllMocks();
  await stand?.close();
  stand = null;
});

/** Answers with more than the buffers of a connection hold. */
const talkative: CommandRunner = {
  commands: [],
  isReading: () => true,
  run: async () => Promise.resolve({ exitCode: 0, stdout: "x".repeat(32_000_000), stderr: "" }),
};

/** A client that asks for the large answer, and reads nothing of it yet. */
function aSlowClient({ url, token }: Pick<HttpStand, "token" | "url">): Socket {
  const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
  const body = JSON.stringify({ command: ["plan", "list"] });
  const head = [
    "POST /api/v1/commands HTTP/1.1",
    "host: localhost",
    `authorization: Bearer ${token}`,
    `content-length: ${String(body.length)}`,
  ];
  socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
  return socket;
}

describe("an answer that its client does not read", () => {
  test("is not kept for ever: the connection ends", async () => {
    const listen = vi.spyOn(Server.prototype, "listen");
    let isAnswered = false;
    stand = await createHttpStand({
      commands: talkative,
      streams: { beatMs: 15_000, slowMs: 50 },
      logRequest: () => {
        isAnswered = true;
      },
    });
    const http: unknown = listen.mock.contexts[0];
    const count = async (): Promise<unknown> =>
      new Promise((resolve) => {
        (http instanceof Server ? http : null)?.getConnections((_, found) => {
          resolve(found);
        });
      });
    const socket = aSlowClient(stand);
    await expect.poll(() => isAnswered, { timeout: 20_000 }).toBe(true);

    await expect.poll(count, { timeout: 15_000 }).toBe(0);

    socket.destroy();
  });

  test("is taken whole by a slow client, though the server is told to end meanwhile", async () => {
    let isAnswered = false;
    const { repository, server, ...there } = await createHttpStand({
      commands: talkative,
      logRequest: () => {
        isAnswered = true;
      },
    });
    const socket = aSlowClient(there);
    await expect.poll(() => isAnswered, { timeout: 20_000 }).toBe(true);

    const drained = server.drain({ noticeMs: 0, withinMs: 20_000 });
    let taken = 0;
    for await (const piece of socket) {
      taken += Buffer.from(piece).length;
    }

    expect(await drained).toBe(true);
    expect(taken).toBeGreaterThan(32_000_000);
    await repository.remove();
  });
});

describe("a body that goes on after its answer", () => {
  test.each(["a-wrong-token", null])(
    "is read away for a moment, and then its connection ends (token: %j means none of ours)",
    async (wrong) => {
      stand = await createHttpStand({ streams: { beatMs: 15_000, slowMs: 200 } });
      const socket = connect(Number(new URL(stand.url).port), "127.0.0.1");
      socket.on("error", () => undefined);
      const head = [
        "POST /api/v1/tools/look HTTP/1.1",
        "host: localhost",
        "content-type: application/json",
        `authorization: Bearer ${wrong ?? stand.token}`,
        "transfer-encoding: chunked",
      ];
      socket.write(`${head.join("\r\n")}\r\n\r\n`);
      const piece = `10000\r\n${"x".repeat(0x1_00_00)}\r\n`;
      const sending = setInterval(() => socket.write(piece.repeat(8)), 10);
      const [answer]: unknown[] = await once(socket, "data");
      const answeredMs = performance.now();

      await new Promise((resolve) => {
        socket.once("close", resolve);
      });
      clearInterval(sending);

      expect(String(answer)).toMatch(wrong === null ? /^HTTP\/1\.1 413 /u : /^HTTP\/1\.1 401 /u);
      expect(performance.now() - answeredMs).toBeLessThan(10_000);
    },
    20_000,
  );
});

describe("a connection that cannot be taken", () => {
  test("is told in the log, and the server goes on", async () => {
    const listen = vi.spyOn(Server.prototype, "listen");
    stand = await createHttpStand();
    const http: unknown = listen.mock.contexts[0];

    for (const times of [1, 2]) {
      (http instanceof Server ? http : null)?.emit(
        "error",
        new Error(`accept EMFILE ${String(times)}`),
      );
    }

    expect(stand.log).toEqual(["connections: accept EMFILE 1", "connections: accept EMFILE 2"]);
    expect((await stand.ask("livez")).status).toBe(200);
  });
});

describe("a connection that never says a word", () => {
  test("does not hold up a server that is told to end", async () => {
    const { repository, server, url } = await createHttpStand();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    // What comes after it on another connection is taken after it.
    await once(socket, "connect");
    await fetch(`${url}/livez`);

    const isWhole = await server.drain({ noticeMs: 0, withinMs: 20_000 });
    socket.destroy();
    await repository.remove();

    expect(isWhole).toBe(true);
  }, 10_000);

  test("is waited for once its call has begun", async () => {
    const { repository, server, url } = await createHttpStand();
    const socket = connect(Number(new URL(url).port), "127.0.0.1");
    socket.write("GET /livez HTTP/1.1\r\n");
    await once(socket, "connect");
    await fetch(`${url}/livez`);

    const drained = server.drain({ noticeMs: 0, withinMs: 20_000 });
    setTimeout(() => {
      socket.write("Host: localhost\r\n\r\n");
    }, 100);
    const [answer]: unknown[] = await once(socket, "data");
    await drained;
    await repository.remove();

    expect(String(answer)).toMatch(/^HTTP\/1\.1 200 /u);
  });
});

describe("a connection on which no call is at work", () => {
  test.each([
    ["has begun a call and says no more", "GET /livez HT"],
    [
      "was answered, and keeps what it announced to itself",
      "POST /api/v1/tools/look HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9\r\n\r\n{",
    ],
    [
      "was answered, and has begun another call",
      "GET /livez HTTP/1.1\r\nhost: localhost\r\n\r\nGET /li",
    ],
  ])(
    "does not hold up a server that is told to end, though it %s",
    async (_, words) => {
      const { repository, server, url } = await createHttpStand();
      const socket = connect(Number(new URL(url).port), "127.0.0.1").resume();
      socket.write(words);
      await (words.includes("\r\n\r\n") ? once(socket, "data") : once(socket, "connect"));
      await fetch(`${url}/livez`);

      const isWhole = await server.drain({ noticeMs: 0, withinMs: 20_000 });
      socket.destroy();
      await repository.remove();

      expect(isWhole).toBe(true);
    },
    10_000,
  );
});
