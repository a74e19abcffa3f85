import {
  BrokenCircuitError,
  CircuitState,
  ConsecutiveBreaker,
  circuitBreaker,
  handleWhen,
} from "cockatiel";
import type { CircuitBreakerPolicy } from "cockatiel";

import type { GenerateRequest } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import type { ModelFault } from "../model-error.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";

export interface BreakerDeps {
  /** How many calls in a row must fail, their retries included. Default 5. */
  readonly failures?: number | undefined;
  /** How long no call goes to the provider, in milliseconds; then one call tries it. Default 300 000. */
  readonly openMs?: number | undefined;
  readonly onEvent: OnModelEvent;
}

/** What tells that a provider is ill. A bad key, a bad request or a full bucket says nothing about the next call. */
const ills: ReadonlySet<ModelFault> = new Set(["network", "overloaded", "timeout"]);

/**
 * Stops calling a provider that fails. Five calls in a row that no retry could save open its breaker for 300 s; then one call tries it, and
 * its end decides. It stands outside the retries: a short break of the network, which all seats of a panel feel at once, is theirs to mend.
 *
 * @throws {ModelError} `open`, at once and without sending.
 */
export function breaking({ failures = 5, openMs = 300_000, onEvent }: BreakerDeps): Policy {
  const breakers = new Map<string, CircuitBreakerPolicy>();
  const breakerOf = (provider: string): CircuitBreakerPolicy => {
    const known = breakers.get(provider);
    if (known !== undefined) {
      return known;
    }
    const fresh: CircuitBreakerPolicy = circuitBreaker(
      handleWhen((error) => error instanceof ModelError && isFailure(error, fresh.state)),
      { halfOpenAfter: openMs, breaker: new ConsecutiveBreaker(failures) },
    );
    fresh.onStateChange((state) => {
      if (state !== CircuitState.HalfOpen) {
        onEvent({ kind: "breaker", provider, isOpen: state === CircuitState.Open });
      }
    });
    breakers.set(provider, fresh);
    return fresh;
  };
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      const { provider } = request.model;
      try {
        return await breakerOf(provider).execute(() => next.generate(request));
      } catch (error) {
        throw error instanceof BrokenCircuitError ? openError(provider, error) : error;
      }
    },
  });
}

/** A trial that was given up, or never left, has not shown that the provider is well again. */
function isFailure({ fault, wasSent }: ModelError, state: CircuitState): boolean {
  const isTrial = state === CircuitState.HalfOpen;
  return ills.has(fault) || (isTrial && (fault === "aborted" || !wasSent));
}

function openError(provider: string, cause: unknown): ModelError {
  return new ModelError({
    fault: "open",
    message: `The provider ${provider} failed several times in a row and is not asked for a while.`,
    wasSent: false,
    cause,
  });
}
