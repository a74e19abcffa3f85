import { describe, expect, test } from "vitest";

import { pauseBefore, retrying } from "../../../../src/core/models/policies/retrying.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import type { ModelFault } from "../../../../src/core/models/index.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import { aGeneration, aRequest, failure, scriptedModel } from "../../../support/models.ts";
import { createSeededRandom } from "../../../support/virtual-time.ts";

/** Bytes in the middle: no jitter. */
const even = { bytes: (count: number) => new Uint8Array(count).fill(128) };
/** The first of these bytes makes the pause a quarter shorter or (nearly) longer. */
const shortest = { bytes: (count: number) => new Uint8Array(count).fill(0) };
const longest = { bytes: (count: number) => new Uint8Array(count).fill(255) };

describe("retrying", () => {
  test.each([
    ["network", 6, 31_000],
    ["rate_limited", 6, 31_000],
    ["overloaded", 4, 7_000],
    ["timeout", 4, 7_000],
    ["bad_reply", 3, 3_000],
    ["auth", 1, 0],
    ["bad_request", 1, 0],
    ["redaction", 1, 0],
    ["budget", 1, 0],
    ["open", 1, 0],
    ["aborted", 1, 0],
  ] as const)(
    "tries a call that ends with %s %i times within %i ms of pauses",
    async (fault, tries, pausesMs) => {
      const timer = createManualTimer();
      const events: ModelEvent[] = [];
      const port = scriptedModel(() => {
        throw failure(fault);
      });
      const model = retrying({ timer, random: even, onEvent: (event) => events.push(event) })(port);
      const call = model.generate(aRequest()).catch((error: unknown) => error);

      await timer.advance(100_000);

      expect(await call).toMatchObject({ fault });
      expect(port.requests.map(({ attempt }) => attempt)).toEqual(
        Array.from({ length: tries }, (_, at) => at + 1),
      );
      const waits = events.map((event) => (event.kind === "retrying" ? event.delayMs : 0));
      const total = waits.reduce((sum, each) => sum + each, 0);
      expect(Math.abs(total - pausesMs)).toBeLessThan(50);
    },
  );

  test("answers with the first try that succeeds", async () => {
    const timer = createManualTimer();
    const port = scriptedModel((request, call) => {
      if (call < 3) {
        throw failure("network");
      }
      return aGeneration(request);
    });
    const call = retrying({ timer, random: even, onEvent: () => {} })(port).generate(aRequest());

    await timer.advance(3_100);

    expect((await call).text).toBe("fine");
    expect(port.requests).toHaveLength(3);
  });

  test("ends at once when the caller gives up during a pause", async () => {
    const timer = createManualTimer();
    const caller = new AbortController();
    const port = scriptedModel(() => {
      throw failure("network");
    });
    const model = retrying({ timer, random: even, onEvent: () => {} })(port);
    const call = model
      .generate(aRequest({ signal: caller.signal }))
      .catch((error: unknown) => error);
    await timer.advance(500);

    caller.abort();

    expect(await call).toMatchObject({ fault: "aborted", wasSent: false });
    expect(port.requests).toHaveLength(1);
  });

  test("passes on what is no error of a model", async () => {
    const port = scriptedModel(() => {
      throw new TypeError("a bug");
    });
    const model = retrying({ timer: createManualTimer(), random: even, onEvent: () => {} })(port);

    await expect(model.generate(aRequest())).rejects.toThrow("a bug");
    expect(port.requests).toHaveLength(1);
  });
});

describe("pauseBefore", () => {
  test.each([1, 2, 3, 4, 5])("spreads pause %i by a quarter to both sides", (attempt) => {
    const error = failure("network");
    const whole = 1_000 * 2 ** (attempt - 1);

    expect(pauseBefore(error, { attempt, random: shortest })).toBe(whole * 0.75);
    expect(pauseBefore(error, { attempt, random: longest })).toBeCloseTo(whole * 1.25, -2);
  });

  test("honours retry-after, and adds up to a quarter so that seats do not return in step", () => {
    const error = failure("rate_limited", { retryAfterMs: 8_000 });

    expect(pauseBefore(error, { attempt: 1, random: shortest })).toBe(8_000);
    expect(pauseBefore(error, { attempt: 1, random: longest })).toBeCloseTo(10_000, -2);
    expect(pauseBefore(error, { attempt: 5, random: shortest })).toBe(8_000);
  });

  test.each(["rate_limited", "overloaded"] as const)(
    "adds nothing beyond a minute to the time that a provider names with %s",
    (fault) => {
      const pauses = [50_000, 60_000].map((retryAfterMs) =>
        pauseBefore(failure(fault, { retryAfterMs }), { attempt: 1, random: longest }),
      );

      expect(pauses).toEqual([60_000, 60_000]);
    },
  );

  test("gives an overloaded provider the time that it names, and no less than its own pause", () => {
    const error = failure("overloaded", { retryAfterMs: 3_000 });

    expect(pauseBefore(error, { attempt: 1, random: shortest })).toBe(3_000);
    expect(pauseBefore(error, { attempt: 3, random: shortest })).toBe(3_000);
    expect(pauseBefore(error, { attempt: 3, random: even })).toBeGreaterThan(4_000);
    expect(
      pauseBefore(failure("overloaded", { retryAfterMs: 61_000 }), { attempt: 1, random: even }),
    ).toBeNull();
  });

  test("does not wait for a rate limit of our own that may not be waited for", () => {
    const error = failure("rate_limited", { retryAfterMs: 100, wasSent: false });

    expect(pauseBefore(error, { attempt: 1, random: even })).toBeNull();
  });

  test("gives up on a provider that asks for more than a minute", () => {
    const error = failure("rate_limited", { retryAfterMs: 61_000 });

    expect(pauseBefore(error, { attempt: 1, random: even })).toBeNull();
  });

  test("stays between no pause and the cap for any fault and any chance", () => {
    const random = createSeededRandom(7);
    const faults: readonly ModelFault[] = ["network", "rate_limited", "overloaded", "bad_reply"];
    for (let round = 0; round < 1_000; round += 1) {
      const error = failure(faults[round % 4] ?? "network");
      const pauseMs = pauseBefore(error, { attempt: 1 + (round % 5), random });
      expect(pauseMs ?? 0).toBeLessThanOrEqual(60_000);
      expect(pauseMs ?? 1).toBeGreaterThan(0);
    }
  });
});
