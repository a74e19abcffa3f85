import { EventEmitter } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { hearOfEnd, untilToldToEnd } from "../../src/http/ending.ts";

afterEach(() => {
  vi.useRealTimers();
});

test("a server whose stores cannot be closed leaves neither its announcement nor a timer behind", async () => {
  vi.useFakeTimers();
  const signals = new EventEmitter();
  const takeAway = vi.fn();
  const told = hearOfEnd({ signals, logFault: () => undefined });
  const ended = untilToldToEnd(
    { drain: async () => Promise.reject(new Error("a store is stuck")) },
    { signals, told, log: () => undefined, takeAway },
  );

  signals.emit("SIGTERM");

  await expect(ended).rejects.toThrow("a store is stuck");
  expect(takeAway).toHaveBeenCalledTimes(1);
  expect(vi.getTimerCount()).toBe(0);
});
