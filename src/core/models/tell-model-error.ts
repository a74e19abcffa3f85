import { SkeinError } from "../base/errors.ts";
import type { ErrorEntry } from "../base/errors.ts";
import { modelErrors } from "./errors.ts";
import type { ModelError, ModelFault } from "./model-error.ts";

const entries: Readonly<Record<ModelFault, ErrorEntry>> = {
  rate_limited: modelErrors.rateLimited,
  overloaded: modelErrors.overloaded,
  timeout: modelErrors.timeout,
  network: modelErrors.network,
  auth: modelErrors.auth,
  bad_request: modelErrors.badRequest,
  bad_reply: modelErrors.badReply,
  redaction: modelErrors.redaction,
  budget: modelErrors.budget,
  open: modelErrors.open,
  aborted: modelErrors.aborted,
};

/** A failed call as an error of the catalogue: what people and programs are told, with a code and the next step. */
export function tellModelError(error: ModelError): SkeinError {
  const { fault, message, retryAfterMs, cause } = error;
  return new SkeinError(entries[fault], {
    message,
    fix: cause instanceof SkeinError ? cause.fix : undefined,
    facts: { fault },
    retryAfterMs: retryAfterMs ?? undefined,
    cause: error,
  });
}
