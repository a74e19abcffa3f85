import { afterEach, describe, expect, test, vi } from "vitest";
import type { Carrier, Ear } from "../../../src/adapters/bus/carrier.ts";
import { createRedisCarrier } from "../../../src/adapters/bus/redis-carrier.ts";
import type { RedisClient } from "../../../src/adapters/bus/redis-client.ts";

const patience = { timeout: 20_000 };

/** One entry of a stream as the server answers it. */
type Entry = readonly [id: string, fields: readonly string[]];

/** A server with one stream, whose entries a test puts in and takes away; nothing new is said at once. */
interface FakeServer {
  entries: readonly Entry[];
  /** The id after which each reading began. */
  readonly readAfter: string[];
  /** What the next command throws. */
  fault: Error | null;
  readonly open: () => Promise<RedisClient>;
  opened: number;
}

function createFakeServer(entries: readonly Entry[]): FakeServer {
  const server: FakeServer = {
    entries,
    readAfter: [],
    fault: null,
    opened: 0,
    open: async () => {
      server.opened += 1;
      return { send: async (command) => answer(server, command), destroy: () => {} };
    },
  };
  return server;
}

async function answer(server: FakeServer, command: readonly string[]): Promise<unknown> {
  await new Promise((resolve) => {
    setTimeout(resolve, 1);
  });
  const { fault } = server;
  if (fault !== null) {
    server.fault = null;
    throw fault;
  }
  const last = server.entries.at(-1);
  if (command[0] === "XREVRANGE") {
    return last === undefined ? [] : [last];
  }
  const after = command.at(-1) ?? "";
  server.readAfter.push(after);
  const fresh = server.entries.filter(([id]) => numberOf(id) > numberOf(after));
  return fresh.length === 0 ? null : [["skein:bell", fresh]];
}

function numberOf(id: string): number {
  return Number(id.split("-")[0]);
}

let carrier: Carrier | null = null;

afterEach(async () => {
  await carrier?.close();
});

/** What is heard, in order; what any project may mean is `any`. */
function listening(server: FakeServer): {
  readonly heard: readonly string[];
  readonly faults: readonly (string | null)[];
} {
  const heard: string[] = [];
  const faults: (string | null)[] = [];
  const ear: Ear = {
    onRing: (project) => heard.push(project ?? "any"),
    onFault: (reason) => faults.push(reason),
  };
  carrier = createRedisCarrier({ url: "redis://127.0.0.1", open: server.open });
  carrier.listen(ear);
  return { heard, faults };
}

describe("createRedisCarrier", () => {
  test("begins at the newest entry, and rings for all that came before it", async () => {
    const server = createFakeServer([["5-0", ["another", "old"]]]);
    const { heard } = listening(server);
    await vi.waitFor(() => expect(server.readAfter.length).toBeGreaterThan(2), patience);

    server.entries = [...server.entries, ["6-0", ["another", "shop"]]];

    await vi.waitFor(() => expect(heard).toEqual(["any", "shop"]), patience);
    expect(new Set(server.readAfter.slice(0, 2))).toEqual(new Set(["5-0"]));
  });

  test("rings for all where the stream was deleted, and reads on from its new beginning", async () => {
    const server = createFakeServer([["5-0", ["another", "old"]]]);
    const { heard } = listening(server);
    await vi.waitFor(() => expect(server.readAfter).toContain("5-0"), patience);

    server.entries = [];
    await vi.waitFor(() => expect(heard).toEqual(["any", "any"]), patience);
    server.entries = [["1-0", ["another", "shop"]]];

    await vi.waitFor(() => expect(heard).toEqual(["any", "any", "shop"]), patience);
  });

  test("rings for all at an entry of another form", async () => {
    const server = createFakeServer([]);
    const { heard } = listening(server);
    await vi.waitFor(() => expect(server.readAfter).toContain("0-0"), patience);

    server.entries = [["1-0", ["alone"]]];

    await vi.waitFor(() => expect(heard).toEqual(["any", "any"]), patience);
  });

  test("says why it cannot hear, and rings for all once it hears again", async () => {
    const server = createFakeServer([["5-0", ["another", "old"]]]);
    const { heard, faults } = listening(server);
    await vi.waitFor(() => expect(heard).toEqual(["any"]), patience);

    server.fault = new Error("cut at redis://:s3cret@host");

    await vi.waitFor(() => expect(heard).toEqual(["any", "any"]), patience);
    expect(faults).toEqual([null, "cut at (address)", null]);
    expect(server.opened).toBe(2);
  });
});
