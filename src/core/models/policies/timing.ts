import type { Clock } from "../../base/clock.ts";
import type { GenerateRequest, Generation } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";

export interface TimingDeps {
  /** Monotonic. */
  readonly timer: Clock;
  readonly onEvent: OnModelEvent;
}

/** Tells how long each try took and how it ended. It changes nothing. */
export function timing({ timer, onEvent }: TimingDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>): Promise<Generation<T>> => {
      const startMs = timer.nowMs();
      try {
        const generation = await next.generate(request);
        onEvent({ kind: "called", request, tookMs: timer.nowMs() - startMs, fault: null });
        return generation;
      } catch (error) {
        const fault = error instanceof ModelError ? error.fault : "unknown";
        onEvent({ kind: "called", request, tookMs: timer.nowMs() - startMs, fault });
        throw error;
      }
    },
  });
}
