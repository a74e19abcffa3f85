import type { Timer } from "../../base/timer.ts";
import type { GenerateRequest, Generation } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import type { Policy } from "./policy.ts";

export interface TimeoutDeps {
  readonly timer: Timer;
  /** How long one try may take at a provider, in milliseconds. */
  readonly timeoutMsOf: (provider: string) => number;
}

/**
 * Ends a try that takes too long or whose caller gives up, also where the port below does not listen to its signal. The time begins when
 * the request leaves: waiting for a rate limit or a free place does not count. A swarm's own end comes through the request's signal.
 *
 * @throws {ModelError} `timeout` or `aborted`; both were sent.
 */
export function limitingTime({ timer, timeoutMsOf }: TimeoutDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>): Promise<Generation<T>> => {
      const timeoutMs = timeoutMsOf(request.model.provider);
      const over = new AbortController();
      const late = new AbortController();
      const watch = async (): Promise<void> => {
        await timer.sleep(timeoutMs, over.signal);
        if (!over.signal.aborted) {
          late.abort(lateError(request, timeoutMs));
        }
      };
      void watch();
      const signal = AbortSignal.any([request.signal, late.signal]);
      try {
        const call = next.generate({ ...request, signal });
        return await Promise.race([call, ended(signal, over.signal)]);
      } catch (error) {
        throw late.signal.aborted ? lateError(request, timeoutMs) : error;
      } finally {
        over.abort();
      }
    },
  });
}

/** Rejects when the call is ended from outside; never settles otherwise. */
function ended(signal: AbortSignal, over: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const end = (): void => {
      const cause: unknown = signal.reason;
      const message = "The call was given up while it ran.";
      reject(new ModelError({ fault: "aborted", message, cause }));
    };
    if (signal.aborted) {
      end();
    } else {
      signal.addEventListener("abort", end, { once: true, signal: over });
    }
  });
}

function lateError({ model }: GenerateRequest, timeoutMs: number): ModelError {
  return new ModelError({
    fault: "timeout",
    message: `${model.name} did not answer within ${String(timeoutMs / 1_000)} s.`,
  });
}
