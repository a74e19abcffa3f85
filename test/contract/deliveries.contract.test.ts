import { expect, test } from "vitest";

import {
  createDeliveries,
  deliveryMigrations,
  keepDeliveriesMs,
} from "../../src/core/hosting/index.ts";
import type { Deliveries, NewDelivery } from "../../src/core/hosting/index.ts";
import { eachStore } from "../support/stores.ts";
import type { OpenTestStore } from "../support/stores.ts";

interface Opened {
  readonly deliveries: Deliveries;
  /** Makes everything older: a server's own time is not to be turned. */
  readonly pass: (ms: number) => Promise<void>;
}

const makeOlder = `UPDATE deliveries SET next_at_ms = next_at_ms - ?, received_at_ms = received_at_ms - ?,
  lease_until_ms = lease_until_ms - ? WHERE project = ?`;

async function opened(open: OpenTestStore): Promise<Opened> {
  const { store } = await open({ migrations: deliveryMigrations });
  const pass = async (ms: number): Promise<void> => {
    await store.write(async (tx) => tx.run(makeOlder, [ms, ms, ms, store.project]));
  };
  return { deliveries: createDeliveries(store), pass };
}

function aDelivery(odd: Partial<NewDelivery> = {}): NewDelivery {
  return {
    guid: "g1",
    event: "pull_request",
    repository: "loom/shed",
    lane: "loom/shed#1",
    about: null,
    isOnce: false,
    payload: '{"action":"opened"}',
    isIdle: false,
    ...odd,
  };
}

const leaseMs = 60_000;

