import { join } from "node:path";
import { rmSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { afterEach, describe, expect, test, vi } from "vitest";
import { createBus } from "../../src/adapters/bus/bus.ts";
import { createPostgresCarrier } from "../../src/adapters/bus/postgres-carrier.ts";
import { createRedisCarrier } from "../../src/adapters/bus/redis-carrier.ts";
import type { Bus, BusHealth } from "../../src/core/events/index.ts";
import { openFileNode, openPostgresNode } from "../support/bus-stand.ts";
import type { BusNode } from "../support/bus-stand.ts";
import { createPostgresPlace, postgresUrl } from "../support/postgres.ts";
import type { PostgresPlace } from "../support/postgres.ts";
import { proofRun } from "../support/proof.ts";
import { createRedisServer, redisProgram } from "../support/redis.ts";
import type { RedisServer } from "../support/redis.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";

const losses = proofRun("R24", 5).count;

const patience = { timeout: 60_000, interval: 10 };

const upTo = (last: number): readonly number[] =>
  Array.from({ length: last }, (_none, index) => index + 1);

/** Twenty readers on one node see everything that another writes, in order, whatever `disturb` does while it writes. */
async function expectNothingMissed(
  [writer, reader]: readonly [BusNode, BusNode],
  disturb: (round: number) => Promise<void>,
  rounds = 10,
): Promise<void> {
  const each = 100;
  const reading = Array.from({ length: 20 }, () => reader.readTo(rounds * each));
  for (let round = 0; round < rounds; round += 1) {
    await Promise.all([writer.write(each), disturb(round)]);
  }
  for (const seqs of await Promise.all(reading)) {
    expect(seqs).toEqual(upTo(rounds * each));
  }
}

/** How long after its commit the other node, which waits for it, has one event, in milliseconds. */
async function delayOf(writer: BusNode, reader: BusNode): Promise<number> {
  const { seq } = await writer.store.read((from) => writer.events.head(from));
  const following = reader.feed.follow(seq, new AbortController().signal);
  const first = following.next();
  await writer.write(1);
  await first;
  const second = following.next();
  // The reader looks once more at what it has before it waits.
  await pause(50);
  const startMs = performance.now();
  await writer.write(1);
  await second;
  const tookMs = performance.now() - startMs;
  await following.return();
  return tookMs;
}

/** So long that no look at the log can stand in for a ring. */
const neverMs = 3_600_000;

const idle = async (): Promise<void> => {};

describe.skipIf(postgresUrl === null)("the bus over NOTIFY", () => {
  const url = postgresUrl ?? "";
  const opened: BusNode[] = [];
  let place: PostgresPlace | null = null;
  let channels = 0;

  const openNodes = async (
    backstopMs?: number,
  ): Promise<{
    nodes: readonly [BusNode, BusNode];
    channel: string;
    changes: BusHealth[];
    bus: Bus;
  }> => {
    place = await createPostgresPlace(url);
    channels += 1;
    const channel = `skein_test_${String(process.pid)}_${String(channels)}`;
    const changes: BusHealth[] = [];
    const { pool } = place;
    const aBus = (): Bus =>
      createBus({
        carrier: createPostgresCarrier({ url, pool, channel, proofMs: 200 }),
        onChange: (health) => changes.push(health),
        backstopMs,
      });
    const bus = aBus();
    const nodes = [
      await openPostgresNode(pool, aBus()),
      await openPostgresNode(pool, bus),
    ] as const;
    opened.push(...nodes);
    return { nodes, channel, changes, bus };
  };

  /** Ends the connections that listen on a channel; tells how many there were. */
  const cutListeners = async (channel: string): Promise<number> => {
    const client = await place?.pool.connect();
    const answer = await client?.query<{ cut: string }>({
      text: "SELECT count(pg_terminate_backend(pid)) AS cut FROM pg_stat_activity WHERE query = $1",
      values: [`LISTEN "${channel}"`],
    });
    client?.release();
    return Number(answer?.rows[0]?.cut ?? 0);
  };

  afterEach(async () => {
    for (const node of opened.splice(0)) {
      await node.close();
    }
    await place?.remove();
    place = null;
  });

  test("brings 1,000 events to 20 readers of another node, none missed, in order", async () => {
    const { nodes } = await openNodes(neverMs);

    await expectNothingMissed(nodes, idle);
    await expect(delayOf(...nodes)).resolves.toBeGreaterThan(0);
  });

  test("loses nothing while its listening connections are ended again and again, and says so", async () => {
    const { nodes, channel, changes, bus } = await openNodes();
    let cut = 0;

    await expectNothingMissed(nodes, async () => {
      cut += await cutListeners(channel);
    });

    const watching = nodes[1].events.watch(() => undefined);
    await vi.waitFor(() => expect(bus.health().state).toBe("well"), patience);
    watching();
    expect(cut).toBeGreaterThan(0);
    expect(changes.map(({ state }) => state)).toContain("down");
    expect(changes.find(({ state }) => state === "down")?.reason).toMatch(/terminat|ended/u);
  });

  test("brings what was written while nobody heard it, as soon as it hears again", async () => {
    const { nodes, channel } = await openNodes(neverMs);
    const [writer, reader] = nodes;
    await delayOf(...nodes);
    const { seq } = await writer.store.read((from) => writer.events.head(from));
    const following = reader.feed.follow(seq, new AbortController().signal);
    const coming = following.next();
    await pause(50);

    const cut = await cutListeners(channel);
    await writer.write(1);
    const came = await Promise.race([coming, pause(patience.timeout / 2)]);

    expect(cut).toBe(1);
    expect(came?.value).toHaveLength(1);
    await following.return();
  });

  test("says that it is down where what is notified does not arrive, and is slower only", async () => {
    place = await createPostgresPlace(url);
    const { pool } = place;
    const deaf = createBus({
      // Its rings go to another channel, as those of a client behind a pooler go to another session.
      carrier: {
        ...createPostgresCarrier({ url, pool: misdirected(pool), channel: "skein_deaf" }),
        send: idle,
      },
    });
    const writer = await openPostgresNode(
      pool,
      createBus({ carrier: createPostgresCarrier({ url, pool }) }),
    );
    const reader = await openPostgresNode(pool, deaf);
    opened.push(writer, reader);
    const watching = reader.events.watch(() => undefined);
    await vi.waitFor(() => expect(deaf.health().state).toBe("down"), patience);

    const tookMs = await delayOf(writer, reader);
    watching();

    expect(deaf.health().reason).toContain("does not arrive");
    expect(tookMs).toBeLessThan(2_000);
  });
});

/** A pool whose notices go nowhere. */
function misdirected(pool: PostgresPlace["pool"]): PostgresPlace["pool"] {
  return {
    ...pool,
    connect: async () => {
      const client = await pool.connect();
      return {
        release: (isBroken) => {
          client.release(isBroken);
        },
        query: async (query) => client.query({ ...query, values: ["skein_nowhere", "[]"] }),
      };
    },
    end: async () => {},
  };
}

describe.skipIf(redisProgram === null).each([
  { store: "SQLite", isThere: true },
  { store: "PostgreSQL", isThere: postgresUrl !== null },
])("the bus over Redis, events on $store", ({ store, isThere }) => {
  const opened: BusNode[] = [];
  let server: RedisServer | null = null;
  let place: PostgresPlace | null = null;
  let directory = "";

  const openNode = async (bus: Bus): Promise<BusNode> => {
    const node =
      place === null
        ? await openFileNode(join(directory, "skein", "skein.db"), bus)
        : await openPostgresNode(place.pool, bus);
    opened.push(node);
    return node;
  };

  const openNodes = async (
    backstopMs?: number,
  ): Promise<{
    nodes: readonly [BusNode, BusNode];
    redis: RedisServer;
    changes: BusHealth[];
    buses: readonly Bus[];
  }> => {
    const redis = await createRedisServer(redisProgram ?? "");
    server = redis;
    await redis.start();
    directory = makeTemporaryDirectory();
    place = store === "PostgreSQL" ? await createPostgresPlace(postgresUrl ?? "") : null;
    const changes: BusHealth[] = [];
    const aBus = (): Bus =>
      createBus({
        carrier: createRedisCarrier({ url: redis.url }),
        onChange: (health) => changes.push(health),
        backstopMs,
      });
    const buses = [aBus(), aBus()] as const;
    const nodes = [await openNode(buses[0]), await openNode(buses[1])] as const;
    return { nodes, redis, changes, buses };
  };

  afterEach(async () => {
    for (const node of opened.splice(0)) {
      await node.close();
    }
    await place?.remove();
    await server?.remove();
    server = null;
    rmSync(directory, { recursive: true, force: true });
  });

  test.skipIf(!isThere)(
    "brings 1,000 events to 20 readers of another node, none missed, in order",
    async () => {
      const { nodes, buses } = await openNodes(neverMs);

      await expectNothingMissed(nodes, idle);
      await expect(delayOf(...nodes)).resolves.toBeGreaterThan(0);

      expect(buses.map((bus) => bus.health().state)).toEqual(["well", "well"]);
    },
  );

  test.skipIf(!isThere)(
    `R24: loses nothing while all it holds is deleted ${String(losses)} times`,
    async () => {
      const { nodes, redis } = await openNodes();
      const deleteAll = async (): Promise<void> => {
        redis.run("FLUSHALL");
      };

      await expectNothingMissed(nodes, deleteAll, losses);
    },
  );

  test.skipIf(!isThere)(
    `R24: loses nothing while it is killed ${String(losses)} times, says so, and is well again by itself`,
    async () => {
      const { nodes, redis, changes, buses } = await openNodes();
      let kills = 0;
      const killOrStart = async (round: number): Promise<void> => {
        if (round % 2 === 0) {
          await redis.kill();
          kills += 1;
        } else {
          await redis.start();
        }
      };

      await expectNothingMissed(nodes, killOrStart, losses * 2);
      const watching = nodes[1].events.watch(() => undefined);
      await nodes[0].write(1);

      await vi.waitFor(
        () => expect(buses.map((bus) => bus.health().state)).toEqual(["well", "well"]),
        patience,
      );
      watching();
      expect(kills).toBe(losses);
      expect(changes.map(({ state }) => state)).toContain("down");
    },
  );

  test.skipIf(!isThere)(
    "R24: is slower by at most two seconds while its server is gone or says nothing",
    async () => {
      const { nodes, redis } = await openNodes();
      await delayOf(...nodes);
      redis.freeze();
      const frozenMs = await delayOf(...nodes);
      redis.thaw();
      await redis.kill();
      const goneMs = await delayOf(...nodes);

      expect(frozenMs).toBeLessThan(2_000);
      expect(goneMs).toBeLessThan(2_000);
    },
  );

  test.skipIf(!isThere)("keeps a stream that does not grow without end", async () => {
    const { nodes, redis } = await openNodes();
    await delayOf(...nodes);
    redis.run("eval", "for i=1,5000 do redis.call('XADD','skein:bell','*','x','y') end", "0");

    await nodes[0].write(1);
    await vi.waitFor(
      () => expect(Number(redis.run("XLEN", "skein:bell"))).toBeLessThan(1_200),
      patience,
    );
  });
});
