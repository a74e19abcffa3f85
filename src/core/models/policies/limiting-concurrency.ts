import PQueue from "p-queue";

import type { GenerateRequest, Generation } from "../language-model.ts";
import { abortedError } from "./aborting.ts";
import type { Policy } from "./policy.ts";

export interface ConcurrencyDeps {
  /** How many calls a provider gets at once, from 1. */
  readonly concurrencyOf: (provider: string) => number;
}

/** Lets a provider have so many calls at once, in the order in which they came; a call whose caller gives up leaves the line. */
export function limitingConcurrency({ concurrencyOf }: ConcurrencyDeps): Policy {
  const queues = new Map<string, PQueue>();
  const queueOf = (provider: string): PQueue => {
    const queue = queues.get(provider) ?? new PQueue({ concurrency: concurrencyOf(provider) });
    queues.set(provider, queue);
    return queue;
  };
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>): Promise<Generation<T>> => {
      const { signal, model } = request;
      const begun: { call: Promise<Generation<T>> | null } = { call: null };
      const begin = (): Promise<Generation<T>> => (begun.call = next.generate(request));
      return queueOf(model.provider)
        .add(begin, { signal })
        .catch((error: unknown) => {
          if (begun.call !== null) {
            // The queue gives up at once; a call that has begun ends in its own way.
            return begun.call;
          }
          throw signal.aborted ? abortedError(signal) : error;
        });
    },
  });
}
