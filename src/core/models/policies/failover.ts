import type { GenerateRequest } from "../language-model.ts";
import type { Model } from "../model.ts";
import { ModelError } from "../model-error.ts";
import type { ModelFault } from "../model-error.ts";
import { answerTokens, promptTokens } from "../tokens.ts";
import type { Tokens } from "../tokens.ts";
import type { OnModelEvent } from "./model-event.ts";
import type { Policy } from "./policy.ts";

/** Kinds of work that have a chain of providers of their own. */
export type ChainKind = "review" | "plan";

/** Providers by kind of work, in the order in which they are asked; a provider that is not named is skipped for this kind. */
export type Chains = Readonly<Partial<Record<ChainKind, readonly string[]>>>;

/** What one try costs at most, in micro-dollars; null: nobody knows, and the ledger would refuse it. */
export type WorstCostOf = (
  model: Model,
  tokens: { readonly inputTokens: number; readonly outputTokens: number },
) => number | null;

export interface FailoverDeps {
  readonly chains: Chains;
  readonly models: readonly Model[];
  readonly tokens: Tokens;
  /** Default: nobody knows, so that the chain's order decides. */
  readonly worstCostOf?: WorstCostOf | undefined;
  readonly onEvent: OnModelEvent;
}

/** Other models would fail alike, or the caller has said no. */
const final: ReadonlySet<ModelFault> = new Set(["aborted", "redaction"]);

/** Which chain a phase uses; a call that only tests a model has none, so that no other answers for it. */
const kinds: Readonly<Record<string, ChainKind>> = {
  generate: "review",
  vote: "review",
  review: "review",
  plan: "plan",
};

/**
 * Asks the next model of the chain when one does not answer, each at most once. A kind of work without a chain has no failover. The answer
 * says which model served: from another family, the caller renames the seat and computes the quorum anew. A budget that does not hold the
 * wanted model ends the call; one that does not hold a stand-in leads to the next.
 *
 * @throws {ModelError} that of the model that was asked first, when none answers; `budget`, when one could have and was too dear.
 */
export function failover(deps: FailoverDeps): Policy {
  return (next) => ({
    generate: async <T>(request: GenerateRequest<T>) => {
      const failed: ModelError[] = [];
      for (const model of inTurn(request, deps)) {
        const [first] = failed;
        if (first !== undefined) {
          deps.onEvent({ kind: "failing_over", request, to: model.name, fault: first.fault });
        }
        try {
          return await next.generate({ ...request, model });
        } catch (error) {
          if (!(error instanceof ModelError) || endsAll(error, first)) {
            throw error;
          }
          failed.push(error);
        }
      }
      throw failed.find(({ fault }) => fault === "budget") ?? failed[0] ?? noModel();
    },
  });
}

function endsAll({ fault }: ModelError, first: ModelError | undefined): boolean {
  return final.has(fault) || (fault === "budget" && first === undefined);
}

function noModel(): Error {
  return new Error("a chain without its first model");
}

/** The wanted model, and only when that has failed a look at who else there is. */
function* inTurn(request: GenerateRequest, deps: FailoverDeps): Generator<Model, void> {
  yield request.model;
  const { models, tokens, worstCostOf } = deps;
  const chain = chainFor(request.tag.phase, deps.chains);
  const inputTokens = chain.length === 0 ? 0 : promptTokens(request, tokens);
  const costOf = (model: Model): number =>
    worstCostOf?.(model, {
      inputTokens,
      outputTokens: answerTokens({ ...request, model }),
    }) ?? Infinity;
  yield* successors(request.model, { chain, models, costOf }).slice(1);
}

export function chainFor(phase: string, chains: Chains): readonly string[] {
  const kind = Object.hasOwn(kinds, phase) ? kinds[phase] : undefined;
  return kind === undefined ? [] : (chains[kind] ?? []);
}

export interface Succession {
  /** Providers in order. */
  readonly chain: readonly string[];
  readonly models: readonly Model[];
  /** What the request costs with a model; one of which nobody knows it is the dearest. */
  readonly costOf: (model: Model) => number;
}

/**
 * The models to ask, the wanted one first. Behind it comes one model of each other provider in the chain: the likest, of equal ones the
 * cheapest. Those of the family come before those of others. Within the family models are alike, so that the same size goes first, then the
 * cheapest, then the chain's order; others are not, and stand in the chain's order alone.
 */
export function successors(wanted: Model, succession: Succession): readonly Model[] {
  const { chain, costOf } = succession;
  const others = chain
    .filter((provider) => provider !== wanted.provider)
    .map((provider) => likest(wanted, succession, provider))
    .filter((model) => model !== null);
  const isKin = ({ family }: Model): boolean => family === wanted.family;
  const kin = others.filter(isKin).toSorted(byLikeness(wanted, costOf));
  return [wanted, ...kin, ...others.filter((model) => !isKin(model))];
}

function likest(wanted: Model, { models, costOf }: Succession, provider: string): Model | null {
  const [best] = models
    .filter((model) => model.provider === provider)
    .toSorted(byLikeness(wanted, costOf));
  return best ?? null;
}

function rank(wanted: Model, { family, size }: Model): number {
  return (family === wanted.family ? 0 : 2) + (size === wanted.size ? 0 : 1);
}

function byLikeness(
  wanted: Model,
  costOf: Succession["costOf"],
): (one: Model, other: Model) => number {
  return (one, other) =>
    rank(wanted, one) - rank(wanted, other) || order(costOf(one), costOf(other));
}

/** As a difference, but for two costs of which nobody knows either. */
function order(one: number, other: number): number {
  return one === other ? 0 : one - other;
}
