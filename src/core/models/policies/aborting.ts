import { ModelError } from "../model-error.ts";

/** The caller gave up before the request left. */
export function abortedError(signal: AbortSignal): ModelError {
  return new ModelError({
    fault: "aborted",
    message: "The call was given up before it was sent.",
    wasSent: false,
    cause: signal.reason,
  });
}
