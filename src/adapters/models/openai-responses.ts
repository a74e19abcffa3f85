import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { GenerateRequest, LanguageModel } from "../../core/models/index.ts";
import { createCalling, rawReply } from "./calling.ts";
import { openAiClient } from "./openai-client.ts";
import { collectResponse } from "./openai-stream.ts";
import type { ProviderConfig } from "./provider.ts";
import { objectsOf, usageWithin } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { isStrict, portableSchema } from "./schema-dialect.ts";
import { streamFromTokens } from "./streaming.ts";

/** The interface refuses a smaller limit. */
const leastOutputTokens = 16;

/** OpenAI's responses. The provider is asked to keep none of them. */
export function createOpenAiResponses(provider: ProviderConfig): LanguageModel {
  return createCalling(provider, {
    ask: async (request, key) => {
      const client = await openAiClient(provider, request, key);
      const body = bodyOf(request, provider.takesSchema ?? true);
      const options = { signal: request.signal, headers: { ...request.model.takes.headers } };
      if (body.max_output_tokens < streamFromTokens) {
        return rawReply(await client.responses.create(body, options).asResponse());
      }
      const { data, response } = await client.responses
        .create({ ...body, stream: true }, options)
        .withResponse();
      return { body: await collectResponse(data), headers: response.headers };
    },
    read: readResponse,
  });
}

function bodyOf(request: GenerateRequest, takesSchema: boolean) {
  const { model, messages, schema, maxOutputTokens, temperature } = request;
  const { takes } = model;
  const system = messages.filter(({ role }) => role === "system").map(({ text }) => text);
  return {
    model: model.id,
    store: false,
    input: messages.flatMap(({ role, text }) =>
      role === "system" ? [] : [{ role, content: text }],
    ),
    max_output_tokens: Math.max(maxOutputTokens + takes.thinkingTokens, leastOutputTokens),
    ...(system.length === 0 ? {} : { instructions: system.join("\n\n") }),
    ...(temperature === null || !takes.temperature ? {} : { temperature }),
    ...(takes.reasoning === null ? {} : { reasoning: { effort: takes.reasoning } }),
    ...(schema === undefined || !takesSchema ? {} : { text: { format: formatOf(schema) } }),
  };
}

function formatOf({ name, json }: NonNullable<GenerateRequest["schema"]>) {
  const schema = portableSchema(json);
  return { type: "json_schema" as const, name, schema: { ...schema }, strict: isStrict(schema) };
}

function readResponse(body: unknown): Reply | null {
  if (!isLooseObject(body) || !Array.isArray(body["output"]) || body["status"] === "failed") {
    return null;
  }
  const parts = objectsOf(body["output"])
    .filter(({ type }) => type === "message")
    .flatMap(({ content }) => objectsOf(content));
  const refusals = parts.filter(({ type }) => type === "refusal");
  const reason = ownObject(body, "incomplete_details")["reason"];
  const isRefused = refusals.length > 0 || reason === "content_filter";
  return {
    text: parts.map((part) => ownText(part, "text") ?? ownText(part, "refusal") ?? "").join(""),
    finish: isRefused ? "refusal" : finishOf(body),
    usage: usageOfBody(ownObject(body, "usage")),
  };
}

function finishOf({ status }: LooseObject): Reply["finish"] {
  return status === "incomplete" ? "length" : "stop";
}

function usageOfBody(usage: LooseObject): Reply["usage"] {
  const details = ownObject(usage, "input_tokens_details");
  return usageWithin({
    inputTokens: usage["input_tokens"],
    outputTokens: usage["output_tokens"],
    cacheReadTokens: details["cached_tokens"],
    cacheWriteTokens: details["cache_write_tokens"],
  });
}
