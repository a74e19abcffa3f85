import { once } from "node:events";
import { createServer } from "node:http";
import type { Server, ServerResponse } from "node:http";
import { connect } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { drains } from "../../src/http/drains.ts";

interface Sent {
  readonly response: ServerResponse;
  readonly client: Socket;
}

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** More than the buffers between the two hold. */
const much = 32_000_000;

/** An answer of which its client has taken nothing yet. */
async function sent(): Promise<Sent> {
  const listening = createServer();
  server = listening;
  await once(listening.listen(0, "127.0.0.1"), "listening");
  const client = connect(portOf(listening), "127.0.0.1").pause();
  client.write("GET / HTTP/1.1\r\nhost: localhost\r\n\r\n");
  const response = await new Promise<ServerResponse>((resolve) => {
    listening.once("request", (_, answer) => {
      resolve(answer);
    });
  });
  response.write("x".repeat(much));
  return { response, client };
}

function portOf(listening: Server): number {
  const address: AddressInfo | string | null = listening.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

describe("drains", () => {
  test("waits for nobody who has gone already", async () => {
    const { response, client } = await sent();

    const hasRoom = await drains(response, { signal: AbortSignal.abort(), slowMs: 600_000 });
    client.destroy();

    expect(hasRoom).toBe(true);
    expect(response.listenerCount("drain")).toBe(0);
  });

  test("tells that a client took nothing for too long", async () => {
    const { response, client } = await sent();
    const { signal } = new AbortController();

    const hasRoom = await drains(response, { signal, slowMs: 20 });
    client.destroy();

    expect(hasRoom).toBe(false);
    expect([response.listenerCount("drain"), response.listenerCount("timeout")]).toEqual([0, 0]);
  });

  test("lets a client be slow that takes something all the time", async () => {
    const { response, client } = await sent();
    const { signal } = new AbortController();
    const slowMs = 600;
    const beganMs = performance.now();
    // A megabyte at a time at most, so that all of it takes more than a second.
    const pace = setInterval(() => {
      client.read(1_000_000);
      client.read();
    }, 50);
    const hasRoom = await drains(response, { signal, slowMs });
    clearInterval(pace);
    client.destroy();

    expect(hasRoom).toBe(true);
    expect(performance.now() - beganMs).toBeGreaterThan(slowMs);
  });
});
