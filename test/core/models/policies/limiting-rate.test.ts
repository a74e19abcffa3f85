import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { limitingRate } from "../../../../src/core/models/policies/limiting-rate.ts";
import type { Rate } from "../../../../src/core/models/policies/limiting-rate.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import { bucketOfMinute, tierBuckets, tierOf } from "../../../../src/core/models/index.ts";
import type { LanguageModel } from "../../../../src/core/models/index.ts";
import { createTokens } from "../../../../src/core/models/tokens.ts";
import { createManualTimer, settle } from "../../../support/manual-timer.ts";
import type { ManualTimer } from "../../../support/manual-timer.ts";
import {
  aGeneration,
  aModel,
  aRequest,
  failure,
  scriptedModel,
  someLimits,
} from "../../../support/models.ts";
import type { ScriptedModel } from "../../../support/models.ts";

const tokens = createTokens();

const auto: Rate = { tier: null, cap: null, mayQueue: true };

interface Stand {
  readonly timer: ManualTimer;
  readonly events: ModelEvent[];
  readonly wrap: (port: LanguageModel, rate?: Rate) => LanguageModel;
}

function aStand(): Stand {
  const timer = createManualTimer();
  const events: ModelEvent[] = [];
  return {
    timer,
    events,
    wrap: (port, rate = auto) =>
      limitingRate({ timer, tokens, rateOf: () => rate, onEvent: (event) => events.push(event) })(
        port,
      ),
  };
}

/** A provider of 15 requests in each window of 2 s that answers after 50 ms. */
function aLimitedProvider(timer: ManualTimer): ScriptedModel & { refusals(): number } {
  let windowNumber = 0;
  let used = 0;
  let refusals = 0;
  const port = scriptedModel(async (request) => {
    const current = Math.floor(timer.nowMs() / 2_000);
    used = current === windowNumber ? used + 1 : 1;
    windowNumber = current;
    const remaining = Math.max(0, 15 - used);
    const limits = someLimits({ remaining, resetMs: (current + 1) * 2_000 - timer.nowMs() });
    const isRefused = used > 15;
    await timer.sleep(50, null);
    if (isRefused) {
      refusals += 1;
      throw failure("rate_limited", { limits, retryAfterMs: 2_000 });
    }
    return aGeneration(request, {
      limits: { ...limits, resetMs: Math.max(0, (limits.resetMs ?? 0) - 50) },
    });
  });
  return { ...port, refusals: () => refusals };
}

