import { ownObject } from "../../../src/core/base/loose-object.ts";
import { usageOf } from "./call.ts";
import type { ModelCall, TextAnswer } from "./call.ts";
import { openAiError, openAiRefusal, strictSchemaRefusal } from "./openai-errors.ts";
import { bearerOf, listOf, numberOf, pieces, turnText } from "./wire.ts";
import type { Wire } from "./wire.ts";

/** `POST /v1/responses`. */
export const responsesWire: Wire = {
  format: "openai-responses",
  path: "/responses",
  read: (body) => {
    const { input } = body;
    const turns = typeof input === "string" ? [{ role: "user", content: input }] : listOf(input);
    const textOf = (wanted: boolean): readonly string[] =>
      turns
        .filter(({ role }) => (role === "system" || role === "developer") === wanted)
        .map(({ content }) => turnText(content));
    return {
      system: [turnText(body["instructions"]), ...textOf(true)]
        .filter((text) => text !== "")
        .join("\n\n"),
      prompt: textOf(false).join("\n\n"),
      maxTokens: numberOf(body["max_output_tokens"]),
    };
  },
  refuse: ({ body, maxTokens }, model) => {
    if (model.refusesTemperature === true && "temperature" in body) {
      return openAiRefusal(
        "temperature",
        "unsupported_parameter",
        "Unsupported parameter: 'temperature' is not supported with this model.",
      );
    }
    if (maxTokens !== null && maxTokens < 16) {
      return openAiRefusal(
        "max_output_tokens",
        "integer_below_min_value",
        `Invalid 'max_output_tokens': integer below minimum value. Expected a value >= 16, but got ${String(maxTokens)} instead.`,
      );
    }
    return strictSchemaRefusal(ownObject(ownObject(body, "text"), "format"), "text.format.schema");
  },
  keyOf: bearerOf,
  json: response,
  events: (answer, call) =>
    eventsOf({ ...answer, thinking: undefined }, call).map((data, index) => ({
      event: data.type,
      data: { ...data, sequence_number: index },
    })),
  error: openAiError,
};

function eventsOf(
  answer: TextAnswer,
  call: ModelCall,
): readonly { readonly type: string; readonly [field: string]: unknown }[] {
  const whole = response(answer, call);
  const item = message(answer, call);
  const part = partOf(answer);
  const kind = answer.finish === "refusal" ? "refusal" : "output_text";
  const place = { item_id: `msg_${String(call.number)}`, output_index: 0, content_index: 0 };
  return [
    { type: "response.created", response: { ...whole, status: "in_progress", output: [] } },
    {
      type: "response.output_item.added",
      output_index: 0,
      item: { ...item, status: "in_progress", content: [] },
    },
    { type: "response.content_part.added", ...place, part: partOf({ ...answer, text: "" }) },
    ...pieces(answer.text).map((delta) => ({
      type: `response.${kind}.delta`,
      ...place,
      delta,
      logprobs: [],
    })),
    { type: "response.content_part.done", ...place, part },
    { type: "response.output_item.done", output_index: 0, item },
    {
      type: answer.finish === "length" ? "response.incomplete" : "response.completed",
      response: whole,
    },
  ];
}

function response(answer: TextAnswer, call: ModelCall): Readonly<Record<string, unknown>> {
  const isCut = answer.finish === "length";
  return {
    id: `resp_${String(call.number)}`,
    object: "response",
    created_at: 1_790_000_000,
    status: isCut ? "incomplete" : "completed",
    error: null,
    incomplete_details: isCut ? { reason: "max_output_tokens" } : null,
    model: call.model,
    output: [
      ...(answer.thinking === undefined
        ? []
        : [{ id: `rs_${String(call.number)}`, type: "reasoning", summary: [] }]),
      message(answer, call),
    ],
    usage: usage(answer, call),
  };
}

function message(answer: TextAnswer, call: ModelCall): Readonly<Record<string, unknown>> {
  return {
    id: `msg_${String(call.number)}`,
    type: "message",
    role: "assistant",
    status: answer.finish === "length" ? "incomplete" : "completed",
    content: [partOf(answer)],
  };
}

function partOf({ text, finish }: TextAnswer): object {
  return finish === "refusal"
    ? { type: "refusal", refusal: text }
    : { type: "output_text", text, annotations: [], logprobs: [] };
}

function usage(answer: TextAnswer, call: ModelCall): unknown {
  const used = usageOf(answer, call);
  if (used === null) {
    return null;
  }
  const input = used.inputTokens + used.cacheReadTokens + used.cacheWriteTokens;
  return {
    input_tokens: input,
    input_tokens_details: {
      cached_tokens: used.cacheReadTokens,
      cache_write_tokens: used.cacheWriteTokens,
    },
    output_tokens: used.outputTokens,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + used.outputTokens,
  };
}
