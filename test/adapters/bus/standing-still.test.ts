import { getEventListeners } from "node:events";
import { createServer } from "node:net";
import type { Server, Socket } from "node:net";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createPostgresCarrier } from "../../../src/adapters/bus/postgres-carrier.ts";
import type { Ear } from "../../../src/adapters/bus/carrier.ts";
import { openRedis } from "../../../src/adapters/bus/redis-client.ts";

const patience = { timeout: 30_000 };

let server: Server | null = null;
const sockets = new Set<Socket>();

afterEach(() => {
  for (const socket of sockets) {
    socket.destroy();
  }
  sockets.clear();
  server?.close();
  vi.restoreAllMocks();
});

/** A server that takes connections, says one thing, and nothing more: as one that was stopped by a signal. */
async function standingStill(greeting: Buffer): Promise<number> {
  const made = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.once("data", () => socket.write(greeting));
  });
  server = made.listen(0, "127.0.0.1");
  await new Promise((resolve) => made.once("listening", resolve));
  const address = made.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

/** Signed in, and ready. */
const signedIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]);

const pool = {
  connect: async () => Promise.reject(new Error("nobody connects")),
  end: async () => Promise.resolve(),
};

function anEar(): { readonly ear: Ear; readonly faults: string[] } {
  const faults: string[] = [];
  const ear: Ear = {
    onRing: () => undefined,
    onFault: (reason) => faults.push(reason ?? ""),
  };
  return { ear, faults };
}

describe("createPostgresCarrier", () => {
  test("tells that a server stands still, and ends all the same", async () => {
    const port = await standingStill(signedIn);
    const carrier = createPostgresCarrier({
      url: `postgres://u@127.0.0.1:${String(port)}/d`,
      pool,
    });
    const { ear, faults } = anEar();

    carrier.listen(ear);

    await vi.waitFor(() => expect(faults).toContain("no answer within 2000 ms"), patience);
    await carrier.close();
  });

  test("gives up a server that takes the connection and says nothing", async () => {
    const port = await standingStill(Buffer.alloc(0));
    const carrier = createPostgresCarrier({
      url: `postgres://u@127.0.0.1:${String(port)}/d`,
      pool,
    });
    const { ear, faults } = anEar();

    carrier.listen(ear);

    await vi.waitFor(() => expect(faults[0]).toMatch(/timeout/u), patience);
    await carrier.close();
  });

  test("lets go of its connection where nobody is to hear any more", async () => {
    const port = await standingStill(signedIn);
    const carrier = createPostgresCarrier({
      url: `postgres://u@127.0.0.1:${String(port)}/d`,
      pool,
    });
    carrier.listen(anEar().ear);
    await vi.waitFor(() => expect(sockets.size).toBe(1), patience);
    const [socket] = sockets;

    await carrier.deafen();

    await vi.waitFor(() => expect(socket?.destroyed).toBe(true), patience);
    const another = vi.waitFor(() => expect(sockets.size).toBe(2), { timeout: 1_000 });
    await expect(another).rejects.toThrow("expected 1");
  });

  test("leaves nothing behind with each connection that could not be made", async () => {
    const adding = vi.spyOn(EventTarget.prototype, "addEventListener");
    const carrier = createPostgresCarrier({ url: "postgres://u@127.0.0.1:9/d", pool });
    const { ear, faults } = anEar();

    carrier.listen(ear);
    await vi.waitFor(() => expect(faults.length).toBeGreaterThanOrEqual(4), patience);

    const signals = adding.mock.contexts.filter((each) => each instanceof AbortSignal);
    const most = Math.max(...signals.map((each) => getEventListeners(each, "abort").length));
    expect(signals.length).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(2);
    await carrier.close();
  });
});

describe("openRedis", () => {
  test("gives up a server that takes the connection and says nothing", async () => {
    const port = await standingStill(Buffer.alloc(0));

    await expect(openRedis(`redis://:secret@127.0.0.1:${String(port)}`)).rejects.toThrow(
      "no answer within",
    );
  });
});
