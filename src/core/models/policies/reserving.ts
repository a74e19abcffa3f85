import type { CallLedger, CallOutcome, CallSettlement, PlannedCall } from "../call-ledger.ts";
import type { GenerateRequest } from "../language-model.ts";
import { ModelError } from "../model-error.ts";
import type { ModelFault } from "../model-error.ts";
import { answerTokens, promptTokens } from "../tokens.ts";
import type { Tokens } from "../tokens.ts";
import type { Policy } from "./policy.ts";

export interface ReservingDeps {
  readonly ledger: CallLedger;
  readonly tokens: Tokens;
}

/** The provider answered with an error status: it generated nothing, and bills nothing. */
const turnedAway: ReadonlySet<ModelFault> = new Set(["rate_limited", "auth", "bad_request"]);

/**
 * Sets the worst case aside before each try and settles it after: the estimated prompt and the longest answer. What a try has cost that was
 * cut, aborted or timed out is not known: the whole reservation counts, as an estimate. What never left is free again.
 *
 * @throws {ModelError} `budget`, before anything is sent.
 */
export function reserving({ ledger, tokens }: ReservingDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      const reservation = await ledger.reserve(planned(request, tokens));
      if (reservation.kind === "refused") {
        throw new ModelError({ fault: "budget", message: reservation.message, wasSent: false });
      }
      const { grant } = reservation;
      const generation = await next.generate(request).catch(async (error: unknown) => {
        await ledger.settle(grant, settlementOf(error));
        throw error;
      });
      await ledger.settle(grant, { outcome: "answered", usage: generation.usage });
      return generation;
    },
  });
}

function planned(request: GenerateRequest, tokens: Tokens): PlannedCall {
  return {
    tag: request.tag,
    model: request.model,
    attempt: request.attempt ?? 1,
    inputTokens: promptTokens(request, tokens),
    outputTokens: answerTokens(request),
  };
}

/** What is to be settled after a try that brought no answer. */
export function settlementOf(error: unknown): CallSettlement {
  if (!(error instanceof ModelError)) {
    return { outcome: "unknown", usage: null };
  }
  return { outcome: outcomeOf(error), usage: error.usage };
}

function outcomeOf({ wasSent, fault, usage }: ModelError): CallOutcome {
  if (!wasSent) {
    return "unsent";
  }
  const isToldOverload = fault === "overloaded" && usage !== null;
  return turnedAway.has(fault) || isToldOverload ? "refused" : "unknown";
}