describe("limitingRate", () => {
  test("uses all that a provider allows and is never answered 429 once it heard a header", async () => {
    const { timer, wrap, events } = aStand();
    const provider = aLimitedProvider(timer);
    const model = wrap(provider);
    const first = model.generate(aRequest());
    await timer.advance(60);
    await first;

    const calls = Array.from({ length: 200 }, () => model.generate(aRequest()));
    await timer.advance(28_100);
    await Promise.all(calls);

    expect(provider.refusals()).toBe(0);
    expect(provider.requests).toHaveLength(201);
    expect(events.filter(({ kind }) => kind === "waiting").length).toBeGreaterThan(180);
    expect(timer.nowMs()).toBeLessThan((200 / 15 / 0.95) * 2_000 + 2_000);
  });

  test("keeps the models of a provider apart", async () => {
    const { timer, wrap } = aStand();
    const limits = someLimits({ remaining: 0 });
    const port = scriptedModel((request) => aGeneration(request, { limits }));
    const model = wrap(port);
    await model.generate(aRequest());

    const other = await model.generate(aRequest({ model: aModel({ id: "claude-haiku-5-5" }) }));

    expect(other.text).toBe("fine");
    expect(timer.nowMs()).toBe(0);
  });

  test("lets a caller who gives up leave the line at once, and the next one go", async () => {
    const { timer, wrap } = aStand();
    const limits = someLimits({ remaining: 0 });
    const port = scriptedModel((request) => aGeneration(request, { limits }));
    const model = wrap(port);
    await model.generate(aRequest());
    const caller = new AbortController();
    const given = model.generate(aRequest({ signal: caller.signal }));
    const patient = model.generate(aRequest());

    caller.abort();

    await expect(given).rejects.toMatchObject({ fault: "aborted", wasSent: false });
    await timer.advance(2_100);
    expect((await patient).text).toBe("fine");
    expect(port.requests).toHaveLength(2);
  });

  test("stands still after a 429 for as long as it names", async () => {
    const { timer, wrap } = aStand();
    const port = scriptedModel((request, call) => {
      if (call === 1) {
        throw failure("rate_limited", { retryAfterMs: 3_000 });
      }
      return aGeneration(request);
    });
    const model = wrap(port);
    await expect(model.generate(aRequest())).rejects.toMatchObject({ fault: "rate_limited" });
    const next = model.generate(aRequest());

    await timer.advance(3_009);
    expect(port.requests).toHaveLength(1);
    await timer.advance(1);
    await next;
    expect(port.requests).toHaveLength(2);
  });

  test("fails at once, unsent, where calls may not queue", async () => {
    const { wrap, events } = aStand();
    const limits = someLimits({ remaining: 1 });
    const port = scriptedModel((request) => aGeneration(request, { limits }));
    const model = wrap(port, { ...auto, mayQueue: false });
    await model.generate(aRequest());

    const ends = await Promise.allSettled([1, 2, 3].map(() => model.generate(aRequest())));

    expect(ends).toMatchObject([
      { status: "fulfilled" },
      { reason: { fault: "rate_limited", wasSent: false, retryAfterMs: 2_010 } },
      { reason: { fault: "rate_limited", wasSent: false } },
    ]);
    expect(events).toEqual([]);
  });

  test("sleeps for nobody once those that may not queue have failed, so that a process can end", async () => {
    const { timer, wrap } = aStand();
    const port = scriptedModel((request) =>
      aGeneration(request, { limits: someLimits({ remaining: 0 }) }),
    );
    const model = wrap(port, { ...auto, mayQueue: false });
    await model.generate(aRequest());

    const ends = await Promise.allSettled([1, 2].map(() => model.generate(aRequest())));

    expect(ends.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(timer.sleepers()).toBe(0);
  });

  test("gives the place back when a call fails", async () => {
    const { wrap } = aStand();
    const port = scriptedModel(() => {
      throw failure("network");
    });
    const model = wrap(port);

    const calls = Array.from({ length: 40 }, () => model.generate(aRequest()));

    const ends = await Promise.allSettled(calls);
    expect(ends.map(({ status }) => status)).toEqual(Array(40).fill("rejected"));
    expect(port.requests).toHaveLength(40);
  });
});

describe("limitingRate with a declared tier", () => {
  beforeEach(() => {
    vi.useFakeTimers({
      toFake: ["Date", "setTimeout", "clearTimeout", "setInterval", "clearInterval"],
    });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("is a bucket: free lets 15 go and one more every 4 s", async () => {
    const { wrap, events } = aStand();
    const kinds = (): readonly string[] => events.map(({ kind }) => kind);
    const port = scriptedModel();
    const model = wrap(port, { ...auto, tier: tierBuckets.free });
    const calls = Array.from({ length: 17 }, () => model.generate(aRequest()));

    await vi.advanceTimersByTimeAsync(1_000);
    await settle();
    expect(port.requests).toHaveLength(15);
    expect(kinds()).toEqual(["waiting", "waiting"]);
    await vi.advanceTimersByTimeAsync(3_250);
    await settle();
    expect(port.requests).toHaveLength(16);
    await vi.advanceTimersByTimeAsync(4_250);
    await Promise.all(calls);
    expect(port.requests).toHaveLength(17);
    expect(kinds()).toEqual(["waiting", "waiting", "waited", "waited"]);
  });

  test("holds no more after a long rest than it held at first", async () => {
    const { wrap } = aStand();
    const port = scriptedModel();
    const model = wrap(port, { ...auto, tier: tierBuckets.free });
    const first = model.generate(aRequest());
    await vi.advanceTimersByTimeAsync(600_000);
    await first;

    const calls = Array.from({ length: 17 }, () => model.generate(aRequest()));
    await vi.advanceTimersByTimeAsync(100);
    await settle();
    expect(port.requests).toHaveLength(16);

    await vi.advanceTimersByTimeAsync(10_000);
    await Promise.all(calls);
  });

  test("tells how long a call waited from its first wait on, whatever it waited for", async () => {
    const { timer, events, wrap } = aStand();
    const everyFour = { capacity: 1, refill: 1, intervalMs: 4_000 };
    const everyTen = { ...everyFour, intervalMs: 10_000 };
    const model = wrap(scriptedModel(), { ...auto, cap: everyFour, tier: everyTen });
    const calls = [1, 2].map(() => model.generate(aRequest()));
    for (let second = 0; second < 11; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      await timer.advance(1_000);
    }
    await Promise.all(calls);

    expect(events).toMatchObject([
      { kind: "waiting" },
      { kind: "waiting" },
      { kind: "waited", waitedMs: 10_000 },
    ]);
  });

  test("gives way to the headers as soon as they tell the real limit", async () => {
    const { wrap } = aStand();
    const limits = someLimits({ requests: 1_000, remaining: 999, resetMs: 60_000 });
    const port = scriptedModel((request) => aGeneration(request, { limits }));
    const model = wrap(port, { ...auto, tier: tierBuckets.free });
    const first = model.generate(aRequest());
    await vi.advanceTimersByTimeAsync(10);
    await first;

    const calls = Array.from({ length: 100 }, () => model.generate(aRequest()));
    await Promise.all(calls);

    expect(port.requests).toHaveLength(101);
  });

  test("keeps a cap of its people whatever the headers allow", async () => {
    const { wrap } = aStand();
    const limits = someLimits({ requests: 1_000, remaining: 999, resetMs: 60_000 });
    const port = scriptedModel((request) => aGeneration(request, { limits }));
    const model = wrap(port, { ...auto, cap: bucketOfMinute(10) });
    const calls = Array.from({ length: 12 }, () => model.generate(aRequest()));

    await vi.advanceTimersByTimeAsync(5_000);
    expect(port.requests).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(13_000);
    await Promise.all(calls);
    expect(port.requests).toHaveLength(12);
  });

  test("shares that cap among the models of the provider", async () => {
    const { wrap } = aStand();
    const port = scriptedModel();
    const model = wrap(port, { ...auto, cap: bucketOfMinute(10) });
    const calls = Array.from({ length: 12 }, (_, at) =>
      model.generate(aRequest({ model: aModel({ id: `m${String(at)}` }) })),
    );

    await vi.advanceTimersByTimeAsync(5_000);
    expect(port.requests).toHaveLength(10);
    await vi.advanceTimersByTimeAsync(13_000);
    await Promise.all(calls);
  });

  test("fails at once on an empty bucket where calls may not queue", async () => {
    const { wrap } = aStand();
    const port = scriptedModel();
    const model = wrap(port, { tier: null, cap: bucketOfMinute(1), mayQueue: false });
    const first = model.generate(aRequest());
    await vi.advanceTimersByTimeAsync(10);
    await first;

    const second = model.generate(aRequest()).catch((error: unknown) => error);
    await vi.advanceTimersByTimeAsync(10);

    expect(await second).toMatchObject({ fault: "rate_limited" });
    expect(port.requests).toHaveLength(1);
  });
});

describe("tierOf", () => {
  test.each([
    [15, "free"],
    [99, "free"],
    [100, "pro"],
    [999, "pro"],
    [1_000, "enterprise"],
  ] as const)("sees that a limit of %i is %s", (requests, tier) => {
    expect(tierOf(someLimits({ requests }))).toBe(tier);
  });

  test("sees nothing without a header", () => {
    expect(tierOf(null)).toBeNull();
    expect(tierOf(someLimits({ requests: null }))).toBeNull();
  });
});

describe("tierBuckets", () => {
  test.each([
    ["free", 15, 0.25],
    ["pro", 100, 1.67],
    ["enterprise", 1_000, 16.67],
  ] as const)("gives %s %i at once and %f a second", (tier, capacity, aSecond) => {
    const bucket = tierBuckets[tier];

    expect(bucket.capacity).toBe(capacity);
    expect((1_000 * bucket.refill) / bucket.intervalMs).toBeCloseTo(aSecond, 2);
  });
});

describe("bucketOfMinute", () => {
  test.each([1, 7, 10, 20, 50, 59, 60, 100, 110, 119, 259, 1_000, 5_000])(
    "is never faster than %i a minute, and hardly slower",
    (requests) => {
      const { capacity, refill, intervalMs } = bucketOfMinute(requests);

      expect(capacity).toBe(requests);
      expect(intervalMs % 250).toBe(0);
      expect((refill / intervalMs) * 60_000).toBeLessThanOrEqual(requests);
      expect((refill / intervalMs) * 60_000).toBeGreaterThan(requests * 0.92);
    },
  );
});