eachStore("deliveries", (open) => {
  test("takes a delivery once, however often and however closely it comes", async () => {
    const { deliveries } = await opened(open);

    const outcomes = await Promise.all(
      Array.from({ length: 50 }, async () => deliveries.accept(aDelivery())),
    );

    expect(outcomes.filter((outcome) => outcome === "accepted")).toHaveLength(1);
    expect(await deliveries.counts()).toEqual({ waiting: 1, running: 0, done: 0, dead: 0 });
  });

  test("hands out a lane in order and other lanes beside it", async () => {
    const { deliveries } = await opened(open);
    await deliveries.accept(aDelivery({ guid: "a1", lane: "a" }));
    await deliveries.accept(aDelivery({ guid: "a2", lane: "a" }));
    await deliveries.accept(aDelivery({ guid: "b1", lane: "b" }));

    const first = await deliveries.claim(leaseMs);
    const second = await deliveries.claim(leaseMs);
    const third = await deliveries.claim(leaseMs);

    expect([first?.guid, second?.guid, third]).toEqual(["a1", "b1", null]);
    expect(first && (await deliveries.end(first, { kind: "done", note: "ok" }))).toBe(true);
    expect((await deliveries.claim(leaseMs))?.guid).toBe("a2");
  });

  test("lets a look through a repository wait for what is under way there, and not for a retry that is due later", async () => {
    const { deliveries } = await opened(open);
    await deliveries.accept(aDelivery({ guid: "pull", lane: "loom/shed#1" }));
    await deliveries.accept(
      aDelivery({ guid: "other", lane: "loom/mill#1", repository: "loom/mill" }),
    );
    await deliveries.accept(aDelivery({ guid: "sweep", event: "schedule", lane: "loom/shed" }));
    await deliveries.accept(aDelivery({ guid: "later", lane: "loom/shed#2" }));

    const guids: (string | undefined)[] = [];
    const pull = await deliveries.claim(leaseMs);
    for (let at = 0; at < 3; at += 1) {
      guids.push((await deliveries.claim(leaseMs))?.guid);
    }
    if (pull !== null) {
      await deliveries.end(pull, { kind: "again", afterMs: 60_000, note: "", isCounted: true });
    }

    expect([pull?.guid, ...guids]).toEqual(["pull", "other", "later", undefined]);
    expect((await deliveries.claim(leaseMs))?.guid).toBe("sweep");
  });

  test("gives a lane no second delivery while its first waits for another attempt", async () => {
    const { deliveries, pass } = await opened(open);
    await deliveries.accept(aDelivery({ guid: "a1" }));
    await deliveries.accept(aDelivery({ guid: "a2" }));
    const first = await deliveries.claim(leaseMs);
    const again = { kind: "again", afterMs: 5_000, note: "busy", isCounted: true } as const;
    expect(first && (await deliveries.end(first, again))).toBe(true);

    const before = await deliveries.claim(leaseMs);
    const dueInMs = await deliveries.dueInMs();
    await pass(5_000);
    const after = await deliveries.claim(leaseMs);

    expect(before).toBeNull();
    expect(dueInMs).toBeGreaterThan(0);
    expect([after?.guid, after?.attempt]).toEqual(["a1", 2]);
  });

  test("brings a delivery back when the lease of its worker ends, and takes nothing from that worker", async () => {
    const { deliveries, pass } = await opened(open);
    await deliveries.accept(aDelivery());
    const lost = await deliveries.claim(leaseMs);
    await pass(leaseMs);

    const taken = await deliveries.claim(leaseMs);

    expect([taken?.guid, taken?.attempt]).toEqual(["g1", 2]);
    expect(lost && (await deliveries.renew(lost, leaseMs))).toBe(false);
    expect(lost && (await deliveries.end(lost, { kind: "done", note: "late" }))).toBe(false);
    expect((await deliveries.counts()).running).toBe(1);
  });

  test("keeps a lease that is renewed", async () => {
    const { deliveries, pass } = await opened(open);
    await deliveries.accept(aDelivery());
    const held = await deliveries.claim(leaseMs);
    await pass(leaseMs - 10_000);
    expect(held && (await deliveries.renew(held, leaseMs))).toBe(true);
    await pass(leaseMs - 10_000);

    expect(await deliveries.claim(leaseMs)).toBeNull();
  });

  test("does not count an attempt that was only interrupted", async () => {
    const { deliveries } = await opened(open);
    await deliveries.accept(aDelivery());
    const first = await deliveries.claim(leaseMs);
    const stop = { kind: "again", afterMs: 0, note: "stopped", isCounted: false } as const;
    expect(first && (await deliveries.end(first, stop))).toBe(true);

    expect((await deliveries.claim(leaseMs))?.attempt).toBe(1);
  });

  test("takes a delivery that was given up once more when the host sends it again", async () => {
    const { deliveries } = await opened(open);
    await deliveries.accept(aDelivery());
    const held = await deliveries.claim(leaseMs);
    expect(held && (await deliveries.end(held, { kind: "dead", note: "SKN-0941" }))).toBe(true);
    expect(await deliveries.knows("g1")).toBe(false);

    expect(await deliveries.accept(aDelivery())).toBe("accepted");
    expect(await deliveries.claim(leaseMs)).toMatchObject({ guid: "g1", attempt: 1 });
  });

  test("takes what happens once but once, whatever its deliveries are called", async () => {
    const { deliveries } = await opened(open);
    const comment = { about: "issue_comment loom/shed 77", isOnce: true };
    const head = { about: "head loom/shed#1 abc" };
    const first = await deliveries.accept(aDelivery({ guid: "a", ...comment }));
    const again = await deliveries.accept(aDelivery({ guid: "b", ...comment }));
    const heads = [
      await deliveries.accept(aDelivery({ guid: "c", ...head })),
      await deliveries.accept(aDelivery({ guid: "d", ...head })),
    ];

    const claimed = await deliveries.claim(leaseMs);
    if (claimed !== null) {
      await deliveries.end(claimed, { kind: "dead", note: "" });
    }

    expect([first, again, claimed?.guid, ...heads]).toEqual([
      "accepted",
      "known",
      "a",
      "accepted",
      "accepted",
    ]);
    expect(await deliveries.accept(aDelivery({ guid: "e", ...comment }))).toBe("accepted");
  });

  test("keeps of what nobody wants its name and no work", async () => {
    const { deliveries } = await opened(open);

    expect(await deliveries.accept(aDelivery({ isIdle: true }))).toBe("accepted");
    expect(await deliveries.accept(aDelivery({ isIdle: true }))).toBe("known");
    expect(await deliveries.claim(leaseMs)).toBeNull();
    expect(await deliveries.dueInMs()).toBeNull();
  });

  test("knows a delivery for seven days, and longer what is still to be done", async () => {
    const { deliveries, pass } = await opened(open);
    await deliveries.accept(aDelivery({ guid: "old", isIdle: true, about: "head:1:abc" }));
    await deliveries.accept(aDelivery({ guid: "waiting" }));
    await deliveries.accept(aDelivery({ guid: "last", isIdle: true }));
    await pass(keepDeliveriesMs - 10_000);
    expect(await deliveries.prune()).toBe(0);
    expect(await deliveries.knowsAbout("head:1:abc")).toBe(true);
    await pass(10_001);

    expect(await deliveries.prune()).toBe(1);

    const known = await Promise.all(
      ["old", "waiting", "last"].map(async (guid) => deliveries.knows(guid)),
    );
    expect(known).toEqual([false, true, true]);
    expect(await deliveries.knowsAbout("head:1:abc")).toBe(false);
  });

  test("remembers where deliveries came from and how far each repository was looked through", async () => {
    const { deliveries } = await opened(open);
    await deliveries.accept(aDelivery());
    const held = await deliveries.claim(leaseMs);
    expect(held && (await deliveries.end(held, { kind: "done", note: "ok" }))).toBe(true);
    const [first] = await deliveries.repositories();

    await deliveries.sweptTo("loom/shed", (first?.sweptToMs ?? 0) + 10);
    await deliveries.sweptTo("loom/shed", (first?.sweptToMs ?? 0) + 5);

    expect(await deliveries.repositories()).toEqual([
      { repository: "loom/shed", sweptToMs: (first?.sweptToMs ?? 0) + 10 },
    ]);
    await deliveries.forget("loom/shed");
    expect(await deliveries.repositories()).toEqual([]);
  });
});
