import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createLogBus } from "../../src/mcp/log-bus.ts";
import { createCoordinatedRepository } from "../support/coordinated-repository.ts";
import type { CoordinatedRepository } from "../support/coordinated-repository.ts";

let repository: CoordinatedRepository;

beforeEach(async () => {
  repository = await createCoordinatedRepository();
});

afterEach(async () => {
  await repository.remove();
});

describe("createLogBus", () => {
  test("follows the log for those who wait, though the store was away when they came", async () => {
    const { skein } = repository.project;
    const lines: string[] = [];
    const told: unknown[] = [];
    let starts = 0;
    const bus = createLogBus({
      open: async () => {
        starts += 1;
        return starts === 1 ? Promise.reject(new Error("away")) : Promise.resolve({ skein });
      },
      log: (line) => lines.push(line),
    });

    const leave = bus.subscribe((event) => told.push(event));
    await expect.poll(() => starts, { timeout: 20_000 }).toBe(2);
    await repository.claim("ada", ["a.ts"]);

    await expect.poll(() => told.length, { timeout: 20_000 }).toBeGreaterThan(0);
    leave();
    expect(lines).toEqual(["subscriptions: Error: away"]);
  });

  test("follows nothing any more when all have left", async () => {
    const { skein } = repository.project;
    let watching = 0;
    const watch: typeof skein.events.watch = (onRing) => {
      watching += 1;
      const leave = skein.events.watch(onRing);
      return () => {
        watching -= 1;
        leave();
      };
    };
    const bus = createLogBus({
      open: async () =>
        Promise.resolve({ skein: { ...skein, events: { ...skein.events, watch } } }),
      log: () => undefined,
    });

    const [leave, leaveToo] = [bus.subscribe(() => {}), bus.subscribe(() => {})];
    await expect.poll(() => watching, { timeout: 20_000 }).toBe(1);
    leave();
    leave();
    expect(watching).toBe(1);
    leaveToo();

    expect(watching).toBe(0);
  });
});
