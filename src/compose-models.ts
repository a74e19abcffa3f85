import { homedir } from "node:os";

import { createProvider } from "./adapters/models/index.ts";
import { systemRandom } from "./adapters/process/clock.ts";
import { systemTimer } from "./adapters/process/timer.ts";
import { createRedactor, createSecrets, secretsOfEnvironment } from "./adapters/secrets/index.ts";
import type { Secrets } from "./adapters/secrets/index.ts";
import type { OpenOptions, RepositoryProject } from "./compose.ts";
import type { Actor, MicroUsd } from "./core/base/ids.ts";
import { isLoopbackUrl } from "./core/base/loopback.ts";
import { defaultPrices, findPrice } from "./core/costs/index.ts";
import type { BudgetRoom, CallPurpose, Price, SeatSpend } from "./core/costs/index.ts";
import { createCallLedger, meterModels, worstCase } from "./core/index.ts";
import type { CallLimits, RunLedger } from "./core/index.ts";
import { bucketOfMinute, createModels, tierBuckets } from "./core/models/index.ts";
import type {
  LanguageModel,
  Model,
  ModelsDeps,
  OnModelEvent,
  ProviderPolicy,
  Redactor,
} from "./core/models/index.ts";
import { keepProjectBudget } from "./project-budget.ts";
import { needBounds } from "./provider-bounds.ts";
import { agreedModels, createProviderTrust } from "./provider-trust.ts";
import type { GivenSettings } from "./provider-trust.ts";
import { longestTryMs, modelParts } from "./settings.ts";
import type { ModelSetting, ProviderSetting, Settings } from "./settings.ts";

export type { GivenSettings } from "./provider-trust.ts";

/** What was spent where this project's ledger does not know it, as in an earlier run whose database is gone; what is missing is nothing. */
export type SpentBefore = Readonly<
  Partial<Record<Exclude<keyof CallLimits, "run">, MicroUsd | undefined>>
>;

export interface OpenModelsOptions {
  readonly env: OpenOptions["env"];
  /** What the calls are made for, so that the budgets of it hold them. What is missing is null. */
  readonly purpose: Partial<Omit<CallPurpose, "run">>;
  readonly actor: Actor;
  /** What one run may spend; agents cannot raise it. Null: these calls are no run. Default: what the settings say. */
  readonly runLimit?: MicroUsd | null | undefined;
  /** False: not even a person raises what the settings let one run spend, as over a server. Default true. */
  readonly mayRaise?: boolean | undefined;
  /** Taken off the limits, so that a pull request's holds over pushes though the database does not. Default: nothing. */
  readonly spentBefore?: SpentBefore | undefined;
  /** Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
  /** Told once for each budget that is nearly used up. Default: nobody. */
  readonly onWarning?: ((sentence: string) => void) | undefined;
  /** Where answers are kept, or what opens that when the settings are known; null: nowhere, and every call is made. */
  readonly tape: ModelsDeps["tape"] | ((settings: Settings) => Promise<ModelsDeps["tape"]>);
  /** Default `by-cause`. */
  readonly tries?: ModelsDeps["tries"] | undefined;
  /** Hears of waits, retries and failovers. Default: nobody. */
  readonly onEvent?: OnModelEvent | undefined;
}

/** The models of a repository, ready to be called. */
export interface OpenModels {
  /** As committed on the default branch, or as given. */
  readonly settings: Settings;
  /** In the order of the file. */
  readonly models: readonly Model[];
  /** All providers behind one port, with every policy. */
  readonly port: LanguageModel;
  readonly redactor: Redactor;
  /** Sets money aside for a run as a whole. */
  readonly money: Pick<RunLedger, "setAside" | "letGo">;
  /** Null: nobody knows it, and the ledger refuses the model. */
  readonly priceOf: (model: Model) => Price | null;
  /** What is left in the tightest budget of these calls; null: no limit. */
  readonly room: () => Promise<BudgetRoom | null>;
  /** How long one try may take at the slowest of their providers, in milliseconds. */
  readonly tryMs: number;
  /** What the calls of one run have cost by the ledger, by seat. */
  readonly spentBySeat: (run: string) => Promise<readonly SeatSpend[]>;
  /** Sentences for people: where the worktree's file says something else. */
  readonly notes: readonly string[];
}

