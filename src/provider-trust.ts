import { createHash } from "node:crypto";
import { homedir } from "node:os";

import { createGit, readCommitted } from "./adapters/git/index.ts";
import { createTrustFile } from "./adapters/secrets/index.ts";
import { SkeinError } from "./core/base/errors.ts";
import type { Actor } from "./core/base/ids.ts";
import { isLoopbackUrl } from "./core/base/loopback.ts";
import { modelErrors } from "./core/models/index.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { loadSettings, settingsFiles, trustedProviders } from "./settings.ts";
import type { ProviderSetting, Settings } from "./settings.ts";

/** A provider that a repository names and that a person has to agree to, once. */
export interface AskedProvider {
  readonly name: string;
  /** Of all that was agreed to: with another address or key it is another provider. */
  readonly fingerprint: string;
  /** What it does, in words for people: never the key itself. */
  readonly reasons: readonly string[];
}

export interface ProviderTrust {
  /** Those of the providers that nobody has agreed to. @throws {SkeinError} SKN-8972. */
  missing(providers: readonly ProviderSetting[]): Promise<readonly AskedProvider[]>;
  /** True for a definition that was agreed to, also where nobody has to be asked. @throws {SkeinError} SKN-8972. */
  isAgreed(provider: ProviderSetting): Promise<boolean>;
  /** Agrees to these, and to no others, in this repository. @throws {SkeinError} SKN-8972. */
  replace(asked: readonly AskedProvider[]): Promise<void>;
}

interface ProviderTrustDeps {
  readonly repository: Pick<OpenProject["repository"], "commonDir">;
  readonly env: OpenOptions["env"];
  /** The variable does not count for sessions: no agent agrees to where its own prompts go. */
  readonly actor: Actor;
}

/**
 * Who clones a repository takes over its `skein.yml`. So a provider that sends prompts and keys to an address of its own, or runs a program or asks
 * Vault for its key, is used only after a person has agreed to just that, in this repository. @throws {SkeinError} SKN-2005.
 */
export function createProviderTrust({ repository, env, actor }: ProviderTrustDeps): ProviderTrust {
  const file = createTrustFile({ env, home: homedir() });
  const { commonDir } = repository;
  const named = trustedProviders(actor.startsWith("session:") ? {} : env);
  return {
    missing: async (providers) => {
      const asked = askedOf(providers);
      if (asked.length === 0) {
        return [];
      }
      const kept = await file.read(commonDir);
      return asked.filter(({ fingerprint }) => !named.has(fingerprint) && !kept.has(fingerprint));
    },
    isAgreed: async (provider) => {
      const fingerprint = fingerprintOf(provider);
      return named.has(fingerprint) || (await file.read(commonDir)).has(fingerprint);
    },
    replace: async (asked) =>
      file.write(
        commonDir,
        asked.map(({ fingerprint }) => fingerprint),
      ),
  };
}

/** @throws {SkeinError} SKN-8756 naming the providers that nobody has agreed to. */
async function needTrust(
  trust: ProviderTrust,
  providers: readonly ProviderSetting[],
): Promise<void> {
  const missing = await trust.missing(providers);
  if (missing.length > 0) {
    // Their addresses are words of the repository, and errors are read by agents: `skein models trust` shows them to a person.
    const named = missing.map(({ name }) => name).join(", ");
    throw new SkeinError(modelErrors.notTrusted, {
      message: `This repository's skein.yml names providers that nobody has agreed to here: ${named}.`,
      facts: { providers: missing.map(({ name, fingerprint }) => ({ name, fingerprint })) },
    });
  }
}

/** Those that a person has to agree to, by their definition. */
export function askedOf(providers: readonly ProviderSetting[]): readonly AskedProvider[] {
  return providers.flatMap((provider) => {
    const reasons = reasonsOf(provider);
    return reasons.length === 0
      ? []
      : [{ name: provider.name, fingerprint: fingerprintOf(provider), reasons }];
  });
}

function reasonsOf({ baseUrl, apiKey }: ProviderSetting): readonly string[] {
  const isAway = baseUrl !== null && !isLoopbackUrl(baseUrl);
  const cargo = apiKey === null ? "prompts" : `prompts and what ${apiKey} holds`;
  return [
    ...(isAway ? [`sends ${cargo} to ${baseUrl}`] : []),
    ...(apiKey?.startsWith("cmd:") === true ? [`runs \`${apiKey.slice("cmd:".length)}\``] : []),
    ...(apiKey?.startsWith("vault:") === true ? [`reads ${apiKey} with your token`] : []),
  ];
}

