import { describe, expect, test } from "vitest";
import { createWorker } from "../../../src/bot/app/worker.ts";
import type { Worker, WorkerOptions } from "../../../src/bot/app/worker.ts";
import { maxAttempts } from "../../../src/bot/app/ends.ts";
import { SkeinError } from "../../../src/core/base/errors.ts";
import { hostingErrors } from "../../../src/core/hosting/index.ts";
import type { ClaimedDelivery, Deliveries, DeliveryEnd } from "../../../src/core/hosting/index.ts";
import { createManualTimer, settle } from "../../support/manual-timer.ts";
import type { ManualTimer } from "../../support/manual-timer.ts";
import { aQueue } from "./stand.ts";

interface Stand {
  readonly deliveries: Deliveries;
  readonly timer: ManualTimer;
  readonly worker: Worker;
  readonly ends: DeliveryEnd[];
  readonly worked: string[];
  readonly stop: AbortController;
  /** Lets time pass on the queue's clock and on the worker's. */
  readonly pass: (ms: number) => Promise<void>;
}

type Work = WorkerOptions["work"];

async function aStand(
  work: Work = async () => "ok",
  odd: Partial<WorkerOptions> = {},
): Promise<Stand> {
  const { deliveries, time } = await aQueue();
  const timer = createManualTimer();
  const ends: DeliveryEnd[] = [];
  const worked: string[] = [];
  const worker = createWorker({
    deliveries,
    timer,
    atOnce: 2,
    leaseMs: 60_000,
    graceMs: 5_000,
    work: async (delivery, signal) => {
      worked.push(delivery.guid);
      return work(delivery, signal);
    },
    onEnd: (_, end) => ends.push(end),
    onFault: (error) => {
      throw error;
    },
    ...odd,
  });
  return {
    deliveries,
    timer,
    worker,
    ends,
    worked,
    stop: new AbortController(),
    pass: async (ms) => {
      time.advance(ms);
      await timer.advance(ms);
      await quiet();
    },
  };
}

/** Lets the store and the worker do all that they can. */
async function quiet(): Promise<void> {
  for (let turn = 0; turn < 40; turn += 1) {
    await settle();
  }
}

async function put(deliveries: Deliveries, guid: string, lane: string): Promise<void> {
  const fixed = { event: "push", repository: "ada/engine", about: null, isOnce: false } as const;
  await deliveries.accept({ ...fixed, payload: "{}", guid, lane, isIdle: false });
}

function busy(retryAfterMs: number): SkeinError {
  return new SkeinError(hostingErrors.unreachable, { retryAfterMs });
}

