import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import type { GenerateRequest, LanguageModel } from "../../core/models/index.ts";
import { collectMessage } from "./anthropic-stream.ts";
import { createCalling, rawReply } from "./calling.ts";
import { clientTimeoutMs, guardedFetch, noKey } from "./guarded-fetch.ts";
import type { ProviderConfig } from "./provider.ts";
import { objectsOf, usageOf } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { portableSchema } from "./schema-dialect.ts";
import { streamFromTokens } from "./streaming.ts";

const address = "https://api.anthropic.com";

/** Anthropic's messages, and servers that speak them. */
export function createAnthropic(provider: ProviderConfig): LanguageModel {
  const takesSchema = provider.takesSchema ?? true;
  return createCalling(provider, {
    ask: async (request, key) => {
      const body = bodyOf(request, takesSchema);
      const { Anthropic } = await import("@anthropic-ai/sdk");
      const client = new Anthropic({
        apiKey: key ?? noKey,
        webhookKey: null,
        baseURL: (provider.baseUrl ?? address).replace(/\/(?:v1\/?)?$/u, ""),
        maxRetries: 0,
        timeout: clientTimeoutMs,
        logLevel: "off",
        openTelemetry: false,
        fetch: guardedFetch({ key, headers: request.model.takes.headers }),
      });
      const options = { signal: request.signal, headers: { ...request.model.takes.headers } };
      if (body.max_tokens < streamFromTokens) {
        return rawReply(await client.messages.create(body, options).asResponse());
      }
      const { data, response } = await client.messages
        .create({ ...body, stream: true }, options)
        .withResponse();
      return { body: await collectMessage(data), headers: response.headers };
    },
    read: readMessage,
  });
}

function bodyOf(request: GenerateRequest, takesSchema: boolean) {
  const { model, messages, schema, maxOutputTokens, temperature } = request;
  const { takes } = model;
  const system = messages.filter(({ role }) => role === "system").map(({ text }) => text);
  const format =
    schema === undefined || !takesSchema
      ? {}
      : { format: { type: "json_schema" as const, schema: portableSchema(schema.json) } };
  const effort = takes.reasoning === "minimal" ? "low" : takes.reasoning;
  const output = { ...format, ...(effort === null ? {} : { effort }) };
  return {
    model: model.id,
    max_tokens: maxOutputTokens + takes.thinkingTokens,
    messages: messages.flatMap(({ role, text }) =>
      role === "system" ? [] : [{ role, content: text }],
    ),
    ...(system.length === 0 ? {} : { system: system.join("\n\n") }),
    ...(Object.keys(output).length === 0 ? {} : { output_config: output }),
    ...(effort === null ? {} : { thinking: { type: "adaptive" as const } }),
    ...(temperature === null || !takes.temperature ? {} : { temperature }),
  };
}

function readMessage(body: unknown): Reply | null {
  if (!isLooseObject(body) || !Array.isArray(body["content"])) {
    return null;
  }
  const text = objectsOf(body["content"])
    .filter(({ type }) => type === "text")
    .map((block) => ownText(block, "text") ?? "")
    .join("");
  const usage = ownObject(body, "usage");
  return {
    text,
    finish: finishOf(body["stop_reason"]),
    usage: usageOf({
      inputTokens: usage["input_tokens"],
      outputTokens: usage["output_tokens"],
      cacheReadTokens: usage["cache_read_input_tokens"],
      cacheWriteTokens: usage["cache_creation_input_tokens"],
    }),
  };
}

function finishOf(reason: unknown): Reply["finish"] {
  if (reason === "refusal") {
    return "refusal";
  }
  return reason === "max_tokens" || reason === "model_context_window_exceeded" ? "length" : "stop";
}
