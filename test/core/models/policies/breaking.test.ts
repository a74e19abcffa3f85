import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";

import { breaking } from "../../../../src/core/models/policies/breaking.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import type { LanguageModel, ModelFault } from "../../../../src/core/models/index.ts";
import { aGeneration, aModel, aRequest, failure, scriptedModel } from "../../../support/models.ts";
import type { ScriptedModel } from "../../../support/models.ts";

interface Stand {
  readonly model: LanguageModel;
  readonly port: ScriptedModel;
  readonly events: ModelEvent[];
  /** What the provider does from now on; null: it answers. */
  fault: ModelFault | null;
  /** Whether what fails was sent. */
  wasSent: boolean;
}

function aStand(fault: ModelFault | null): Stand {
  const events: ModelEvent[] = [];
  const port = scriptedModel((request) => {
    if (stand.fault !== null) {
      throw failure(stand.fault, { wasSent: stand.wasSent });
    }
    return aGeneration(request);
  });
  const model = breaking({ onEvent: (event) => events.push(event) })(port);
  const stand: Stand = { model, port, events, fault, wasSent: true };
  return stand;
}

async function failTimes({ model }: Stand, times: number): Promise<void> {
  for (let call = 0; call < times; call += 1) {
    await model.generate(aRequest()).catch(() => null);
  }
}

describe("breaking", () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  test("opens after five failures in a row, and then asks nobody for 300 s", async () => {
    const stand = aStand("network");
    await failTimes(stand, 4);
    expect(stand.events).toEqual([]);
    await failTimes(stand, 1);

    vi.advanceTimersByTime(299_999);

    await expect(stand.model.generate(aRequest())).rejects.toMatchObject({
      fault: "open",
      wasSent: false,
    });
    expect(stand.port.requests).toHaveLength(5);
    expect(stand.events).toEqual([{ kind: "breaker", provider: "claude", isOpen: true }]);
  });

  test("lets one call try after 300 s, and closes when it succeeds", async () => {
    const stand = aStand("overloaded");
    await failTimes(stand, 5);
    vi.advanceTimersByTime(300_000);
    stand.fault = null;

    const answers = await Promise.all([
      stand.model.generate(aRequest()),
      stand.model.generate(aRequest()),
    ]);

    expect(answers.map(({ text }) => text)).toEqual(["fine", "fine"]);
    expect(stand.events.at(-1)).toEqual({ kind: "breaker", provider: "claude", isOpen: false });
  });

  test("opens again when the trial fails", async () => {
    const stand = aStand("timeout");
    await failTimes(stand, 5);
    vi.advanceTimersByTime(300_000);

    await expect(stand.model.generate(aRequest())).rejects.toMatchObject({ fault: "timeout" });

    await expect(stand.model.generate(aRequest())).rejects.toMatchObject({ fault: "open" });
    expect(stand.port.requests).toHaveLength(6);
  });

  test.each([
    ["is given up", "aborted", true],
    ["never leaves", "budget", false],
  ] as const)("stays open when the trial %s: nothing was heard", async (_what, fault, wasSent) => {
    const stand = aStand("timeout");
    await failTimes(stand, 5);
    vi.advanceTimersByTime(300_000);
    stand.fault = fault;
    stand.wasSent = wasSent;

    await expect(stand.model.generate(aRequest())).rejects.toMatchObject({ fault });

    await expect(stand.model.generate(aRequest())).rejects.toMatchObject({ fault: "open" });
  });

  test.each(["auth", "bad_request", "rate_limited", "budget", "aborted", "bad_reply"] as const)(
    "does not count %s, which says nothing of the provider's health",
    async (fault) => {
      const stand = aStand(fault);
      await failTimes(stand, 20);

      expect(stand.port.requests).toHaveLength(20);
    },
  );

  test("counts in a row: an answer between begins anew", async () => {
    const stand = aStand("network");
    await failTimes(stand, 4);
    stand.fault = null;
    await stand.model.generate(aRequest());
    stand.fault = "network";
    await failTimes(stand, 4);

    expect(stand.port.requests).toHaveLength(9);
    expect(stand.events).toEqual([]);
  });

  test("keeps providers apart", async () => {
    const stand = aStand("network");
    await failTimes(stand, 5);
    stand.fault = null;

    const model = aModel({ provider: "router" });
    const answer = await stand.model.generate(aRequest({ model }));

    expect(answer.text).toBe("fine");
  });
});
