import { isLooseObject } from "../../../src/core/base/loose-object.ts";
import type { Answer, ModelCall } from "./call.ts";
import type { ServedError } from "./wire.ts";

const words: Readonly<Record<number, readonly [type: string, code: string | null, text: string]>> =
  {
    400: ["invalid_request_error", null, "We could not parse the JSON body of your request."],
    401: ["invalid_request_error", "invalid_api_key", "Incorrect API key provided: sk-...."],
    403: ["invalid_request_error", "unsupported_country_region_territory", "Not supported."],
    404: ["invalid_request_error", "model_not_found", "The model does not exist."],
    429: ["requests", "rate_limit_exceeded", "Rate limit reached for requests."],
    500: ["server_error", null, "The server had an error while processing your request."],
    503: ["server_error", null, "The engine is currently overloaded, please try again later."],
  };

/** The body of an error as OpenAI writes it. */
export function openAiError(answer: Extract<Answer, { kind: "status" }>, call: ModelCall): unknown {
  const [type, code, text] = words[answer.status] ?? ["server_error", null, "Error"];
  const said =
    answer.status === 404
      ? `The model \`${call.model}\` does not exist or you do not have access to it.`
      : text;
  return {
    error: {
      message: answer.message ?? said,
      type: answer.code ?? type,
      param: null,
      code: answer.code ?? code,
    },
  };
}

/** A 400 about one parameter. */
export function openAiRefusal(param: string, code: string, message: string): ServedError {
  return {
    status: 400,
    body: { error: { message, type: "invalid_request_error", param, code } },
  };
}

/** What strict schemas must say of each object, else the 400 of a schema that does not; null when all is well. */
export function strictSchemaRefusal(
  { schema, strict, name }: Readonly<Record<string, unknown>>,
  param: string,
): ServedError | null {
  const flaw = strict === true ? schemaFlaw(schema) : null;
  return flaw === null
    ? null
    : openAiRefusal(
        param,
        "invalid_json_schema",
        `Invalid schema for response_format '${String(name)}': In context=(), ${flaw}`,
      );
}

function schemaFlaw(schema: unknown): string | null {
  if (Array.isArray(schema)) {
    return schema.map((part) => schemaFlaw(part)).find((flaw) => flaw !== null) ?? null;
  }
  if (!isLooseObject(schema)) {
    return null;
  }
  const { type, properties, required, additionalProperties } = schema;
  if (type === "object") {
    if (additionalProperties !== false) {
      return "'additionalProperties' is required to be supplied and to be false.";
    }
    const named: readonly unknown[] = Array.isArray(required) ? required : [];
    const missing = Object.keys(properties ?? {}).find((key) => !named.includes(key));
    if (missing !== undefined) {
      return `'required' is required to be supplied and to be an array including every key in properties. Missing '${missing}'.`;
    }
  }
  return (
    Object.values(schema)
      .map((part) => schemaFlaw(part))
      .find((flaw) => flaw !== null) ?? null
  );
}