/**
 * Opens the models that `skein.yml` names on the default branch, or that the caller gives. Nothing is looked up, loaded or connected before the first call, and there
 * is no call that the project's ledger does not count.
 *
 * @throws {SkeinError} SKN-2752 when they are not committed, SKN-2753 when there are none, SKN-20xx when the committed file is wrong,
 *   SKN-8756 when nobody has agreed to a provider, SKN-8757 when it is outside of the bounds.
 */
export async function openModels(
  project: RepositoryProject,
  options: OpenModelsOptions,
): Promise<OpenModels> {
  const settings = await settingsFor(project, options);
  const { store, costs } = project.skein;
  const purpose = { ...noPurpose, ...options.purpose };
  const limits = limitsOf(settings, options);
  const modelPrice = (model: Model): Price | null => priceOf(settings, model);
  const models = [...settings.models.values()];
  const secrets = createSecrets({ env: options.env, home: homedir() });
  const redactor = redactorOf(settings, secrets, options.env);
  const { actor, onWarning } = options;
  const counting = { purpose, limits, actor, onWarning, priceOf: modelPrice };
  const ledger = createCallLedger({ store, costs, ...counting });
  const port = await createModels({
    providers: switchboard(settings.providers, secrets),
    models,
    policyOf: (name) => policyOf(settings, name),
    chains: settings.features.failover ? settings.chains : {},
    worstCostOf: (model, tokens) => {
      const price = modelPrice(model);
      return price === null ? null : worstCase(tokens, price);
    },
    redactor,
    ledger,
    tape: typeof options.tape === "function" ? await options.tape(settings) : options.tape,
    tries: options.tries ?? "by-cause",
    timer: systemTimer,
    random: systemRandom,
    onEvent: meterModels(project.skein.meter, options.onEvent),
  });
  return {
    settings,
    models,
    port,
    redactor,
    money: ledger,
    priceOf: modelPrice,
    room: ledger.room,
    tryMs: longestTryMs(settings, models),
    spentBySeat: async (run) => store.read(async (reader) => costs.spentBySeat(reader, run)),
    notes: options.given === undefined ? notesOn(project.settings, settings) : [],
  };
}

/** The settings that count, after the providers were agreed to and the ledger has its limits. */
async function settingsFor(
  project: RepositoryProject,
  { env, actor, given }: OpenModelsOptions,
): Promise<Settings> {
  const { repository } = project;
  const settings = await agreedModels(project, { env, actor, given });
  const { bounds = null } = given ?? {};
  if (bounds !== null) {
    const trust = createProviderTrust({ repository, env, actor });
    await needBounds([...settings.providers.values()], { bounds, trust });
  }
  if (given?.setsBudget !== false) {
    await keepProjectBudget(project, env, given === undefined ? undefined : settings);
  }
  return settings;
}

/** Knows the keys of the settings, also before their first use, and the secrets of the environment. */
function redactorOf(
  { providers }: Settings,
  secrets: Secrets,
  env: OpenModelsOptions["env"],
): Redactor {
  const environment = secretsOfEnvironment(env);
  const references = [...providers.values()].flatMap(({ apiKey }) => apiKey ?? []);
  return createRedactor({
    known: async () => {
      await secrets.learn(references);
      return [...environment, ...secrets.known()];
    },
  });
}

const noPurpose = { session: null, plan: null, task: null, pr: null, issue: null, author: null };

type RunAsk = Pick<OpenModelsOptions, "runLimit" | "actor" | "mayRaise">;