/** Of all that is agreed to. */
export function fingerprintOf({ kind, baseUrl, apiKey }: ProviderSetting): string {
  const definition = JSON.stringify([kind, baseUrl, apiKey]);
  return createHash("sha256").update(definition).digest("hex").slice(0, 32);
}

/** What whoever runs the App lets the settings of its repositories use, which are those of strangers. */
export interface ProviderBounds {
  /** Names of variables that may be keys. */
  readonly keys: ReadonlySet<string>;
  /** Addresses that prompts and those keys may go to, each written in one way. */
  readonly baseUrls: ReadonlySet<string>;
}

/** Settings that the caller has read, as from the default branch of a code host, in place of those that the local git has committed. */
export interface GivenSettings {
  /** Of a `skein.yml`; null: it knows that there is none. */
  readonly text: string | null;
  /** True where the caller's own surroundings have agreed to the providers, as a workflow does that hands their keys over. */
  readonly isTrusted: boolean;
  /** What these settings may use of a process that serves repositories of strangers, as the App does; they see no variable of it. Default null: no such bounds. */
  readonly bounds?: ProviderBounds | null | undefined;
  /** False where they are a server's, for all of its projects: each project's budget in the ledger stays its own. Default true. */
  readonly setsBudget?: boolean | undefined;
  /** Addresses in place of those of all providers of a kind; null: as the settings say. Default: null. */
  readonly baseUrls?: Readonly<Partial<Record<ProviderSetting["kind"], string | null>>> | undefined;
}

/**
 * The settings as committed on the default branch, with the environment's variables: who may edit a worktree can neither send a key to
 * another address nor have a command run for one.
 *
 * @throws {SkeinError} SKN-2752, SKN-2753, SKN-20xx.
 */
export async function committedModels(
  { repository, settings }: Pick<OpenProject, "repository" | "settings">,
  env: OpenOptions["env"],
): Promise<Settings> {
  const { root } = repository;
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  const { text, file: textFile } = committed ?? { text: null, file: undefined };
  const loaded = await loadSettings({ root, env, text, textFile });
  if (loaded.settings.models.size === 0) {
    throw new SkeinError(
      settings.models.size === 0 ? modelErrors.noModels : modelErrors.notCommitted,
    );
  }
  return loaded.settings;
}

/** Who asks for models, and by which settings. */
interface ModelsAsk {
  readonly env: OpenOptions["env"];
  readonly actor: Actor;
  /** Default: as committed on the local default branch. */
  readonly given?: GivenSettings | undefined;
}

type ModelsPlace = Pick<OpenProject, "repository" | "settings">;

/**
 * The settings that count, where somebody has agreed to their providers; those with bounds of their own are held to these elsewhere.
 *
 * @throws {SkeinError} SKN-2752, SKN-2753, SKN-20xx, SKN-8756.
 */
export async function agreedModels(
  project: ModelsPlace,
  { env, actor, given }: ModelsAsk,
): Promise<Settings> {
  const { repository } = project;
  const settings =
    given === undefined
      ? await committedModels(project, env)
      : await givenModels(repository.root, env, given);
  if (given?.isTrusted !== true && (given?.bounds ?? null) === null) {
    await needTrust(createProviderTrust({ repository, env, actor }), usedProviders(settings));
  }
  return settings;
}

/** What keeps models from being asked, as far as settings and agreement tell; null: nothing does. No model is called. */
export async function hindranceOfModels(
  project: ModelsPlace,
  ask: Omit<ModelsAsk, "actor">,
): Promise<SkeinError | null> {
  try {
    await agreedModels(project, { ...ask, actor: "person:nobody" });
    return null;
  } catch (error) {
    if (error instanceof SkeinError) {
      return error;
    }
    throw error;
  }
}

/** The providers that some model has, in the order of the file. */
export function usedProviders({ providers, models }: Settings): readonly ProviderSetting[] {
  const used = new Set([...models.values()].map(({ provider }) => provider));
  return [...providers.values()].filter(({ name }) => used.has(name));
}

/** The settings that a caller has read itself. @throws {SkeinError} SKN-2753, SKN-20xx. */
async function givenModels(
  root: string,
  env: OpenOptions["env"],
  { text, baseUrls = {}, bounds = null }: GivenSettings,
): Promise<Settings> {
  const variables = bounds === null ? env : {};
  const { settings } = await loadSettings({ root, env, text, variables });
  if (settings.models.size === 0) {
    throw new SkeinError(modelErrors.noModels);
  }
  const moved = [...settings.providers].map(([name, provider]): [string, ProviderSetting] => [
    name,
    { ...provider, baseUrl: baseUrls[provider.kind] ?? provider.baseUrl },
  ]);
  return { ...settings, providers: new Map(moved) };
}
