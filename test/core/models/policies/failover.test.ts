import { describe, expect, test } from "vitest";

import { failover, successors } from "../../../../src/core/models/policies/failover.ts";
import type { ModelEvent } from "../../../../src/core/models/policies/model-event.ts";
import type { GenerateRequest, LanguageModel } from "../../../../src/core/models/index.ts";
import { aGeneration, aModel, aRequest, failure, scriptedModel } from "../../../support/models.ts";
import type { ScriptedModel } from "../../../support/models.ts";

const sonnet = aModel();
const routed = aModel({ name: "routed-sonnet", provider: "router" });
const small = aModel({ name: "routed-haiku", provider: "router", size: "small" });
const qwen = aModel({ name: "qwen", provider: "local", family: "qwen" });
const gpt = aModel({ name: "gpt", provider: "openai", family: "gpt" });
const models = [sonnet, qwen, gpt, small, routed];

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
  const model = failover({ chains, models, onEvent: (event) => events.push(event) })(port);
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

  test.each(["aborted", "budget", "redaction"] as const)(
    "does not go on after %s",
    async (fault) => {
      const port = scriptedModel(() => {
        throw failure(fault);
      });
      const model = failover({ chains: { review: ["router"] }, models, onEvent: () => {} })(port);

      await expect(model.generate(aRequest())).rejects.toMatchObject({ fault });
      expect(asked(port)).toEqual(["sonnet"]);
    },
  );
});

describe("successors", () => {
  test("takes of a provider the model that is most alike", () => {
    const chain = ["router"];

    expect(successors(sonnet, { chain, models })).toEqual([sonnet, routed]);
    expect(successors(aModel({ size: "small" }), { chain, models })[1]).toBe(small);
  });

  test("passes over providers without models", () => {
    expect(successors(sonnet, { chain: ["nobody", "claude"], models })).toEqual([sonnet]);
  });
});
