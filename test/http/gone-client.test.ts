import { once } from "node:events";
import { connect } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createLoopbackGate } from "../../src/http/index.ts";
import type { Gate } from "../../src/http/index.ts";
import type { AnsweredRequest } from "../../src/http/log/server-log.ts";
import { createHttpStand } from "../support/http-stand.ts";
import type { HttpStand } from "../support/http-stand.ts";

let stand: HttpStand;

afterEach(async () => {
  await stand.close();
});

const token = "a-token-that-only-this-stand-knows-00000000";

/** A gate that takes so long that whoever comes has left again. */
function tooLate(): Gate {
  const gate = createLoopbackGate({ token, person: "ada", origins: [] });
  return {
    ...gate,
    admit: async (request, project) => {
      const admission = await gate.admit(request, project);
      if (request.headers["x-leaves"] !== undefined) {
        await once(request.socket, "close");
      }
      return admission;
    },
  };
}

describe("a client that leaves before it is known who it is", () => {
  test.each([
    ["GET", "/api/v1/events", ""],
    ["POST", "/api/v1/tools/look", "{}"],
    ["POST", "/mcp", '{"jsonrpc":"2.0","id":1,"method":"ping"}'],
  ])("takes nobody's place, and is told in the log (%s %s)", async (method, path, body) => {
    const lines: AnsweredRequest[] = [];
    stand = await createHttpStand({ gate: tooLate(), logRequest: (line) => lines.push(line) });
    const socket = connect(Number(new URL(stand.url).port), "127.0.0.1");
    const head = [
      `${method} ${path} HTTP/1.1`,
      "host: localhost",
      `authorization: Bearer ${token}`,
      "x-leaves: 1",
      `content-length: ${String(body.length)}`,
    ];
    socket.write(`${head.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());

    await expect.poll(() => lines, { timeout: 10_000 }).toHaveLength(1);
    expect(lines[0]).toMatchObject({ isWhole: false, code: null, principal: "loopback" });
    expect((await stand.ask("healthz")).body["load"]).toMatchObject({ sleeping: 0, running: 0 });
  });
});
