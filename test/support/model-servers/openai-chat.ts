import { ownObject } from "../../../src/core/base/loose-object.ts";
import { usageOf } from "./call.ts";
import type { ModelCall, TextAnswer } from "./call.ts";
import { openAiError, openAiRefusal, strictSchemaRefusal } from "./openai-errors.ts";
import { bearerOf, listOf, numberOf, pieces, turnText } from "./wire.ts";
import type { Wire } from "./wire.ts";

const finishes = { stop: "stop", length: "length", refusal: "content_filter" } as const;

/** `POST /v1/chat/completions`, as OpenAI and the many servers that follow it speak it. */
export const chatWire: Wire = {
  format: "openai-chat",
  path: "/chat/completions",
  read: (body) => {
    const turns = listOf(body["messages"]);
    const textOf = (wanted: boolean): string =>
      turns
        .filter(({ role }) => isSystem(role) === wanted)
        .map(({ content }) => turnText(content))
        .join("\n\n");
    return {
      system: textOf(true),
      prompt: textOf(false),
      maxTokens: numberOf(body["max_completion_tokens"], body["max_tokens"]),
    };
  },
  refuse: (call, model) => {
    const { body } = call;
    if (model.refusesMaxTokens === true && "max_tokens" in body) {
      return openAiRefusal(
        "max_tokens",
        "unsupported_parameter",
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
      );
    }
    if (model.refusesTemperature === true && "temperature" in body) {
      return openAiRefusal(
        "temperature",
        "unsupported_value",
        `Unsupported value: 'temperature' does not support ${String(body["temperature"])} with this model. Only the default (1) value is supported.`,
      );
    }
    if ((call.maxTokens ?? 0) > (model.maxOutputTokens ?? Number.POSITIVE_INFINITY)) {
      return openAiRefusal(
        "max_tokens",
        "invalid_value",
        `max_tokens is too large: ${String(call.maxTokens)}.`,
      );
    }
    const format = ownObject(ownObject(body, "response_format"), "json_schema");
    return strictSchemaRefusal(format, "response_format");
  },
  keyOf: bearerOf,
  json: (answer, call) => ({
    ...head(call, "chat.completion"),
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: answer.text,
          refusal: null,
          ...(answer.thinking === undefined ? {} : { reasoning_content: answer.thinking }),
        },
        logprobs: null,
        finish_reason: finishes[answer.finish ?? "stop"],
      },
    ],
    ...(answer.usage === null ? {} : { usage: usage(answer, call) }),
  }),
  events: (answer, call) => {
    const chunk = (delta: object, finish: string | null): unknown => ({
      ...head(call, "chat.completion.chunk"),
      choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    });
    const isCounted = ownObject(call.body, "stream_options")["include_usage"] === true;
    return [
      chunk({ role: "assistant", content: "" }, null),
      ...pieces(answer.text).map((content) => chunk({ content }, null)),
      chunk({}, finishes[answer.finish ?? "stop"]),
      ...(isCounted
        ? [{ ...head(call, "chat.completion.chunk"), choices: [], usage: usage(answer, call) }]
        : []),
    ].map((data) => ({ event: null, data }));
  },
  error: openAiError,
};

function isSystem(role: unknown): boolean {
  return role === "system" || role === "developer";
}

function head(call: ModelCall, object: string): Readonly<Record<string, unknown>> {
  return {
    id: `chatcmpl-${String(call.number)}`,
    object,
    created: 1_790_000_000,
    model: call.model,
    system_fingerprint: "fp_test",
  };
}

function usage(answer: TextAnswer, call: ModelCall): unknown {
  const used = usageOf(answer, call);
  if (used === null) {
    return null;
  }
  const prompt = used.inputTokens + used.cacheReadTokens + used.cacheWriteTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: used.outputTokens,
    total_tokens: prompt + used.outputTokens,
    prompt_tokens_details: {
      cached_tokens: used.cacheReadTokens,
      cache_write_tokens: used.cacheWriteTokens,
    },
    completion_tokens_details: { reasoning_tokens: 0 },
  };
}
