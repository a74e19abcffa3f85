import { describe, expect, test } from "vitest";

import { reserving } from "../../../../src/core/models/policies/reserving.ts";
import { createTokens, ModelError } from "../../../../src/core/models/index.ts";
import type { CallOutcome } from "../../../../src/core/models/index.ts";
import {
  aGeneration,
  aModel,
  aRequest,
  failure,
  recordingLedger,
  scriptedModel,
} from "../../../support/models.ts";

const usage = { inputTokens: 7, outputTokens: 3, cacheReadTokens: 0, cacheWriteTokens: 0 };

function under(ledger: ReturnType<typeof recordingLedger>) {
  return reserving({ ledger, tokens: createTokens() });
}

describe("reserving", () => {
  test("sets the worst case aside: an upper bound of the prompt, the whole answer, and what the model may think", async () => {
    const ledger = recordingLedger();
    const takes = { ...aModel().takes, thinkingTokens: 4_096 };
    const messages = [
      { role: "system", text: "x".repeat(320) },
      { role: "user", text: "漢字".repeat(10) },
    ] as const;

    await under(ledger)(scriptedModel()).generate(
      aRequest({ messages, maxOutputTokens: 1_500, model: aModel({ takes }), attempt: 2 }),
    );

    expect(ledger.reserved).toEqual([
      {
        tag: aRequest().tag,
        model: aModel({ takes }),
        attempt: 2,
        inputTokens: 100 + 8 + 60 + 8,
        outputTokens: 1_500 + 4_096,
      },
    ]);
  });

  test("settles with what the provider counted", async () => {
    const ledger = recordingLedger();

    await under(ledger)(scriptedModel((request) => aGeneration(request, { usage }))).generate(
      aRequest(),
    );

    expect(ledger.settled).toMatchObject([{ grant: { id: "g1" }, outcome: "answered", usage }]);
  });

  test.each([
    ["rate_limited", true, "refused"],
    ["overloaded", true, "unknown"],
    ["auth", true, "refused"],
    ["bad_request", true, "refused"],
    ["timeout", true, "unknown"],
    ["network", true, "unknown"],
    ["aborted", true, "unknown"],
    ["bad_reply", true, "unknown"],
    ["network", false, "unsent"],
    ["auth", false, "unsent"],
    ["aborted", false, "unsent"],
  ] as const)("settles %s, sent %s, as %s", async (fault, wasSent, outcome: CallOutcome) => {
    const ledger = recordingLedger();
    const port = scriptedModel(() => {
      throw failure(fault, { wasSent });
    });

    await expect(under(ledger)(port).generate(aRequest())).rejects.toMatchObject({ fault });

    expect(ledger.settled).toMatchObject([{ outcome, usage: null }]);
  });

  test("settles with the usage that a failed call tells", async () => {
    const ledger = recordingLedger();
    const port = scriptedModel(() => {
      throw failure("bad_reply", { usage });
    });

    await expect(under(ledger)(port).generate(aRequest())).rejects.toThrow(ModelError);

    expect(ledger.settled).toMatchObject([{ outcome: "unknown", usage }]);
  });

  test("settles an overload with what the provider billed, mostly nothing", async () => {
    const ledger = recordingLedger();
    const none = { inputTokens: 0, outputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0 };
    const port = scriptedModel(() => {
      throw failure("overloaded", { usage: none });
    });

    await expect(under(ledger)(port).generate(aRequest())).rejects.toThrow(ModelError);

    expect(ledger.settled).toMatchObject([{ outcome: "refused", usage: none }]);
  });

  test("sends nothing that a budget refuses", async () => {
    const ledger = recordingLedger(0);
    const port = scriptedModel();

    await expect(under(ledger)(port).generate(aRequest())).rejects.toMatchObject({
      fault: "budget",
      wasSent: false,
      message: "The budget of the run is used up.",
    });

    expect(port.requests).toEqual([]);
    expect(ledger.settled).toEqual([]);
  });

  test("settles once, also where settling fails", async () => {
    let settled = 0;
    const ledger = {
      ...recordingLedger(),
      settle: () => {
        settled += 1;
        return Promise.reject(new Error("the store is gone"));
      },
    };

    const model = reserving({ ledger, tokens: createTokens() })(scriptedModel());

    await expect(model.generate(aRequest())).rejects.toThrow("the store is gone");
    expect(settled).toBe(1);
  });
});