describe("createWorker", () => {
  test("works on a lane in order and on lanes side by side", async () => {
    const held: Record<string, () => void> = {};
    const { deliveries, worker, worked, stop } = await aStand(
      async ({ guid }) =>
        new Promise((resolve) => {
          held[guid] = () => {
            resolve("ok");
          };
        }),
    );
    await put(deliveries, "a1", "a");
    await put(deliveries, "a2", "a");
    await put(deliveries, "b1", "b");
    const running = worker.run(stop.signal);
    await quiet();
    expect(worked).toEqual(["a1", "b1"]);

    held["a1"]?.();
    await quiet();

    expect(worked).toEqual(["a1", "b1", "a2"]);
    stop.abort();
    held["b1"]?.();
    held["a2"]?.();
    await running;
    expect(await deliveries.counts()).toMatchObject({ done: 3, running: 0 });
  });

  test("works on what comes when it is woken, without waiting for its next look", async () => {
    const { deliveries, worker, worked, stop } = await aStand();
    const running = worker.run(stop.signal);
    await quiet();

    await put(deliveries, "a1", "a");
    worker.wake();
    await quiet();

    expect(worked).toEqual(["a1"]);
    stop.abort();
    await running;
  });

  test("waits as long as the host asks before it tries again", async () => {
    let count = 0;
    const { deliveries, worker, worked, ends, stop, pass } = await aStand(async () => {
      count += 1;
      if (count === 1) {
        throw busy(90_000);
      }
      return "ok";
    });
    await put(deliveries, "a1", "a");
    const running = worker.run(stop.signal);
    await quiet();

    await pass(89_000);
    expect(worked).toEqual(["a1"]);
    await pass(1_000);

    expect(worked).toEqual(["a1", "a1"]);
    expect(ends).toEqual([
      { kind: "again", afterMs: 90_000, note: "SKN-7651", isCounted: true },
      { kind: "done", note: "ok" },
    ]);
    stop.abort();
    await running;
  });

  test("gives up after five attempts, each later than the one before", async () => {
    const { deliveries, worker, ends, stop, pass } = await aStand(async () => {
      throw new TypeError("a bug");
    });
    await put(deliveries, "a1", "a");
    const running = worker.run(stop.signal);
    await quiet();
    for (const ms of [5_000, 20_000, 80_000, 320_000, 900_000]) {
      await pass(ms);
    }

    expect(ends.map((end) => (end.kind === "again" ? end.afterMs : end.kind))).toEqual([
      5_000,
      20_000,
      80_000,
      320_000,
      "dead",
    ]);
    expect(await deliveries.counts()).toMatchObject({ dead: 1, waiting: 0 });
    stop.abort();
    await running;
  });

  test("gives up at once what waiting does not mend", async () => {
    const { deliveries, worker, ends, stop } = await aStand(async () => {
      throw new SkeinError(hostingErrors.denied);
    });
    await put(deliveries, "a1", "a");
    const running = worker.run(stop.signal);
    await quiet();

    expect(ends).toEqual([{ kind: "dead", note: "SKN-3651" }]);
    stop.abort();
    await running;
  });

  test("does not start what ended five workers before", async () => {
    const { deliveries, worker, worked, ends, stop, pass } = await aStand();
    await put(deliveries, "a1", "a");
    for (let attempt = 0; attempt < maxAttempts; attempt += 1) {
      expect(await deliveries.claim(1_000)).not.toBeNull();
      await pass(1_000);
    }
    const running = worker.run(stop.signal);
    await quiet();

    expect(worked).toEqual([]);
    expect(ends).toEqual([{ kind: "dead", note: "lost" }]);
    stop.abort();
    await running;
  });

  test("keeps its lease while it works, and ends the work when it is lost", async () => {
    const signals: AbortSignal[] = [];
    const { deliveries, worker, stop, pass } = await aStand(
      async (_, signal) =>
        new Promise((_resolve, reject) => {
          signals.push(signal);
          signal.addEventListener("abort", () => {
            reject(new Error("lost"));
          });
        }),
      { atOnce: 1 },
    );
    await put(deliveries, "a1", "a");
    const running = worker.run(stop.signal);
    await quiet();
    for (let turn = 0; turn < 6; turn += 1) {
      await pass(20_000);
    }
    expect(signals[0]?.aborted).toBe(false);
    expect(await deliveries.claim(1_000)).toBeNull();

    const claim: ClaimedDelivery = {
      number: 1,
      guid: "a1",
      event: "push",
      repository: "ada/engine",
      payload: "{}",
      attempt: 1,
    };
    await deliveries.end(claim, { kind: "dead", note: "taken away" });
    await pass(20_000);

    expect(signals[0]?.aborted).toBe(true);
    stop.abort();
    await running;
  });

  test("puts back what does not end within its grace when it is stopped, without counting the attempt", async () => {
    const { deliveries, worker, stop, pass } = await aStand(
      async (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener("abort", () => {
            reject(new Error("stopped"));
          });
        }),
    );
    await put(deliveries, "a1", "a");
    const running = worker.run(stop.signal);
    await quiet();

    stop.abort();
    await pass(5_000);
    await running;

    expect(await deliveries.claim(1_000)).toMatchObject({ guid: "a1", attempt: 1 });
  });
});