/** What a run may spend (null: what is no run has no such limit): people may ask for more than the settings say, agents only for less. */
function runLimitOf(
  { runMicroUsd: own }: Settings["budgets"],
  { runLimit: asked, actor, mayRaise: isFree = true }: RunAsk,
): MicroUsd | null {
  if (asked === undefined) {
    return own;
  }
  const mayRaise = asked === null || own === null || (isFree && actor.startsWith("person:"));
  return mayRaise ? asked : Math.min(asked, own);
}

function limitsOf({ budgets }: Settings, options: OpenModelsOptions): CallLimits {
  const { spentBefore = {} } = options;
  return {
    run: runLimitOf(budgets, options),
    task: left(budgets.taskMicroUsd, spentBefore.task),
    plan: left(budgets.planMicroUsd, spentBefore.plan),
    pullRequest: left(budgets.pullRequestMicroUsd, spentBefore.pullRequest),
    issue: left(budgets.issueMicroUsd, spentBefore.issue),
    authorDay: left(budgets.authorDayMicroUsd, spentBefore.authorDay),
    day: left(budgets.dayMicroUsd, spentBefore.day),
    month: left(budgets.monthMicroUsd, spentBefore.month),
  };
}

function left(limit: MicroUsd | null, spent: MicroUsd = 0): MicroUsd | null {
  return limit === null ? null : Math.max(0, limit - spent);
}

function notesOn(working: Settings, committed: Settings): readonly string[] {
  const parts: readonly (keyof Settings)[] = modelParts;
  const other = parts.filter((part) => textOf(working[part]) !== textOf(committed[part]));
  return other.length === 0
    ? []
    : [
        `skein.yml differs here from the default branch in ${other.join(", ")}: what is committed there counts.`,
      ];
}

function textOf(part: unknown): string {
  return JSON.stringify(part instanceof Map ? [...part] : part);
}

/** One port for all providers, each opened when it is called first. */
function switchboard(
  providers: ReadonlyMap<string, ProviderSetting>,
  secrets: Secrets,
): LanguageModel {
  const ports = new Map<string, LanguageModel>();
  const portOf = (name: string): LanguageModel => {
    const port = ports.get(name) ?? openProvider(need(providers, name), secrets);
    ports.set(name, port);
    return port;
  };
  return { generate: async (request) => portOf(request.model.provider).generate(request) };
}

function openProvider(provider: ProviderSetting, secrets: Secrets): LanguageModel {
  const { name, kind, baseUrl, apiKey, takesSchema } = provider;
  const key =
    apiKey === null ? null : { reference: apiKey, read: async () => secrets.resolve(apiKey) };
  return createProvider({ name, kind, baseUrl, key, takesSchema });
}

function policyOf({ providers, features }: Settings, name: string): ProviderPolicy {
  const { tier, requestsPerMinute, concurrency, timeoutMs } = need(providers, name);
  return {
    rate: {
      tier: tier === "auto" ? null : tierBuckets[tier],
      cap: requestsPerMinute === null ? null : bucketOfMinute(requestsPerMinute),
      mayQueue: features.rateQueue,
    },
    concurrency,
    timeoutMs,
  };
}

function need<T>(section: ReadonlyMap<string, T>, name: string): T {
  const found = section.get(name);
  if (found === undefined) {
    throw new Error(`the settings were read without ${name}`);
  }
  return found;
}

/** What its people declared; else nothing where a server of this machine wants no key; else what the table says. */
function priceOf({ providers, models }: Settings, { name, id }: Model): Price | null {
  const model: ModelSetting = need(models, name);
  if (model.price !== null) {
    return { model: id, ...model.price };
  }
  return isLocal(need(providers, model.provider))
    ? { model: id, input: 0, output: 0, cacheRead: 0, cacheWrite: 0 }
    : findPrice(id, defaultPrices);
}

function isLocal({ baseUrl, apiKey }: ProviderSetting): boolean {
  return baseUrl !== null && apiKey === null && isLoopbackUrl(baseUrl);
}
