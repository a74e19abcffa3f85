import { isLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import { mayHaveArrived, systemCode } from "../process/broken-connection.ts";
import { ModelError } from "../../core/models/index.ts";
import type { GenerateRequest, ModelFault, TokenUsage } from "../../core/models/index.ts";
import { limitsOf, retryAfterMsOf } from "./limits.ts";
import type { ProviderConfig, RawReply } from "./provider.ts";

/** Where a call failed. */
export interface FailedCall {
  readonly provider: ProviderConfig;
  readonly request: Pick<GenerateRequest, "model" | "signal">;
  readonly nowMs: number;
}

/** Tells what went wrong with a call, in words of ours; what the provider wrote stays out. */
export function modelErrorOf(error: unknown, call: FailedCall): ModelError {
  if (error instanceof ModelError) {
    return error;
  }
  if (call.request.signal.aborted) {
    return givenUp(call.request.signal);
  }
  const status = isLooseObject(error) ? error["status"] : undefined;
  return typeof status === "number" && isLooseObject(error)
    ? refusedError(status, error, call)
    : brokenError(error, call);
}

/** A call that its caller ended, or whose time was up. */
export function givenUp({ reason }: AbortSignal, wasSent = true): ModelError {
  const isLate =
    reason instanceof ModelError
      ? reason.fault === "timeout"
      : reason instanceof Error && reason.name === "TimeoutError";
  return new ModelError({
    fault: isLate ? "timeout" : "aborted",
    message: isLate ? "The model did not answer in time." : "The call was given up.",
    wasSent,
    cause: reason,
  });
}

/** An answer with status 200 that is no answer. */
function badReply(what: string, { provider, request }: FailedCall): ModelError {
  return new ModelError({
    fault: "bad_reply",
    message: `Provider ${provider.name} sent ${what} for model ${request.model.name}. Check its base_url and kind in skein.yml.`,
  });
}

const noTokens: TokenUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
};

/** Words that stand for a status in answers that were sent with status 200. */
const statuses: Readonly<Record<string, number>> = { server_error: 500, rate_limit_exceeded: 429 };

/** The error that stands in a body which is no answer: routers and failed responses send it with status 200. */
export function badBody({ body, headers }: RawReply, call: FailedCall): ModelError {
  const error = isLooseObject(body) && isLooseObject(body["error"]) ? body["error"] : {};
  const { code } = error;
  const status = typeof code === "string" ? statuses[code] : code;
  return typeof status === "number" && status >= 400 && status < 600
    ? refusedError(status, { error, headers }, call)
    : badReply("an answer that is none", call);
}

/** A status instead of an answer. Requests that were turned away cost nothing; other errors of a server may have cost. */
function refusedError(status: number, error: LooseObject, call: FailedCall): ModelError {
  const { provider, request, nowMs } = call;
  const code = codeOf(error);
  const fault = faultOf(status, code);
  const headers = error["headers"] instanceof Headers ? error["headers"] : new Headers();
  const word = code === null ? "" : ` (${code})`;
  return new ModelError({
    fault,
    message: `Provider ${provider.name} answered ${String(status)}${word} for model ${request.model.name}. ${adviceOf(fault, status, call)}`,
    retryAfterMs: retryAfterMsOf(headers, nowMs),
    limits: limitsOf(headers, nowMs),
    usage: status < 500 || status === 503 || status === 529 ? noTokens : null,
  });
}

/** Words for "the money at the provider is used up": waiting does not help. */
const brokeCodes = new Set(["insufficient_quota", "billing_error", "billing_hard_limit_reached"]);

const faults: Readonly<Record<number, ModelFault>> = {
  401: "auth",
  402: "auth",
  403: "auth",
  408: "timeout",
  429: "rate_limited",
  504: "timeout",
};

function faultOf(status: number, code: string | null): ModelFault {
  if (brokeCodes.has(code ?? "")) {
    return "auth";
  }
  const named = faults[status];
  if (named !== undefined || status >= 500) {
    return named ?? "overloaded";
  }
  return status >= 400 ? "bad_request" : "bad_reply";
}

function adviceOf(fault: ModelFault, status: number, { provider, request }: FailedCall): string {
  if (fault === "auth") {
    const key = provider.key === null ? "set its api_key" : `check ${provider.key.reference}`;
    return `The key is missing, wrong, not allowed this model or out of credit: ${key}.`;
  }
  if (fault === "bad_request") {
    return status === 404
      ? `It knows no model ${request.model.id}, or its base_url is wrong.`
      : "The model does not take this request: compare its parameters in skein.yml with its documentation.";
  }
  return "Try again later.";
}

/** The provider's word for the error and the parameter it speaks of, where they are words and no text. */
function codeOf(error: LooseObject): string | null {
  const inner = isLooseObject(error["error"]) ? error["error"] : {};
  const nested = isLooseObject(inner["error"]) ? inner["error"] : {};
  const word = [error["code"], inner["code"], nested["code"], error["type"], inner["type"]].find(
    isWord,
  );
  const parameter = [error["param"], inner["param"]].find(isWord);
  return word === undefined ? null : word + (parameter === undefined ? "" : `: ${parameter}`);
}

function isWord(value: unknown): value is string {
  return typeof value === "string" && /^[a-z][a-z0-9_.]{1,59}$/u.test(value);
}

function brokenError(error: unknown, call: FailedCall): ModelError {
  if (error instanceof SyntaxError) {
    return badReply("something that is no JSON", call);
  }
  const { provider, request } = call;
  const code = systemCode(error);
  const isLate =
    (error instanceof Error && error.constructor.name === "APIConnectionTimeoutError") ||
    code === "UND_ERR_HEADERS_TIMEOUT" ||
    code === "UND_ERR_BODY_TIMEOUT" ||
    code === "ETIMEDOUT";
  const word = code === null ? "" : ` (${code})`;
  return new ModelError({
    fault: isLate ? "timeout" : "network",
    message: `The connection to provider ${provider.name} broke${word} while model ${request.model.name} was asked. Check that it can be reached${provider.baseUrl === null ? "" : " at its base_url"}.`,
    wasSent: mayHaveArrived(code),
    cause: error,
  });
}
