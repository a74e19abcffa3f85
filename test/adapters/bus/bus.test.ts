import { describe, expect, test, vi } from "vitest";
import { createBus } from "../../../src/adapters/bus/bus.ts";
import type { Carrier, Ear } from "../../../src/adapters/bus/carrier.ts";
import type { Bus, BusHealth } from "../../../src/core/events/index.ts";

const patience = { timeout: 20_000 };

interface FakeCarrier extends Carrier {
  readonly sent: string[][];
  readonly ear: () => Ear | null;
  /** What the next sendings throw. */
  fault: Error | null;
}

function createFakeCarrier(): FakeCarrier {
  const sent: string[][] = [];
  let ear: Ear | null = null;
  const carrier: FakeCarrier = {
    kind: "redis",
    sent,
    fault: null,
    ear: () => ear,
    send: async (projects) => {
      if (carrier.fault !== null) {
        throw carrier.fault;
      }
      sent.push([...projects]);
    },
    listen: (given) => {
      ear = given;
    },
    deafen: async () => {
      ear = null;
    },
    close: async () => {
      ear = null;
    },
  };
  return carrier;
}

const silent = async (): Promise<number> => 0;
const place = (project: string): { project: string; mark: () => Promise<number> } => ({
  project,
  mark: silent,
});

function aBus(carrier: Carrier, odd: { backstopMs?: number; onChange?: () => void } = {}): Bus {
  return createBus({ carrier, backstopMs: 60_000, lingerMs: 1, ...odd });
}

describe("createBus", () => {
  test("is not down for what went wrong with listening once nobody listens any more", async () => {
    const carrier = createFakeCarrier();
    const bus = aBus(carrier);
    const stop = bus.doorbell(place("a")).watch(() => undefined);
    carrier.ear()?.onFault("it is gone");
    expect(bus.health()).toMatchObject({ state: "down", reason: "it is gone" });

    stop();

    await vi.waitFor(() => {
      expect(bus.health()).toMatchObject({ state: "idle", reason: null });
    }, patience);
    await bus.close();
  });

  test("sends the rings of a burst as few, each project once, the last after its end", async () => {
    const carrier = createFakeCarrier();
    const bus = aBus(carrier);
    const bells = [bus.doorbell(place("a")), bus.doorbell(place("b"))];

    for (let turn = 0; turn < 1_000; turn += 1) {
      for (const bell of bells) {
        bell.ring();
      }
    }
    await vi.waitFor(() => expect(carrier.sent.length).toBeGreaterThan(0), patience);
    bells[0]?.ring();
    await bus.close();

    expect(carrier.sent.length).toBeLessThanOrEqual(3);
    expect(carrier.sent[0]?.toSorted()).toEqual(["a", "b"]);
    expect(carrier.sent.at(-1)).toEqual(["a"]);
  });

  test("tells those of its own process without the carrier", async () => {
    const carrier = createFakeCarrier();
    carrier.fault = new Error("it is gone");
    const bus = aBus(carrier);
    const heard = vi.fn();
    bus.doorbell(place("a")).watch(heard);

    bus.doorbell(place("a")).ring();

    await vi.waitFor(() => expect(heard).toHaveBeenCalled(), patience);
    await bus.close();
  });

  test("calls only who watches the project that rang, and all when any may have", async () => {
    const carrier = createFakeCarrier();
    const bus = aBus(carrier);
    const [ofA, ofB] = [vi.fn(), vi.fn()];
    bus.doorbell(place("a")).watch(ofA);
    bus.doorbell(place("b")).watch(ofB);

    carrier.ear()?.onRing("a");
    await vi.waitFor(() => expect(ofA).toHaveBeenCalledTimes(1), patience);
    const before = ofB.mock.calls.length;
    carrier.ear()?.onRing(null);

    await vi.waitFor(() => expect(ofB).toHaveBeenCalledTimes(1), patience);
    expect(before).toBe(0);
    await bus.close();
  });

  test("listens once for all watchers, and no more some time after the last has gone", async () => {
    const carrier = createFakeCarrier();
    const listen = vi.spyOn(carrier, "listen");
    const bus = aBus(carrier);
    const stops = ["a", "b", "a"].map((project) =>
      bus.doorbell(place(project)).watch(() => undefined),
    );

    const heardBy = new Set(listen.mock.calls.map(() => carrier.ear()));
    for (const stop of stops) {
      stop();
      stop();
    }

    expect(heardBy.size).toBe(1);
    await vi.waitFor(() => expect(carrier.ear()).toBeNull(), patience);
    await bus.close();
  });

  test("notices by a look at the log what no ring told", async () => {
    let seq = 1;
    const bus = aBus(createFakeCarrier(), { backstopMs: 5 });
    const heard = vi.fn();
    bus.doorbell({ project: "a", mark: async () => seq }).watch(heard);
    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(1), patience);

    seq = 2;

    await vi.waitFor(() => expect(heard).toHaveBeenCalledTimes(2), patience);
    await bus.close();
  });

  test("says once that it is down and once that it is well, and repeats what was not sent", async () => {
    const carrier = createFakeCarrier();
    const told: BusHealth[] = [];
    const bus = createBus({ carrier, onChange: (health) => told.push(health) });
    carrier.fault = new Error("connect failed at redis://user:secret@host:1/0");
    bus.doorbell(place("a")).ring();
    await vi.waitFor(() => expect(bus.health().state).toBe("down"), patience);
    const down = bus.health();
    bus.doorbell(place("b")).ring();

    carrier.fault = null;

    await vi.waitFor(() => expect(carrier.sent).toEqual([["a", "b"]]), patience);
    expect(told.map(({ state }) => state)).toEqual(["down", "well"]);
    expect(down.reason).toBe("connect failed at (address)");
    expect(bus.health()).toMatchObject({ kind: "redis", state: "well", reason: null });
    await bus.close();
  });

  test("stays down for what it cannot hear though it sends well", async () => {
    const carrier = createFakeCarrier();
    const bus = aBus(carrier);
    const bell = bus.doorbell(place("a"));
    bell.watch(() => undefined);
    carrier.ear()?.onFault("nobody answers");

    bell.ring();
    await vi.waitFor(() => expect(carrier.sent).toEqual([["a"]]), patience);
    await bus.close();

    expect(bus.health()).toMatchObject({ state: "down", reason: "nobody answers" });
  });

  test("ends though its carrier takes the last ring and never answers", async () => {
    const carrier = createFakeCarrier();
    const closed = vi.fn();
    let isAsked = false;
    carrier.send = async () => {
      isAsked = true;
      return new Promise(() => {});
    };
    carrier.close = async () => closed();
    const bus = aBus(carrier);
    bus.doorbell(place("a")).ring();
    await vi.waitFor(() => expect(isAsked).toBe(true), patience);

    void bus.close();

    await vi.waitFor(() => expect(closed).toHaveBeenCalled(), patience);
  });

  test("is down as long as one of its two ways is", () => {
    const carrier = createFakeCarrier();
    const bus = aBus(carrier);
    const idle = bus.health().state;
    bus.doorbell(place("a")).watch(() => undefined);

    carrier.ear()?.onFault("nobody answers");
    const down = bus.health();
    carrier.ear()?.onFault(null);

    expect(idle).toBe("idle");
    expect(down).toMatchObject({ state: "down", reason: "nobody answers" });
    expect(bus.health().state).toBe("well");
  });
});
