import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { afterEach, describe, expect, test } from "vitest";
import { fail, say, startModelServer } from "../../support/model-servers/index.ts";
import type { ModelServer, ModelServerOptions } from "../../support/model-servers/index.ts";

const servers: ModelServer[] = [];

afterEach(async () => {
  await Promise.all(servers.splice(0).map(async (server) => server.close()));
});

async function start(options: ModelServerOptions): Promise<ModelServer> {
  const server = await startModelServer(options);
  servers.push(server);
  return server;
}

function clientsOf(server: ModelServer) {
  const more = { apiKey: "test-key", maxRetries: 0 };
  return {
    anthropic: new Anthropic({ ...more, baseURL: server.url, openTelemetry: false }),
    openai: new OpenAI({ ...more, baseURL: server.v1 }),
  };
}

const asked = [{ role: "user" as const, content: "Say it." }];

describe("startModelServer", () => {
  test("answers the providers' own clients in whole and in events, with the same text and usage", async () => {
    const usage = { inputTokens: 11, outputTokens: 7, cacheReadTokens: 5, cacheWriteTokens: 3 };
    const text = "A reply that is longer than one piece of a stream, with an emoji 🐟 and more.";
    const server = await start({ reply: () => say(text, { usage, thinking: "Let me see." }) });
    const { anthropic, openai } = clientsOf(server);

    const message = await anthropic.messages.create({
      model: "m",
      max_tokens: 50,
      messages: asked,
    });
    const streamed = await anthropic.messages
      .stream({ model: "m", max_tokens: 50, messages: asked })
      .finalMessage();
    const chat = await openai.chat.completions.create({ model: "m", messages: asked });
    const chatStream = await openai.chat.completions
      .stream({ model: "m", messages: asked, stream_options: { include_usage: true } })
      .finalChatCompletion();
    const response = await openai.responses.create({ model: "m", input: "Say it." });
    const responseStream = await openai.responses
      .stream({ model: "m", input: "Say it." })
      .finalResponse();

    for (const { content, usage: told } of [message, streamed]) {
      expect(content.at(-1)).toMatchObject({ type: "text", text });
      expect(told).toMatchObject({
        input_tokens: 11,
        output_tokens: 7,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 3,
      });
    }
    for (const { choices, usage: told } of [chat, chatStream]) {
      expect(choices[0]?.message.content).toBe(text);
      expect(told).toMatchObject({
        prompt_tokens: 19,
        completion_tokens: 7,
        prompt_tokens_details: { cached_tokens: 5 },
      });
    }
    for (const { output_text: told, usage: used } of [response, responseStream]) {
      expect(told).toBe(text);
      expect(used).toMatchObject({ input_tokens: 19, output_tokens: 7 });
    }
    expect(server.calls.map(({ format, isStreaming }) => [format, isStreaming])).toEqual([
      ["anthropic", false],
      ["anthropic", true],
      ["openai-chat", false],
      ["openai-chat", true],
      ["openai-responses", false],
      ["openai-responses", true],
    ]);
    expect(server.calls.map(({ prompt }) => prompt)).toEqual(Array(6).fill("Say it."));
  });

  test("refuses as the providers do: no key, no model, parameters that a model does not take", async () => {
    const server = await start({
      key: "test-key",
      models: { thinker: { refusesTemperature: true, refusesMaxTokens: true } },
    });
    const { anthropic, openai } = clientsOf(server);
    const stranger = anthropic.withOptions({ apiKey: "another" });
    const model = "thinker";

    const refusals = await Promise.allSettled([
      stranger.messages.create({ model, max_tokens: 50, messages: asked }),
      anthropic.messages.create({ model: "nobody", max_tokens: 50, messages: asked }),
      openai.chat.completions.create({ model, messages: asked, max_tokens: 5 }),
      openai.chat.completions.create({ model, messages: asked, temperature: 0.2 }),
      openai.responses.create({ model, input: "x", temperature: 0.2 }),
    ]);

    expect(refusals.map((one) => (one.status === "rejected" ? one.reason : one))).toMatchObject([
      { status: 401, type: "authentication_error" },
      { status: 404, type: "not_found_error" },
      { status: 400, code: "unsupported_parameter", param: "max_tokens" },
      { status: 400, code: "unsupported_value", param: "temperature" },
      { status: 400, code: "unsupported_parameter", param: "temperature" },
    ]);
  });

  test("keeps a limit, tells it in its headers and turns away what is beyond", async () => {
    const server = await start({ window: { requests: 2, windowMs: 60_000 } });
    const { openai } = clientsOf(server);
    const ask = async () =>
      openai.chat.completions.create({ model: "m", messages: asked }).withResponse();

    const first = await ask();
    const second = await ask();
    const third: unknown = await ask().catch((error: unknown) => error);

    expect(first.response.headers.get("x-ratelimit-remaining-requests")).toBe("1");
    expect(second.response.headers.get("x-ratelimit-remaining-requests")).toBe("0");
    expect(third).toMatchObject({ status: 429, code: "rate_limit_exceeded" });
    expect(server.refused()).toBe(1);
  });

  test("breaks off, hangs, resets and answers nonsense when told to", async () => {
    const server = await start({
      reply: ({ prompt }) => {
        switch (prompt) {
          case "cut":
            return { kind: "cut", text: "half of this text will never arrive" };
          case "hang":
            return { kind: "hang" };
          case "reset":
            return { kind: "reset" };
          case "down":
            return fail(529, { headers: { "retry-after": "7" } });
          default:
            return { kind: "garbage", body: "<html>" };
        }
      },
    });
    const { anthropic } = clientsOf(server);
    const ask = async (content: string, signal?: AbortSignal): Promise<unknown> =>
      anthropic.messages
        .create(
          { model: "m", max_tokens: 50, messages: [{ role: "user", content }] },
          { signal: signal ?? null },
        )
        .catch((error: unknown) => error);

    const stop = new AbortController();
    const hanging = ask("hang", stop.signal);
    const others = await Promise.all(
      ["cut", "reset", "down", "nonsense"].map(async (one) => ask(one)),
    );
    stop.abort();

    expect(others.every((error) => error instanceof Error)).toBe(true);
    expect(others[2]).toMatchObject({ status: 529, type: "overloaded_error" });
    await expect(hanging).resolves.toBeInstanceOf(Error);
    expect(server.calls).toHaveLength(5);
  });
});
