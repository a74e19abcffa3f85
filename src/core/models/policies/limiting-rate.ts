import Bottleneck from "bottleneck";

import type { Timer } from "../../base/timer.ts";
import type { GenerateRequest, Generation } from "../language-model.ts";
import type { Model } from "../model.ts";
import { ModelError } from "../model-error.ts";
import { abortedError } from "./aborting.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";
import type { Told } from "./rate-window.ts";
import type { Bucket } from "./tier.ts";
import { createWaitingLine } from "./waiting-line.ts";
import type { WaitingLine } from "./waiting-line.ts";

/** How fast a provider may be asked. */
export interface Rate {
  /** Its declared tier, which counts until a header tells more; null: `auto`. */
  readonly tier: Bucket | null;
  /** What its people allow, whatever the headers say; null: no cap of their own. */
  readonly cap: Bucket | null;
}

export interface RateDeps {
  readonly timer: Timer;
  readonly rateOf: (provider: string) => Rate;
  readonly onEvent: OnModelEvent;
}

/**
 * Keeps each model of each provider within its rate: calls beyond it stand in line and their callers are told, none is dropped. A declared
 * tier is a token bucket; as soon as the provider's headers tell the limit, what remains of it and when it begins anew, these count instead.
 */
export function limitingRate(deps: RateDeps): Policy {
  const gates = new Map<string, Gate>();
  const gateOf = ({ provider, id }: Model): Gate => {
    const key = JSON.stringify([provider, id]);
    const gate = gates.get(key) ?? createGate(deps, deps.rateOf(provider));
    gates.set(key, gate);
    return gate;
  };
  return (next) => ({
    generate: <T>(request: GenerateRequest<T>): Promise<Generation<T>> =>
      gateOf(request.model).pass(request, () => next.generate(request)),
  });
}

interface Gate {
  pass<T>(request: GenerateRequest, call: () => Promise<Generation<T>>): Promise<Generation<T>>;
}

function createGate({ timer, onEvent }: RateDeps, { tier, cap }: Rate): Gate {
  const line = createWaitingLine(timer);
  const tierBucket = tier === null ? null : createBucket(tier);
  const capBucket = cap === null ? null : createBucket(cap);
  return {
    pass: async (request, call) => {
      const onWait = (waitMs: number | null): void => {
        onEvent({ kind: "waiting", request, waitMs });
      };
      const { signal } = request;
      for (const bucket of [capBucket, line.limit() === null ? tierBucket : null]) {
        if (bucket !== null) {
          await draw(bucket, { signal, timer, onWait });
        }
      }
      return inLine(line, { signal, onWait, call });
    },
  };
}

interface Passing<T> {
  readonly signal: AbortSignal;
  readonly onWait: (waitMs: number | null) => void;
  readonly call: () => Promise<Generation<T>>;
}

async function inLine<T>(
  line: WaitingLine,
  { signal, onWait, call }: Passing<T>,
): Promise<Generation<T>> {
  const place = await line.enter(signal, onWait);
  try {
    const generation = await call();
    line.leave(place, { limits: generation.limits, isRefused: false, retryAfterMs: null });
    return generation;
  } catch (error) {
    line.leave(place, toldBy(error));
    throw error;
  }
}

function toldBy(error: unknown): Told {
  if (!(error instanceof ModelError)) {
    return { limits: null, isRefused: false, retryAfterMs: null };
  }
  const { limits, fault, retryAfterMs } = error;
  return { limits, isRefused: fault === "rate_limited", retryAfterMs };
}

function createBucket({ capacity, refill, intervalMs }: Bucket): Bottleneck {
  return new Bottleneck({
    reservoir: capacity,
    reservoirIncreaseAmount: refill,
    reservoirIncreaseInterval: intervalMs,
    reservoirIncreaseMaximum: capacity,
  });
}

interface Drawing {
  readonly signal: AbortSignal;
  readonly timer: Timer;
  readonly onWait: (waitMs: number | null) => void;
}

/** Longer than any wait: the buckets' own timers do not keep a process alive, this one does. */
const aDayMs = 86_400_000;

/** Takes one request out of a bucket. */
async function draw(bucket: Bottleneck, { signal, timer, onWait }: Drawing): Promise<void> {
  const isDrawn = new AbortController();
  if ((await bucket.currentReservoir()) === 0) {
    onWait(null);
  }
  const drawn = bucket.schedule(() => Promise.resolve(isDrawn.abort()));
  await Promise.race([drawn, timer.sleep(aDayMs, AbortSignal.any([signal, isDrawn.signal]))]);
  if (signal.aborted) {
    throw abortedError(signal);
  }
  await drawn;
}
