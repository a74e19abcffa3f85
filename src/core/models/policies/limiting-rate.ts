import Bottleneck from "bottleneck";

import type { Timer } from "../../base/timer.ts";
import type { GenerateRequest, Generation } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import { abortedError } from "./aborting.ts";
import type { OnModelEvent } from "./model-event.ts";
import { answerTokens, promptTokens } from "../tokens.ts";
import type { Tokens } from "../tokens.ts";
import type { Policy } from "./policy.ts";
import type { Bucket } from "./tier.ts";
import type { TokenNeeds } from "./token-windows.ts";
import { createWaitingLine } from "./waiting-line.ts";
import type { Ended, WaitingLine } from "./waiting-line.ts";

/** How fast a provider may be asked. */
export interface Rate {
  /** The declared tier of each of its models, which counts until a header tells more; null: `auto`. */
  readonly tier: Bucket | null;
  /** What its people allow over all its models, whatever the headers say; null: no cap of their own. */
  readonly cap: Bucket | null;
  /** False: a call that would have to wait fails at once, so that another provider can be asked. */
  readonly mayQueue: boolean;
}

export interface RateDeps {
  readonly timer: Timer;
  /** Estimates what a prompt takes of a limit of tokens. */
  readonly tokens: Tokens;
  readonly rateOf: (provider: string) => Rate;
  readonly onEvent: OnModelEvent;
}

/**
 * Keeps each model of each provider within its rate: calls beyond it stand in line and their callers are told, none is dropped. A declared
 * tier is a token bucket; as soon as the provider's headers tell the limit, what remains of it and when it begins anew, these count instead. Of
 * limits of tokens a call takes at its worst: its whole prompt and its longest answer.
 *
 * @throws {ModelError} `rate_limited`, unsent, where calls may not queue.
 */
export function limitingRate(deps: RateDeps): Policy {
  const providers = new Map<string, ProviderGates>();
  const gatesOf = (provider: string): ProviderGates => {
    const gates = providers.get(provider) ?? openGates(deps.rateOf(provider));
    providers.set(provider, gates);
    return gates;
  };
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>): Promise<Generation<T>> => {
      const { rate, cap, models } = gatesOf(request.model.provider);
      const { id } = request.model;
      const gate = models.get(id) ?? createGate(deps.timer, rate);
      models.set(id, gate);
      const passing = passingOf(deps, rate, request);
      await draw(cap, passing);
      await draw(gate.line.limit() === null ? gate.tier : null, passing);
      return inLine(gate.line, passing, () => {
        passing.onGo();
        return next.generate(request);
      });
    },
  });
}

interface ProviderGates {
  readonly rate: Rate;
  readonly cap: Bottleneck | null;
  /** By id. */
  readonly models: Map<string, Gate>;
}

interface Gate {
  readonly line: WaitingLine;
  readonly tier: Bottleneck | null;
}

function openGates(rate: Rate): ProviderGates {
  return { rate, cap: createBucket(rate.cap), models: new Map() };
}

function createGate(timer: Timer, { tier }: Rate): Gate {
  return { line: createWaitingLine(timer), tier: createBucket(tier) };
}

interface Passing {
  readonly timer: Timer;
  readonly needs: TokenNeeds;
  readonly signal: AbortSignal;
  /** @throws {ModelError} where calls may not queue. */
  readonly onWait: (waitMs: number | null) => void;
  /** The call goes, after whatever it waited. */
  readonly onGo: () => void;
}

function passingOf(
  { timer, tokens, onEvent }: RateDeps,
  rate: Rate,
  request: GenerateRequest,
): Passing {
  let sinceMs: number | null = null;
  return {
    timer,
    needs: {
      inputTokens: promptTokens(request, tokens),
      outputTokens: answerTokens(request),
    },
    signal: request.signal,
    onGo: () => {
      if (sinceMs !== null) {
        onEvent({ kind: "waited", request, waitedMs: timer.nowMs() - sinceMs });
      }
    },
    onWait: (waitMs) => {
      if (!rate.mayQueue) {
        throw fullError(request.model.name, waitMs);
      }
      sinceMs ??= timer.nowMs();
      onEvent({ kind: "waiting", request, waitMs });
    },
  };
}

function fullError(model: string, waitMs: number | null): ModelError {
  const message = `The rate limit of ${model} is used up, and calls do not wait (\`features.rate_queue\`).`;
  return new ModelError({ fault: "rate_limited", message, retryAfterMs: waitMs, wasSent: false });
}

async function inLine<T>(
  line: WaitingLine,
  { signal, onWait, needs }: Passing,
  call: () => Promise<Generation<T>>,
): Promise<Generation<T>> {
  const place = await line.enter({ signal, onWait, needs });
  try {
    const generation = await call();
    line.leave(place, { ...answered, limits: generation.limits });
    return generation;
  } catch (error) {
    line.leave(place, toldBy(error));
    throw error;
  }
}

const answered: Ended = { limits: null, isRefused: false, retryAfterMs: null, wasSent: true };

function toldBy(error: unknown): Ended {
  if (!(error instanceof ModelError)) {
    return answered;
  }
  const { limits, fault, retryAfterMs, wasSent } = error;
  return { limits, isRefused: fault === "rate_limited", retryAfterMs, wasSent };
}

function createBucket(bucket: Bucket | null): Bottleneck | null {
  if (bucket === null) {
    return null;
  }
  return new Bottleneck({
    reservoir: bucket.capacity,
    reservoirIncreaseAmount: bucket.refill,
    reservoirIncreaseInterval: bucket.intervalMs,
    reservoirIncreaseMaximum: bucket.capacity,
  });
}

/** Longer than any wait: the buckets' own timers do not keep a process alive, this one does. */
const aDayMs = 86_400_000;

/** Takes one request out of a bucket. */
async function draw(bucket: Bottleneck | null, { signal, timer, onWait }: Passing): Promise<void> {
  if (bucket === null) {
    return;
  }
  const left = (await bucket.currentReservoir()) ?? 0;
  const { RECEIVED: received, QUEUED: queued } = bucket.counts();
  // Those that came at the same time and have not drawn yet come first.
  if (left <= received + queued) {
    onWait(null);
  }
  const isDrawn = new AbortController();
  const drawn = bucket.schedule(() => Promise.resolve(isDrawn.abort()));
  await Promise.race([drawn, timer.sleep(aDayMs, AbortSignal.any([signal, isDrawn.signal]))]);
  if (signal.aborted) {
    throw abortedError(signal);
  }
  await drawn;
}
