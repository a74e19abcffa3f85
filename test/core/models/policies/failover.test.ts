import { describe, expect, test } from "vitest";

import { failover, successors } from "../../../../src/core/models/policies/failover.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import { createTokens } from "../../../../src/core/models/index.ts";
import type { GenerateRequest, LanguageModel, Model } from "../../../../src/core/models/index.ts";
import { aGeneration, aModel, aRequest, failure, scriptedModel } from "../../../support/models.ts";
import type { ScriptedModel } from "../../../support/models.ts";

const sonnet = aModel();
const routed = aModel({ name: "routed-sonnet", provider: "router" });
const small = aModel({ name: "routed-haiku", provider: "router", size: "small" });
const qwen = aModel({ name: "qwen", provider: "local", family: "qwen" });
const gpt = aModel({ name: "gpt", provider: "openai", family: "gpt" });
const models = [sonnet, qwen, gpt, small, routed];
const tokens = createTokens();
/** By the model's name; of the others all cost the same. */
function costsOf(known: Readonly<Record<string, number>>): (model: Model) => number {
  return ({ name }) => known[name] ?? 5;
}

/** Nobody knows a price. */
const costOf = (): number => Infinity;

interface Stand {
  readonly model: LanguageModel;
  readonly port: ScriptedModel;
  readonly events: ModelEvent[];
}

function aStand(
  down: readonly string[],
  chains: Parameters<typeof failover>[0]["chains"] = { review: ["local", "router", "claude"] },
): Stand {
  const events: ModelEvent[] = [];
  const port = scriptedModel((request) => {
    if (down.includes(request.model.provider)) {
      throw failure("network", { message: `no way to ${request.model.provider}` });
    }
    return aGeneration(request);
  });
  const onEvent = (event: ModelEvent): number => events.push(event);
  const model = failover({ chains, models, tokens, onEvent })(port);
  return { model, port, events };
}

function asked({ requests }: { readonly requests: readonly GenerateRequest[] }): readonly string[] {
  return requests.map(({ model }) => model.name);
}

