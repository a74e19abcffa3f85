import type { GenerateRequest } from "../language-model.ts";
import type { Model } from "../model.ts";
import { ModelError } from "../model-error.ts";
import type { ModelFault } from "../model-error.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";

/** Kinds of work that have a chain of providers of their own. */
export type ChainKind = "review" | "plan";

/** Providers by kind of work, in the order in which they are asked; a provider that is not named is skipped for this kind. */
export type Chains = Readonly<Partial<Record<ChainKind, readonly string[]>>>;

export interface FailoverDeps {
  readonly chains: Chains;
  readonly models: readonly Model[];
  readonly onEvent: OnModelEvent;
}

/** Other models would fail alike, or the caller or the budget has said no. */
const final: ReadonlySet<ModelFault> = new Set(["aborted", "budget", "redaction"]);

/** Which chain a phase uses; a call that only tests a model has none, so that no other answers for it. */
const kinds: Readonly<Record<string, ChainKind>> = {
  generate: "review",
  vote: "review",
  review: "review",
  plan: "plan",
};

/**
 * Asks the next model of the chain when one does not answer, each at most once. A kind of work without a chain has no failover. The answer
 * says which model served: from another family, the caller renames the seat and computes the quorum anew.
 *
 * @throws {ModelError} that of the model that was asked first, when none answers.
 */
export function failover({ chains, models, onEvent }: FailoverDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      const chain = chainFor(request.tag.phase, chains);
      let first: ModelError | null = null;
      for (const model of successors(request.model, { chain, models })) {
        if (first !== null) {
          onEvent({ kind: "failing_over", request, to: model.name, fault: first.fault });
        }
        try {
          return await next.generate({ ...request, model });
        } catch (error) {
          if (!(error instanceof ModelError) || final.has(error.fault)) {
            throw error;
          }
          first ??= error;
        }
      }
      throw first ?? new Error("a chain without its first model");
    },
  });
}

export function chainFor(phase: string, chains: Chains): readonly string[] {
  const kind = Object.hasOwn(kinds, phase) ? kinds[phase] : undefined;
  return kind === undefined ? [] : (chains[kind] ?? []);
}

export interface Succession {
  /** Providers in order. */
  readonly chain: readonly string[];
  readonly models: readonly Model[];
}

/**
 * The models to ask, the wanted one first. Behind it come one model of each other provider in the chain: those that have the family before
 * those that do not, each group in the chain's order, and of one provider the model of the same family, then of the same size.
 */
export function successors(wanted: Model, { chain, models }: Succession): readonly Model[] {
  const others = chain
    .filter((provider) => provider !== wanted.provider)
    .map((provider) => likest(wanted, models, provider))
    .filter((model) => model !== null);
  const isKin = ({ family }: Model): boolean => family === wanted.family;
  return [wanted, ...others.filter(isKin), ...others.filter((model) => !isKin(model))];
}

function likest(wanted: Model, models: readonly Model[], provider: string): Model | null {
  const rank = ({ family, size }: Model): number =>
    (family === wanted.family ? 0 : 2) + (size === wanted.size ? 0 : 1);
  const [best] = models
    .filter((model) => model.provider === provider)
    .toSorted((one, other) => rank(one) - rank(other));
  return best ?? null;
}
