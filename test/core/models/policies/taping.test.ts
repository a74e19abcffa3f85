import { describe, expect, test } from "vitest";

import { taping } from "../../../../src/core/models/policies/taping.ts";
import type { Cassette, LanguageModel, Recorded } from "../../../../src/core/models/index.ts";
import { aGeneration, aModel, aRequest, scriptedModel } from "../../../support/models.ts";
import type { ScriptedModel } from "../../../support/models.ts";

function aCassette(): Cassette & { readonly kept: Map<string, Recorded> } {
  const kept = new Map<string, Recorded>();
  return {
    kept,
    find: (key) => Promise.resolve(kept.get(key) ?? null),
    keep: (key, recorded) => {
      kept.set(key, recorded);
      return Promise.resolve();
    },
  };
}

/** Counts its answers: "1", "2" and so on. */
function aCounter(): ScriptedModel {
  return scriptedModel((request, call) => aGeneration(request, { text: String(call) }));
}

function over(port: LanguageModel, cassette: Cassette, mode: "cache" | "record" | "replay") {
  return taping({ cassette, mode, models: [aModel()] })(port);
}

describe("taping", () => {
  test("gives a kept answer again without a call, marked as cached", async () => {
    const port = aCounter();
    const model = over(port, aCassette(), "cache");

    const first = await model.generate(aRequest());
    const second = await model.generate(aRequest());

    expect([first.text, first.isCached]).toEqual(["1", false]);
    expect([second.text, second.isCached, second.model]).toEqual(["1", true, aModel()]);
    expect(port.requests).toHaveLength(1);
  });

  const { tag } = aRequest();
  test.each([
    ["another seat", { tag: { ...tag, seat: "2" } }],
    ["another occurrence", { tag: { ...tag, occurrence: 2 } }],
    ["another phase", { tag: { ...tag, phase: "vote" } }],
    ["another prompt", { messages: [{ role: "user", text: "?" }] as const }],
    ["another role", { messages: [{ role: "system", text: "What is wrong here?" }] as const }],
    ["another model", { model: aModel({ id: "claude-haiku-5-5" }) }],
    ["another temperature", { temperature: 0.1 }],
    ["another limit", { maxOutputTokens: 60 }],
    ["another schema", { schema: { name: "x", json: {}, parse: () => null } }],
  ])("asks again for %s", async (_what, odd) => {
    const port = aCounter();
    const model = over(port, aCassette(), "cache");
    await model.generate(aRequest());

    expect((await model.generate(aRequest(odd))).text).toBe("2");
  });

  test("gives the answer of one run to another", async () => {
    const model = over(aCounter(), aCassette(), "cache");
    await model.generate(aRequest());

    const answer = await model.generate(aRequest({ tag: { ...tag, run: "R2" } }));

    expect(answer.isCached).toBe(true);
  });

  test("does not cache what was cut off, and records it all the same", async () => {
    const cassette = aCassette();
    const port = scriptedModel((request) => aGeneration(request, { finish: "length" }));

    await over(port, cassette, "cache").generate(aRequest());
    expect(cassette.kept.size).toBe(0);
    await over(port, cassette, "record").generate(aRequest());
    expect(cassette.kept.size).toBe(1);
  });

  test("makes every call while it records", async () => {
    const port = aCounter();
    const model = over(port, aCassette(), "record");

    await model.generate(aRequest());

    expect((await model.generate(aRequest())).text).toBe("2");
  });

  test("makes no call in a replay, and names the seat whose answer is missing", async () => {
    const cassette = aCassette();
    await over(aCounter(), cassette, "record").generate(aRequest());
    const port = aCounter();
    const model = over(port, cassette, "replay");

    expect((await model.generate(aRequest())).text).toBe("1");
    await expect(model.generate(aRequest({ tag: { ...tag, seat: "7" } }))).rejects.toMatchObject({
      fault: "bad_request",
      wasSent: false,
      message: expect.stringContaining("generate of 7, occurrence 1, model sonnet"),
    });
    expect(port.requests).toEqual([]);
  });

  test("refuses a record whose request has changed, or whose model is gone", async () => {
    const cassette = aCassette();
    await over(aCounter(), cassette, "record").generate(aRequest());
    const [[key, recorded] = ["", null]] = cassette.kept;
    const model = over(aCounter(), cassette, "replay");

    for (const odd of [{ requestHash: "0" }, { model: "gone" }]) {
      if (recorded !== null) {
        cassette.kept.set(key, { ...recorded, ...odd });
      }
      await expect(model.generate(aRequest())).rejects.toMatchObject({ fault: "bad_request" });
    }
  });

  test("parses a kept object by the schema of whoever asks", async () => {
    const cassette = aCassette();
    const schema = {
      name: "number",
      json: { type: "object" },
      parse: (value: unknown) =>
        typeof value === "object" && value !== null && "n" in value ? Number(value.n) : null,
    };
    const request = { ...aRequest(), schema };
    const [key, requestHash] = await keyOf(request);
    await cassette.keep(key, {
      model: "sonnet",
      requestHash,
      generation: { text: '{"n":3}', object: { n: 3 }, usage: null, finish: "stop" },
    });

    const answer = await over(aCounter(), cassette, "replay").generate(request);

    expect(answer.object).toBe(3);
  });
});

async function keyOf(request: ReturnType<typeof aRequest>): Promise<readonly [string, string]> {
  const cassette = aCassette();
  await over(aCounter(), cassette, "record").generate(request);
  const [[key, { requestHash }] = ["", { requestHash: "" }]] = cassette.kept;
  return [key, requestHash];
}
