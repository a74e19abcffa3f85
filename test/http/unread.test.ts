import { Server } from "node:http";
import { connect } from "node:net";
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

describe("an answer that its client does not read", () => {
  test("is not kept for ever: the connection ends", async () => {
    let isAnswered = false;
    const { repository, server, url, token } = await createHttpStand({
      commands: talkative,
      streams: { beatMs: 15_000, slowMs: 50 },
      logRequest: () => {
        isAnswered = true;
      },
    });
    const socket = connect(Number(new URL(url).port), "127.0.0.1").pause();
    const body = JSON.stringify({ command: ["plan", "list"] });
    const head = [
      "POST /api/v1/commands HTTP/1.1",
      "host: localhost",
      `authorization: Bearer ${token}`,
      `content-length: ${String(body.length)}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`);
    await expect.poll(() => isAnswered, { timeout: 20_000 }).toBe(true);

    // A server ends in order once no connection is at work any more.
    const isWhole = await server.drain({ noticeMs: 0, withinMs: 15_000 });

    socket.destroy();
    await repository.remove();
    expect(isWhole).toBe(true);
  });
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
