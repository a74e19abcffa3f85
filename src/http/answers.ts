import type { ServerResponse } from "node:http";
import { identityErrors } from "../adapters/identity/index.ts";
import { accessErrors } from "../core/access/index.ts";
import { errorBody } from "../core/base/error-body.ts";
import { SkeinError, bodyErrors } from "../core/base/errors.ts";
import type { ErrorKind } from "../core/base/errors.ts";
import { dispatchErrors } from "../core/dispatch/index.ts";
import { leaseErrors } from "../core/leases/index.ts";
import { sessionErrors } from "../core/sessions/index.ts";
import { storeErrors } from "../core/store/index.ts";
import { httpErrors } from "./errors.ts";

/** What a request is answered with, by what its caller can do about it; the one table of statuses. */
export const statuses = {
  failed: 500,
  usage: 400,
  config: 500,
  auth: 403,
  conflict: 409,
  missing: 404,
  budget: 409,
  unavailable: 503,
  unsafe: 403,
  timeout: 504,
} as const satisfies Readonly<Record<ErrorKind, number>>;

/** Too many requests, and not a fault of the store. */
const busy: ReadonlySet<string> = new Set([
  httpErrors.overloaded.code,
  httpErrors.overProjectShare.code,
  sessionErrors.tooFast.code,
  sessionErrors.tooManySessions.code,
  leaseErrors.tooManyLeases.code,
  storeErrors.queueFull.code,
  dispatchErrors.crowded.code,
]);

/** What proved who the caller is counts no more: it did when the request came. */
const unproven: ReadonlySet<string> = new Set([
  accessErrors.unknownToken.code,
  accessErrors.revokedToken.code,
  accessErrors.expiredToken.code,
  identityErrors.badToken.code,
]);

/** Those that HTTP has a status of its own for. */
const ownStatuses: ReadonlyMap<string, number> = new Map([
  [httpErrors.wrongMethod.code, 405],
  [bodyErrors.tooLarge.code, 413],
]);

export function statusOf(error: SkeinError): number {
  if (unproven.has(error.code)) {
    return 401;
  }
  return ownStatuses.get(error.code) ?? (isTooMuch(error) ? 429 : statuses[error.kind]);
}

/** True for what is answered with 429. */
export function isTooMuch(error: unknown): boolean {
  return error instanceof SkeinError && busy.has(error.code);
}

/** Tells when to try again, in whole seconds as the header has it. */
export function retryHeaders(error: SkeinError): Readonly<Record<string, string>> {
  return error.retryAfterMs === null
    ? {}
    : { "retry-after": String(Math.max(1, Math.ceil(error.retryAfterMs / 1_000))) };
}

/** What RFC 6750 asks of every 401. */
function challengeHeaders(error: SkeinError): Readonly<Record<string, string>> {
  return unproven.has(error.code)
    ? { "www-authenticate": 'Bearer realm="skein", error="invalid_token"' }
    : {};
}

export type Headers = Readonly<Record<string, string>>;

/** Answers with JSON. Nothing of it may be kept or guessed at. */
export function sendJson(
  response: ServerResponse,
  status: number,
  { value, headers = {} }: { readonly value: unknown; readonly headers?: Headers | undefined },
): void {
  sendText(response, status, {
    text: JSON.stringify(value),
    headers: { "content-type": "application/json", ...headers },
  });
}

export function sendText(
  response: ServerResponse,
  status: number,
  { text, headers }: { readonly text: string; readonly headers: Headers },
): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  const bytes = Buffer.from(text);
  response.writeHead(status, { ...fixedHeaders, "content-length": bytes.length, ...headers });
  response.end(bytes);
}

export const fixedHeaders: Headers = {
  "cache-control": "no-store",
  "x-content-type-options": "nosniff",
};

/** Answers with what went wrong. */
export function sendError(
  response: ServerResponse,
  error: SkeinError,
  headers: Headers = {},
): void {
  sendJson(response, statusOf(error), {
    value: errorBody(error),
    headers: { ...retryHeaders(error), ...challengeHeaders(error), ...headers },
  });
}
