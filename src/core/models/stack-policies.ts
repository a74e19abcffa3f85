import type { ModelsDeps } from "./create-models.ts";
import type { LanguageModel } from "./language-model.ts";
import { breaking } from "./policies/breaking.ts";
import { failover } from "./policies/failover.ts";
import { limitingConcurrency } from "./policies/limiting-concurrency.ts";
import { limitingRate } from "./policies/limiting-rate.ts";
import { limitingTime } from "./policies/limiting-time.ts";
import { stack } from "./policies/policy.ts";
import { redacting, redactingAnswers } from "./policies/redacting.ts";
import { reserving } from "./policies/reserving.ts";
import { retrying } from "./policies/retrying.ts";
import { timing } from "./policies/timing.ts";
import { taping } from "./policies/taping.ts";
import { createTokens } from "./tokens.ts";

/**
 * Puts all policies around the adapters. From the outside in:
 *
 * 1. redaction: nothing further in sees a secret, the cassette neither;
 * 2. cassette: an answer that is kept costs nothing and needs no provider; it is kept without the secrets that the model said;
 * 3. failover: decides about a model whose retries are used up;
 * 4. breaker: counts calls that the retries could not save, and spares the retries of a provider that is down;
 * 5. retries: each try passes all that follows;
 * 6. budget: each try is reserved for by itself; money is set aside while a call stands in line, so that the line holds no call that
 *    would be refused at its end;
 * 7. rate limit: a place is taken only by what is paid for;
 * 8. concurrency: a connection is taken only by what may go now;
 * 9. stopwatch: tells how long each try took, and how it ended;
 * 10. time limit: only the call itself counts, not the line.
 */
export function stackPolicies(deps: ModelsDeps): LanguageModel {
  const { timer, random, models, policyOf, onEvent = () => {} } = deps;
  const tokens = createTokens();
  const again = [
    failover({ chains: deps.chains, models, tokens, worstCostOf: deps.worstCostOf, onEvent }),
    breaking({ onEvent }),
    retrying({ timer, random, onEvent }),
  ];
  return stack(
    [
      redacting({ redactor: deps.redactor, onEvent }),
      ...(deps.tape === null
        ? []
        : [taping({ ...deps.tape, models }), redactingAnswers({ redactor: deps.redactor })]),
      ...(deps.tries === "once" ? [] : again),
      reserving({ ledger: deps.ledger, tokens }),
      limitingRate({ timer, tokens, onEvent, rateOf: (provider) => policyOf(provider).rate }),
      limitingConcurrency({ concurrencyOf: (provider) => policyOf(provider).concurrency }),
      timing({ timer, onEvent }),
      limitingTime({ timer, timeoutMsOf: (provider) => policyOf(provider).timeoutMs }),
    ],
    deps.providers,
  );
}
