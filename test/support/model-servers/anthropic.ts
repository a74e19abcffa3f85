import { usageOf } from "./call.ts";
import type { ModelCall, TextAnswer } from "./call.ts";
import { bearerOf, listOf, numberOf, pieces, turnText } from "./wire.ts";
import type { ServedEvent, Wire } from "./wire.ts";

const types: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ["invalid_request_error", "Invalid request."],
  401: ["authentication_error", "invalid x-api-key"],
  402: ["billing_error", "Your credit balance is too low to access the Anthropic API."],
  403: ["permission_error", "Your API key does not have permission to use this resource."],
  404: ["not_found_error", "Not found"],
  413: ["request_too_large", "Request exceeds the maximum size"],
  429: ["rate_limit_error", "This request would exceed your organization's rate limit."],
  500: ["api_error", "Internal server error"],
  504: ["timeout_error", "The request timed out."],
  529: ["overloaded_error", "Overloaded"],
};

const stops = { stop: "end_turn", length: "max_tokens", refusal: "refusal" } as const;

/** `POST /v1/messages`. */
export const anthropicWire: Wire = {
  format: "anthropic",
  path: "/v1/messages",
  read: (body) => ({
    system: turnText(body["system"]),
    prompt: listOf(body["messages"])
      .map(({ content }) => turnText(content))
      .join("\n\n"),
    maxTokens: numberOf(body["max_tokens"]),
  }),
  refuse: (call, model) => {
    const message = complaint(call, model);
    return message === null ? null : { status: 400, body: errorBody(400, { message }) };
  },
  keyOf: (headers) => headers["x-api-key"] ?? bearerOf(headers),
  json: (answer, call) => ({
    ...messageHead(call),
    content: [
      ...(answer.thinking === undefined
        ? []
        : [{ type: "thinking", thinking: answer.thinking, signature: "c2ln" }]),
      { type: "text", text: answer.text, citations: null },
    ],
    stop_reason: stops[answer.finish ?? "stop"],
    usage: usage(answer, call),
  }),
  events: (answer, call) => [
    {
      event: "message_start",
      data: {
        type: "message_start",
        message: {
          ...messageHead(call),
          content: [],
          stop_reason: null,
          usage: { ...usage(answer, call), output_tokens: 1 },
        },
      },
    },
    { event: "ping", data: { type: "ping" } },
    ...blockEvents(answer),
    {
      event: "message_delta",
      data: {
        type: "message_delta",
        delta: { stop_reason: stops[answer.finish ?? "stop"], stop_sequence: null },
        usage: usage(answer, call),
      },
    },
    { event: "message_stop", data: { type: "message_stop" } },
  ],
  error: ({ status, code, message }, call) =>
    errorBody(status, {
      type: code,
      message: message ?? (status === 404 ? `model: ${call.model}` : undefined),
    }),
};

function complaint({ body, maxTokens, model }: ModelCall, served: Parameters<Wire["refuse"]>[1]) {
  if (maxTokens === null) {
    return "max_tokens: Field required";
  }
  if (served.refusesTemperature === true && "temperature" in body) {
    return "`temperature` is deprecated for this model.";
  }
  const limit = served.maxOutputTokens ?? Number.POSITIVE_INFINITY;
  return maxTokens > limit
    ? `max_tokens: ${String(maxTokens)} > ${String(limit)}, which is the maximum allowed number of output tokens for ${model}`
    : null;
}

function errorBody(
  status: number,
  more: { readonly type?: string | undefined; readonly message?: string | undefined },
): unknown {
  const [type, message] = types[status] ?? ["api_error", "Error"];
  return {
    type: "error",
    error: { type: more.type ?? type, message: more.message ?? message },
    request_id: "req_test",
  };
}

function messageHead(call: ModelCall): Readonly<Record<string, unknown>> {
  return {
    id: `msg_${String(call.number)}`,
    type: "message",
    role: "assistant",
    model: call.model,
    stop_sequence: null,
    stop_details: null,
  };
}

function usage(answer: TextAnswer, call: ModelCall): object | null {
  const used = usageOf(answer, call);
  return used === null
    ? null
    : {
        input_tokens: used.inputTokens,
        output_tokens: used.outputTokens,
        cache_read_input_tokens: used.cacheReadTokens,
        cache_creation_input_tokens: used.cacheWriteTokens,
        service_tier: "standard",
      };
}

function blockEvents({ text, thinking }: TextAnswer): readonly ServedEvent[] {
  const blocks = [
    ...(thinking === undefined
      ? []
      : [
          {
            start: { type: "thinking", thinking: "", signature: "" },
            deltas: pieces(thinking).map((piece) => ({ type: "thinking_delta", thinking: piece })),
          },
        ]),
    {
      start: { type: "text", text: "", citations: null },
      deltas: pieces(text).map((piece) => ({ type: "text_delta", text: piece })),
    },
  ];
  return blocks.flatMap(({ start, deltas }, index) =>
    [
      { type: "content_block_start", index, content_block: start },
      ...deltas.map((delta) => ({ type: "content_block_delta", index, delta })),
      { type: "content_block_stop", index },
    ].map((data) => ({ event: data.type, data })),
  );
}
