import { describe, expect, test } from "vitest";
import { meterModels } from "../../../../src/core/index.ts";
import { createMeter } from "../../../../src/core/metrics/index.ts";
import type { LanguageModel, ModelEvent } from "../../../../src/core/models/index.ts";
import { limitingRate } from "../../../../src/core/models/policies/limiting-rate.ts";
import type { Rate } from "../../../../src/core/models/policies/limiting-rate.ts";
import { stack } from "../../../../src/core/models/policies/policy.ts";
import { timing } from "../../../../src/core/models/policies/timing.ts";
import { createTokens } from "../../../../src/core/models/tokens.ts";
import { createManualTimer } from "../../../support/manual-timer.ts";
import type { ManualTimer } from "../../../support/manual-timer.ts";
import {
  aGeneration,
  aRequest,
  failure,
  scriptedModel,
  someLimits,
} from "../../../support/models.ts";

interface Stand {
  readonly timer: ManualTimer;
  readonly port: LanguageModel;
  readonly events: readonly ModelEvent[];
  /** Labels, count and sum of each series, in milliseconds. */
  readonly measured: () => readonly (readonly [string, string, number, number])[];
}

const rateOf = (): Rate => ({ tier: null, cap: null, mayQueue: true });

/** A provider that answers after 700 ms, allows one call in each 2 s, and fails where the text says so. */
function aStand(): Stand {
  const timer = createManualTimer();
  const meter = createMeter();
  const events: ModelEvent[] = [];
  const onEvent = meterModels(meter, (event) => events.push(event));
  const provider = scriptedModel(async (request) => {
    await timer.sleep(700, null);
    if (request.messages[0]?.text === "fail") {
      throw failure("overloaded");
    }
    return aGeneration(request, { limits: someLimits({ remaining: 0, resetMs: 2_000 }) });
  });
  return {
    timer,
    port: stack(
      [
        limitingRate({ timer, tokens: createTokens(), rateOf, onEvent }),
        timing({ timer, onEvent }),
      ],
      provider,
    ),
    events,
    measured: () =>
      meter
        .take()
        .map(({ name, labels, distribution: { count, total } }) => [
          name,
          labels,
          count,
          total / 1_000,
        ]),
  };
}

describe("timing", () => {
  test("measures an answer and a fault by provider, model and outcome, and passes both on", async () => {
    const { timer, port, events, measured } = aStand();
    const answer = port.generate(aRequest());
    await timer.advance(5_000);
    const fault = port.generate(aRequest({ messages: [{ role: "user", text: "fail" }] }));
    const caught = fault.catch((error: unknown) => error);
    await timer.advance(5_000);

    expect(await answer).toMatchObject({ text: "fine" });
    expect(await caught).toMatchObject({ fault: "overloaded" });
    expect(measured()).toEqual([
      ["model_call", '{"model":"sonnet","outcome":"ok","provider":"claude"}', 1, 700],
      ["model_call", '{"model":"sonnet","outcome":"overloaded","provider":"claude"}', 1, 700],
    ]);
    expect(events.map(({ kind }) => kind)).toEqual(["called", "called"]);
  });

  test("measures the wait for a rate limit by itself, and the call without it", async () => {
    const { timer, port, measured } = aStand();
    await Promise.all([port.generate(aRequest()), timer.advance(700)]);
    const second = port.generate(aRequest());
    await timer.advance(10_000);
    await second;

    const [calls, waits] = measured();
    expect(calls?.slice(2)).toEqual([2, 1_400]);
    expect(waits?.slice(0, 3)).toEqual(["model_wait", '{"provider":"claude"}', 1]);
    expect(waits?.[3]).toBeGreaterThanOrEqual(2_000);
  });
});
