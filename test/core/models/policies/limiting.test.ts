import { describe, expect, test } from "vitest";

import { limitingConcurrency } from "../../../../src/core/models/policies/limiting-concurrency.ts";
import { limitingTime } from "../../../../src/core/models/policies/limiting-time.ts";
import { createManualTimer, settle } from "../../../support/manual-timer.ts";
import { aGeneration, aModel, aRequest, failure, scriptedModel } from "../../../support/models.ts";

/** Never answers. */
const silent = () => new Promise<never>(() => {});

describe("limitingConcurrency", () => {
  test("lets a provider have so many calls at once, and the rest in their order", async () => {
    const timer = createManualTimer();
    const port = scriptedModel(async (request) => {
      await timer.sleep(100, null);
      return aGeneration(request);
    });
    const model = limitingConcurrency({ concurrencyOf: () => 3 })(port);
    const calls = Array.from({ length: 5 }, (_, at) =>
      model.generate(aRequest({ maxOutputTokens: at })),
    );

    await timer.advance(99);
    expect(port.requests).toHaveLength(3);
    await timer.advance(201);
    await Promise.all(calls);
    expect(port.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([0, 1, 2, 3, 4]);
  });

  test("keeps providers apart", async () => {
    const port = scriptedModel(silent);
    const model = limitingConcurrency({ concurrencyOf: () => 1 })(port);

    void model.generate(aRequest());
    void model.generate(aRequest({ model: aModel({ provider: "router" }) }));
    await settle();

    expect(port.requests).toHaveLength(2);
  });

  test("lets a caller who gives up leave the line without a call", async () => {
    const port = scriptedModel(silent);
    const model = limitingConcurrency({ concurrencyOf: () => 1 })(port);
    const caller = new AbortController();
    void model.generate(aRequest());
    const call = model.generate(aRequest({ signal: caller.signal }));
    await settle();

    caller.abort();

    await expect(call).rejects.toMatchObject({ fault: "aborted", wasSent: false });
    expect(port.requests).toHaveLength(1);
  });

  test("lets a call that has begun end in its own way when its caller gives up", async () => {
    const caller = new AbortController();
    const port = scriptedModel(
      (request) =>
        new Promise((_resolve, reject) => {
          request.signal.addEventListener("abort", () => {
            reject(failure("aborted"));
          });
        }),
    );
    const call = limitingConcurrency({ concurrencyOf: () => 1 })(port).generate(
      aRequest({ signal: caller.signal }),
    );
    await settle();

    caller.abort();

    await expect(call).rejects.toMatchObject({ fault: "aborted", wasSent: true });
  });
});

describe("limitingTime", () => {
  test("ends a call at its time, also one that does not listen", async () => {
    const timer = createManualTimer();
    const port = scriptedModel(silent);
    const model = limitingTime({ timer, timeoutMsOf: () => 30_000 })(port);
    const call = model.generate(aRequest()).catch((error: unknown) => error);

    await timer.advance(29_999);
    expect(port.requests[0]?.signal.aborted).toBe(false);
    await timer.advance(1);

    expect(await call).toMatchObject({
      fault: "timeout",
      wasSent: true,
      message: "sonnet did not answer within 30 s.",
    });
    expect(port.requests[0]?.signal.aborted).toBe(true);
  });

  test("calls it a timeout whatever the port makes of the signal", async () => {
    const timer = createManualTimer();
    const port = scriptedModel(
      (request) =>
        new Promise((_resolve, reject) => {
          request.signal.addEventListener("abort", () => {
            reject(failure("network"));
          });
        }),
    );
    const model = limitingTime({ timer, timeoutMsOf: () => 1_000 })(port);
    const call = model.generate(aRequest()).catch((error: unknown) => error);

    await timer.advance(1_000);

    expect(await call).toMatchObject({ fault: "timeout" });
  });

  test("ends when the caller gives up, also a call that does not listen", async () => {
    const timer = createManualTimer();
    const caller = new AbortController();
    const model = limitingTime({ timer, timeoutMsOf: () => 1_000 })(scriptedModel(silent));
    const call = model.generate(aRequest({ signal: caller.signal }));
    await settle();

    caller.abort();

    await expect(call).rejects.toMatchObject({ fault: "aborted", wasSent: true });
  });

  test("leaves no sleep behind a call that answers or fails", async () => {
    const timer = createManualTimer();
    const model = limitingTime({ timer, timeoutMsOf: () => 1_000 })(
      scriptedModel((request, call) => {
        if (call === 2) {
          throw failure("network");
        }
        return aGeneration(request);
      }),
    );

    await model.generate(aRequest());
    await expect(model.generate(aRequest())).rejects.toMatchObject({ fault: "network" });

    expect(timer.sleepers()).toBe(0);
  });
});
