import { isLooseObject, ownObject, ownText } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { GenerateRequest, LanguageModel } from "../../core/models/index.ts";
import { createCalling, rawReply } from "./calling.ts";
import { openAiClient } from "./openai-client.ts";
import { collectCompletion } from "./openai-stream.ts";
import type { ProviderConfig } from "./provider.ts";
import { objectsOf, usageWithin } from "./reply.ts";
import type { Reply } from "./reply.ts";
import { isStrict, portableSchema } from "./schema-dialect.ts";
import { streamFromTokens } from "./streaming.ts";

/** OpenAI's chat completions, which most other servers speak too. */
export function createOpenAiChat(provider: ProviderConfig): LanguageModel {
  return createCalling(provider, {
    ask: async (request, key) => {
      const client = await openAiClient(provider, request, key);
      const body = bodyOf(request, provider.takesSchema ?? true);
      const options = { signal: request.signal, headers: { ...request.model.takes.headers } };
      if (limitOf(request) < streamFromTokens) {
        return rawReply(await client.chat.completions.create(body, options).asResponse());
      }
      const stream = { stream: true, stream_options: { include_usage: true } } as const;
      const { data, response } = await client.chat.completions
        .create({ ...body, ...stream }, options)
        .withResponse();
      return { body: await collectCompletion(data), headers: response.headers };
    },
    read: readCompletion,
  });
}

function bodyOf(request: GenerateRequest, takesSchema: boolean) {
  const { model, messages, schema, temperature } = request;
  const { takes } = model;
  const limit = limitOf(request);
  return {
    model: model.id,
    messages: messages.map(({ role, text }) => ({ role, content: text })),
    ...(takes.tokenParameter === "max_tokens"
      ? { max_tokens: limit }
      : { max_completion_tokens: limit }),
    ...(temperature === null || !takes.temperature ? {} : { temperature }),
    ...(takes.reasoning === null ? {} : { reasoning_effort: takes.reasoning }),
    ...(schema === undefined || !takesSchema ? {} : { response_format: formatOf(schema) }),
  };
}

function limitOf({ maxOutputTokens, model }: GenerateRequest): number {
  return maxOutputTokens + model.takes.thinkingTokens;
}

function formatOf({ name, json }: NonNullable<GenerateRequest["schema"]>) {
  const schema = portableSchema(json);
  return {
    type: "json_schema" as const,
    json_schema: { name, schema, strict: isStrict(schema) },
  };
}

function readCompletion(body: unknown): Reply | null {
  const [choice] = isLooseObject(body) ? objectsOf(body["choices"]) : [];
  if (choice === undefined || !isLooseObject(body) || !isLooseObject(choice["message"])) {
    return null;
  }
  const { message } = choice;
  const refusal = isLooseObject(message) ? ownText(message, "refusal") : null;
  return {
    text: refusal ?? textOf(ownObject(choice, "message")),
    finish: refusal === null ? finishOf(choice["finish_reason"]) : "refusal",
    usage: usageOfBody(ownObject(body, "usage")),
  };
}

/** A text, or a list of parts with texts. */
function textOf(message: LooseObject): string {
  return (
    ownText(message, "content") ??
    objectsOf(message["content"])
      .map((part) => ownText(part, "text") ?? "")
      .join("")
  );
}

function usageOfBody(usage: LooseObject): Reply["usage"] {
  const details = ownObject(usage, "prompt_tokens_details");
  return usageWithin({
    inputTokens: usage["prompt_tokens"],
    outputTokens: usage["completion_tokens"],
    cacheReadTokens: details["cached_tokens"],
    cacheWriteTokens: details["cache_write_tokens"],
  });
}

function finishOf(reason: unknown): Reply["finish"] {
  if (reason === "content_filter") {
    return "refusal";
  }
  return reason === "length" ? "length" : "stop";
}
