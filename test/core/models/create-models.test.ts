import { describe, expect, test } from "vitest";

import { createModels } from "../../../src/core/models/index.ts";
import type { ModelsDeps } from "../../../src/core/models/index.ts";
import { createManualTimer } from "../../support/manual-timer.ts";
import type { ManualTimer } from "../../support/manual-timer.ts";
import {
  aGeneration,
  aModel,
  aRequest,
  failure,
  recordingLedger,
  scriptedModel,
} from "../../support/models.ts";
import type { RecordingLedger, Script, ScriptedModel } from "../../support/models.ts";
import { createSeededRandom } from "../../support/virtual-time.ts";

interface Stand {
  readonly deps: ModelsDeps;
  readonly port: ScriptedModel;
  readonly ledger: RecordingLedger;
  readonly timer: ManualTimer;
}

function aStand(script?: Script, odd: Partial<ModelsDeps> = {}): Stand {
  const port = scriptedModel(script);
  const ledger = recordingLedger();
  const timer = createManualTimer();
  const deps: ModelsDeps = {
    providers: port,
    models: [aModel(), aModel({ name: "routed", provider: "router" })],
    policyOf: () => ({
      rate: { tier: null, cap: null, mayQueue: true },
      concurrency: 10,
      timeoutMs: 30_000,
    }),
    chains: { review: ["claude", "router"] },
    redactor: { redact: (text) => Promise.resolve({ text, found: [] }) },
    ledger,
    tape: null,
    tries: "by-cause",
    timer,
    random: createSeededRandom(),
    ...odd,
  };
  return { deps, port, ledger, timer };
}

describe("createModels", () => {
  test("reserves for every try of every model, and settles each", async () => {
    const { deps, ledger, timer } = aStand((request) => {
      if (request.model.provider === "claude") {
        throw failure("network");
      }
      return aGeneration(request);
    });
    const model = await createModels(deps);
    const call = model.generate(aRequest());

    await timer.advance(60_000);

    expect((await call).model.name).toBe("routed");
    expect(ledger.reserved.map(({ model: of, attempt }) => [of.name, attempt])).toEqual([
      ...[1, 2, 3, 4, 5, 6].map((attempt) => ["sonnet", attempt]),
      ["routed", 1],
    ]);
    expect(ledger.settled.map(({ outcome }) => outcome)).toEqual([
      ...Array<string>(6).fill("unknown"),
      "answered",
    ]);
  });

  test("fails over at once, and reserves nothing, while a breaker is open", async () => {
    const { deps, ledger, timer } = aStand((request) => {
      if (request.model.provider === "claude") {
        throw failure("overloaded");
      }
      return aGeneration(request);
    });
    const model = await createModels(deps);
    const calls = Array.from({ length: 5 }, () => model.generate(aRequest()));
    await timer.advance(60_000);
    await Promise.all(calls);
    const before = ledger.reserved.length;

    const { model: served } = await model.generate(aRequest());

    expect(served.name).toBe("routed");
    expect(ledger.reserved).toHaveLength(before + 1);
  });

  test("tries once and asks nobody else when told so", async () => {
    const { deps, ledger } = aStand(
      () => {
        throw failure("network");
      },
      { tries: "once" },
    );
    const model = await createModels(deps);

    await expect(model.generate(aRequest())).rejects.toMatchObject({ fault: "network" });
    expect(ledger.reserved.map(({ attempt }) => attempt)).toEqual([1]);
  });

  test("spends nothing on an answer that is kept", async () => {
    const kept = new Map();
    const cassette = {
      find: (key: string) => Promise.resolve(kept.get(key) ?? null),
      keep: (key: string, recorded: unknown) => {
        kept.set(key, recorded);
        return Promise.resolve();
      },
    };
    const { deps, ledger, port } = aStand(undefined, { tape: { cassette, mode: "cache" } });
    const model = await createModels(deps);

    await model.generate(aRequest());
    await model.generate(aRequest());

    expect(ledger.reserved).toHaveLength(1);
    expect(port.requests).toHaveLength(1);
  });

  test("lets neither the cassette nor a provider see a secret", async () => {
    const seen: string[] = [];
    const cassette = {
      find: () => Promise.resolve(null),
      keep: (_key: string, recorded: unknown) => {
        seen.push(JSON.stringify(recorded));
        return Promise.resolve();
      },
    };
    const { deps, port } = aStand(
      (request) => aGeneration(request, { text: request.messages[0]?.text ?? "" }),
      {
        tape: { cassette, mode: "record" },
        redactor: {
          redact: (text) => Promise.resolve({ text: text.replace("hunter2", "[x]"), found: [] }),
        },
      },
    );
    const model = await createModels(deps);

    await model.generate(aRequest({ messages: [{ role: "user", text: "hunter2" }] }));

    expect(JSON.stringify(port.requests)).not.toContain("hunter2");
    expect(seen).toHaveLength(1);
    expect(seen[0]).not.toContain("hunter2");
  });

  test("stops at the first call that the budget does not hold", async () => {
    const ledger = recordingLedger(3);
    const { deps, port } = aStand(undefined, { ledger });
    const model = await createModels(deps);

    const ends = await Promise.allSettled(
      Array.from({ length: 10 }, () => model.generate(aRequest())),
    );

    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
    expect(port.requests).toHaveLength(3);
  });

  test("gives the money back of calls whose caller gives up in the line", async () => {
    const limits = {
      requests: 15,
      remaining: 0,
      resetMs: 5_000,
      tokenLimits: [],
    };
    const { deps, ledger } = aStand((request) => aGeneration(request, { limits }));
    const model = await createModels(deps);
    await model.generate(aRequest());
    const caller = new AbortController();
    const calls = Array.from({ length: 4 }, () =>
      model.generate(aRequest({ signal: caller.signal })),
    );
    const ends = Promise.allSettled(calls);
    await new Promise((resolve) => {
      setImmediate(resolve);
    });

    caller.abort();
    await ends;

    expect(ledger.settled.map(({ outcome }) => outcome)).toEqual([
      "answered",
      ...Array<string>(4).fill("unsent"),
    ]);
  });

  test("counts only the call itself against its time, not the line", async () => {
    const limits = {
      requests: 1,
      remaining: 0,
      resetMs: 40_000,
      tokenLimits: [],
    };
    const { deps, timer } = aStand((request) => aGeneration(request, { limits }));
    const model = await createModels(deps);
    await model.generate(aRequest());
    const call = model.generate(aRequest());

    await timer.advance(41_000);

    expect((await call).text).toBe("fine");
  });
});
