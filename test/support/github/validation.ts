import { faultsOf } from "./description.ts";
import type { Match } from "./description.ts";
import type { Json, JsonObject } from "./json.ts";

/** A request or response that GitHub's description does not allow. */
export interface Violation {
  readonly side: "request" | "response";
  /** `METHOD path` as it was sent. */
  readonly call: string;
  readonly faults: readonly string[];
}

/** An error of any of the forms that GitHub has. */
const anyError: JsonObject = {
  anyOf: ["basic-error", "validation-error", "validation-error-simple"].map((name) => ({
    $ref: `github:${name}`,
  })),
};

/** What a request carries. */
export interface Asked {
  readonly match: Match;
  readonly query: URLSearchParams;
  /** Undefined where no body was sent. */
  readonly body: Json | undefined;
}

/** Holds a request to the description: path, query and body, all closed to what is not described. */
export function requestFaults({ match, query, body }: Asked): readonly string[] {
  const { operation, params } = match;
  return [
    ...operation.parameters.flatMap((parameter) => {
      const value = parameter.in === "path" ? params[parameter.name] : query.get(parameter.name);
      if (value === undefined || value === null) {
        return parameter.required ? [`${parameter.in} ${parameter.name} is missing`] : [];
      }
      const key = `${operation.name} ${parameter.name}`;
      return faultsOf(key, parameter.schema, typedBy(parameter.schema, value)).map(
        (fault) => `${parameter.in} ${parameter.name}: ${fault}`,
      );
    }),
    ...[...query.keys()]
      .filter((name) => !operation.parameters.some((known) => known.name === name))
      .map((name) => `query ${name} is not described`),
    ...bodyFaults({ match, query, body }),
  ];
}

/** Holds a response to the description: its status and its body. */
export function responseFaults(match: Match, status: number, body: Json): readonly string[] {
  const { operation } = match;
  const listed = operation.responses[String(status)];
  if (listed === undefined) {
    // See the errata: these statuses belong to every operation.
    const isCommon = [304, 401, 403, 404, 422, 429].includes(status) || status >= 500;
    return isCommon
      ? faultsOf("any error", anyError, body ?? {})
      : [`status ${String(status)} is not described for ${operation.name}`];
  }
  if (listed === null) {
    return body === null || status >= 400
      ? []
      : [`a body is not described for status ${String(status)}`];
  }
  const faults = faultsOf(`${operation.name} ${String(status)}`, listed, body);
  const isError = status >= 400 && faultsOf("any error", anyError, body).length === 0;
  return isError ? [] : faults;
}

function bodyFaults({ match, body }: Asked): readonly string[] {
  const { operation } = match;
  const described = operation.body;
  if (described === null) {
    const isNothing = body === undefined || JSON.stringify(body) === "{}";
    return isNothing ? [] : ["a body is not described"];
  }
  if (body === undefined) {
    return described.required ? ["the body is missing"] : [];
  }
  return described.schema === null
    ? []
    : faultsOf(`${operation.name} body`, described.schema, body).map((fault) => `body ${fault}`);
}

/** Text of a path or query as the type that the description asks for. */
function typedBy(schema: JsonObject, value: string): Json {
  const { type } = schema;
  if (type === "integer" || type === "number") {
    return /^-?\d+$/u.test(value) ? Number(value) : value;
  }
  if (type === "boolean") {
    return value === "true" ? true : value === "false" ? false : value;
  }
  return value;
}
