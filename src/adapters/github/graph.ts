import { SkeinError } from "../../core/base/errors.ts";
import { isLooseObject, ownText, ownValue } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { cleanLine } from "../../core/base/text.ts";
import { hostingErrors } from "../../core/hosting/index.ts";
import { needObject } from "./shapes.ts";
import type { Line, Values } from "./wire.ts";

/** The host's other language. Queries are constants of ours; what differs is in their variables. */
export interface Graph {
  /** Asks. @throws {SkeinError} SKN-3651, SKN-5651, SKN-4651 or SKN-7651 by the first error's type */
  query(query: string, variables: Values): Promise<LooseObject>;
  /** Changes something to what it then is. */
  set(query: string, variables: Values): Promise<LooseObject>;
}

export function createGraph(line: Line, graphqlUrl: string): Graph {
  const send = async (query: string, variables: Values): Promise<LooseObject> => {
    const name = /^\s*(?:query|mutation)\s+\w+/u.exec(query)?.[0].trim() ?? "query";
    return line.call(`POST /graphql (${name})`, async () => {
      const answer = await line.client.request("POST /graphql", {
        baseUrl: graphqlUrl.replace(/\/graphql$/u, ""),
        query,
        variables,
      });
      return readAnswer(answer, name);
    });
  };
  return {
    query: send,
    set: async (query, variables) => line.write(async () => send(query, variables)),
  };
}

function readAnswer(answer: unknown, name: string): LooseObject {
  const body = needObject(answer, "the answer");
  const errors = ownValue(body, "errors");
  const [first] = Array.isArray(errors) ? errors.filter(isLooseObject) : [];
  if (first !== undefined) {
    throw refused(first, name);
  }
  return needObject(ownValue(body, "data"), "data");
}

const entries = {
  FORBIDDEN: hostingErrors.denied,
  INSUFFICIENT_SCOPES: hostingErrors.denied,
  NOT_FOUND: hostingErrors.missing,
  RATE_LIMITED: hostingErrors.unreachable,
  SERVICE_UNAVAILABLE: hostingErrors.unreachable,
} as const;

function refused(error: LooseObject, name: string): SkeinError {
  const type = ownText(error, "type") ?? "";
  const entry = Object.entries(entries).find(([key]) => key === type)?.[1];
  const said = cleanLine(ownText(error, "message") ?? "", 300);
  return new SkeinError(entry ?? hostingErrors.rejected, {
    message: `The code host refused ${name}.`,
    facts: { type: cleanLine(type, 60), host_said: said },
    ...(entry === hostingErrors.unreachable ? { retryAfterMs: 60_000 } : {}),
  });
}
