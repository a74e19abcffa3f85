import { describe, expect, test } from "vitest";

import { limitingRate } from "../../../../src/core/models/policies/limiting-rate.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import type { LanguageModel, ModelFault } from "../../../../src/core/models/index.ts";
import { createTokens } from "../../../../src/core/models/tokens.ts";
import { createManualTimer, settle } from "../../../support/manual-timer.ts";
import type { ManualTimer } from "../../../support/manual-timer.ts";
import {
  aGeneration,
  aRequest,
  failure,
  scriptedModel,
  someLimits,
} from "../../../support/models.ts";
import type { ScriptedModel } from "../../../support/models.ts";

const rate = { tier: null, cap: null, mayQueue: true };

/** A provider of 1,000 tokens of output, of which 500 are left for 10 s when it has told; later calls end with the faults, the others are answered. */
async function aStand(...faults: readonly (readonly [ModelFault, boolean])[]): Promise<{
  readonly timer: ManualTimer;
  readonly events: ModelEvent[];
  readonly port: ScriptedModel;
  readonly model: LanguageModel;
}> {
  const timer = createManualTimer();
  const events: ModelEvent[] = [];
  const limit = {
    name: "out",
    counts: "output",
    limit: 1_000,
    remaining: 500,
    resetMs: 10_000,
  } as const;
  const limits = someLimits({ requests: 1_000, remaining: 999, tokenLimits: [limit] });
  const port = scriptedModel((request, call) => {
    const ended = faults[call - 2];
    if (ended !== undefined) {
      throw failure(ended[0], { wasSent: ended[1] });
    }
    return aGeneration(request, { limits: call === 1 ? limits : null });
  });
  const onEvent = (event: ModelEvent): void => void events.push(event);
  const model = limitingRate({ timer, tokens: createTokens(), rateOf: () => rate, onEvent })(port);
  await model.generate(aRequest({ maxOutputTokens: 1 }));
  return { timer, events, port, model };
}

describe("limitingRate, of tokens", () => {
  test("makes a call wait that may answer with more than is left, and those behind it, each told once", async () => {
    const { timer, events, port, model } = await aStand();
    const calls = [501, 1].map((most) => model.generate(aRequest({ maxOutputTokens: most })));
    const last = model.generate(aRequest({ maxOutputTokens: 2 }));

    await timer.advance(10_009);
    expect(port.requests).toHaveLength(1);
    await timer.advance(1);
    expect(port.requests).toHaveLength(4);
    await Promise.all([...calls, last]);

    expect(port.requests.map(({ maxOutputTokens }) => maxOutputTokens)).toEqual([1, 501, 1, 2]);
    expect(events.map(({ kind }) => kind)).toEqual([
      "waiting",
      "waiting",
      "waiting",
      "waited",
      "waited",
      "waited",
    ]);
  });

  test("lets those behind go at once when a call gives up that was too large", async () => {
    const { timer, port, model } = await aStand();
    const caller = new AbortController();
    const large = model.generate(aRequest({ maxOutputTokens: 501, signal: caller.signal }));
    const small = model.generate(aRequest({ maxOutputTokens: 500 }));
    await settle();
    expect(port.requests).toHaveLength(1);

    caller.abort();

    await expect(large).rejects.toMatchObject({ fault: "aborted" });
    await settle();
    expect(port.requests).toHaveLength(2);
    await small;
    expect(timer.nowMs()).toBe(0);
  });

  test.each([
    ["rate_limited", true, 2_000],
    ["network", false, 0],
    ["network", true, 10_010],
  ] as const)(
    "takes what a call ended with %s, sent: %s, had set aside for %i ms",
    async (fault, wasSent, ms) => {
      const { timer, port, model } = await aStand([fault, wasSent]);
      await expect(model.generate(aRequest({ maxOutputTokens: 400 }))).rejects.toMatchObject({
        fault,
      });
      const next = model.generate(aRequest({ maxOutputTokens: 500 }));

      await timer.advance(Math.max(0, ms - 1_000));
      expect(port.requests).toHaveLength(ms === 0 ? 3 : 2);
      await timer.advance(1_000);
      expect(port.requests).toHaveLength(3);
      await next;
    },
  );
});