describe("failover", () => {
  test("asks only the wanted model while it answers", async () => {
    const { model, port, events } = aStand([]);

    const { model: served } = await model.generate(aRequest());

    expect(served).toEqual(sonnet);
    expect(asked(port)).toEqual(["sonnet"]);
    expect(events).toEqual([]);
  });

  test("stays within the family before it leaves it, and says who served", async () => {
    const { model, port, events } = aStand(["claude"]);

    const { model: served } = await model.generate(aRequest());

    expect(served).toBe(routed);
    expect(asked(port)).toEqual(["sonnet", "routed-sonnet"]);
    expect(events).toMatchObject([{ kind: "failing_over", to: "routed-sonnet", fault: "network" }]);
  });

  test("leaves the family when no other provider has it", async () => {
    const { model, port } = aStand(["claude", "router"]);

    const { model: served } = await model.generate(aRequest());

    expect(served.family).toBe("qwen");
    expect(asked(port)).toEqual(["sonnet", "routed-sonnet", "qwen"]);
  });

  test("fails with the error of the wanted model when nobody answers", async () => {
    const { model, port } = aStand(["claude", "router", "local"]);

    await expect(model.generate(aRequest())).rejects.toThrow("no way to claude");
    expect(asked(port)).toEqual(["sonnet", "routed-sonnet", "qwen"]);
  });

  test.each([
    ["plan", { review: ["local"], plan: ["openai"] }, ["sonnet", "gpt"]],
    ["generate", { review: ["local"], plan: ["openai"] }, ["sonnet", "qwen"]],
    ["vote", { review: ["local"] }, ["sonnet", "qwen"]],
    ["plan", { review: ["local"] }, ["sonnet"]],
    ["check", { review: ["local"], plan: ["openai"] }, ["sonnet"]],
    ["constructor", { review: ["local"] }, ["sonnet"]],
  ])(
    "skips for phase %s the providers that its chain does not have",
    async (phase, chains, names) => {
      const { model, port } = aStand(["claude", "local", "openai", "router"], chains);

      const tag = { ...aRequest().tag, phase };
      await model.generate(aRequest({ tag })).catch(() => null);

      expect(asked(port)).toEqual(names);
    },
  );

  test("asks of the family the cheapest first, whatever the chain's order, and counts what a model thinks", async () => {
    const thinking = aModel({
      name: "thinking",
      provider: "thinker",
      takes: { ...sonnet.takes, thinkingTokens: 50_000 },
    });
    const dear = aModel({ name: "dear", provider: "dear" });
    const unknown = aModel({ name: "unknown", provider: "unknown" });
    const price: Readonly<Record<string, number>> = { thinking: 1, "routed-sonnet": 2, dear: 9 };
    const port = scriptedModel(() => {
      throw failure("network");
    });
    const model = failover({
      chains: { review: ["unknown", "local", "dear", "thinker", "router"] },
      models: [...models, dear, thinking, unknown],
      tokens,
      worstCostOf: ({ name }, { inputTokens, outputTokens }) =>
        Object.hasOwn(price, name) ? (price[name] ?? 0) * (inputTokens + outputTokens) : null,
      onEvent: () => {},
    })(port);

    await model.generate(aRequest()).catch(() => null);

    expect(asked(port)).toEqual(["sonnet", "routed-sonnet", "dear", "thinking", "unknown", "qwen"]);
  });

  test("passes over a stand-in that the budget does not hold, to one that it does", async () => {
    const port = scriptedModel((request) => {
      if (request.model.provider === "claude" || request.model.provider === "router") {
        throw failure(request.model.provider === "claude" ? "overloaded" : "budget");
      }
      return aGeneration(request);
    });
    const chains = { review: ["router", "local"] };
    const model = failover({ chains, models, tokens, onEvent: () => {} })(port);

    expect((await model.generate(aRequest())).model.name).toBe("qwen");
    expect(asked(port)).toEqual(["sonnet", "routed-sonnet", "qwen"]);
  });

  test("says that the budget ended it when every stand-in was too dear or down", async () => {
    const port = scriptedModel((request) => {
      throw failure(request.model.provider === "router" ? "budget" : "network");
    });
    const chains = { review: ["router", "local"] };
    const model = failover({ chains, models, tokens, onEvent: () => {} })(port);

    await expect(model.generate(aRequest())).rejects.toMatchObject({ fault: "budget" });
  });

  test.each(["aborted", "budget", "redaction"] as const)(
    "does not go on after %s",
    async (fault) => {
      const port = scriptedModel(() => {
        throw failure(fault);
      });
      const model = failover({
        chains: { review: ["router"] },
        models,
        tokens,
        onEvent: () => {},
      })(port);

      await expect(model.generate(aRequest())).rejects.toMatchObject({ fault });
      expect(asked(port)).toEqual(["sonnet"]);
    },
  );
});

describe("successors", () => {
  test("takes of a provider the model that is most alike", () => {
    const chain = ["router"];

    expect(successors(sonnet, { chain, models, costOf })).toEqual([sonnet, routed]);
    expect(successors(aModel({ size: "small" }), { chain, models, costOf })[1]).toBe(small);
  });

  test("takes of a provider the cheapest of those that are alike, and the size before the price", () => {
    const cheap = aModel({ name: "cheap", provider: "router" });
    const all = [...models, cheap];
    const costs = costsOf({ cheap: 1, "routed-haiku": 0 });

    expect(successors(sonnet, { chain: ["router"], models: all, costOf: costs })[1]).toBe(cheap);
  });

  test("keeps the chain's order among equals and among other families", () => {
    const twin = aModel({ name: "twin", provider: "twin" });
    const all = [...models, twin];
    const costs = costsOf({ gpt: 0 });
    const namesOf = (chain: readonly string[]): readonly string[] =>
      successors(sonnet, { chain, models: all, costOf: costs }).map(({ name }) => name);

    expect(namesOf(["local", "twin", "openai", "router"])).toEqual([
      "sonnet",
      "twin",
      "routed-sonnet",
      "qwen",
      "gpt",
    ]);
    expect(namesOf(["router", "twin"])).toEqual(["sonnet", "routed-sonnet", "twin"]);
  });

  test("passes over providers without models", () => {
    expect(successors(sonnet, { chain: ["nobody", "claude"], models, costOf })).toEqual([sonnet]);
  });
});
