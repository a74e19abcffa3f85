import type { MicroUsd } from "../core/base/ids.ts";
import type { SettingsFile } from "./schema.ts";

/** One provider of `providers`. */
export interface ProviderSetting {
  readonly name: string;
  readonly kind: "anthropic" | "openai" | "openai-compatible";
  /** Null: the provider's own address. */
  readonly baseUrl: string | null;
  /** A reference to it, as `env:NAME` or `vault:mount/path#field`; null: the server wants none. */
  readonly apiKey: string | null;
  readonly tier: "auto" | "free" | "pro" | "enterprise";
  /** A cap of the people's own; null: none. */
  readonly requestsPerMinute: number | null;
  /** Calls at once. */
  readonly concurrency: number;
  /** How long one try may take. */
  readonly timeoutMs: number;
  /** False where the server knows no JSON Schema: the prompt alone says what shape is wanted. */
  readonly takesSchema: boolean;
}

/** One model of `models`, in the words of core. */
export interface ModelSetting {
  readonly name: string;
  readonly provider: string;
  readonly id: string;
  readonly family: string;
  readonly size: "large" | "medium" | "small";
  /** In thousandths. */
  readonly weight: number;
  readonly takes: TakesSetting;
  /** Null: the price table decides. */
  readonly price: PriceSetting | null;
}

export interface TakesSetting {
  readonly temperature: boolean;
  readonly reasoning: "minimal" | "low" | "medium" | "high" | null;
  readonly tokenParameter: "max_tokens" | "max_completion_tokens" | "max_output_tokens";
  readonly thinkingTokens: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** Micro-dollars a million tokens. */
export interface PriceSetting {
  readonly input: MicroUsd;
  readonly output: MicroUsd;
  readonly cacheRead: MicroUsd;
  readonly cacheWrite: MicroUsd;
}

type Written<K extends keyof SettingsFile> = NonNullable<SettingsFile[K]>;
type WrittenModel = Written<"models">[string];
type Kind = ProviderSetting["kind"];

/** @param requestsPerMinute The profile's cap for providers without one of their own; null: none. */
export function toProviders(
  written: SettingsFile["providers"],
  requestsPerMinute: number | null,
): ReadonlyMap<string, ProviderSetting> {
  return new Map(
    Object.entries(written ?? {}).map(([name, each]) => [
      name,
      {
        name,
        kind: each.kind,
        baseUrl: each.base_url ?? null,
        apiKey: each.api_key ?? null,
        tier: each.tier ?? "auto",
        requestsPerMinute: each.requests_per_minute ?? requestsPerMinute,
        concurrency: each.concurrency ?? 10,
        timeoutMs: (each.timeout_seconds ?? 30) * 1_000,
        takesSchema: each.takes_schema ?? true,
      },
    ]),
  );
}

const weights = { large: 1_500, medium: 1_000, small: 700 } as const;

export function toModels({ models, providers }: SettingsFile): ReadonlyMap<string, ModelSetting> {
  return new Map(
    Object.entries(models ?? {}).map(([name, each]) => {
      const kind = providers?.[each.provider]?.kind ?? "openai-compatible";
      return [name, toModel(name, each, kind)];
    }),
  );
}

function toModel(name: string, written: WrittenModel, kind: Kind): ModelSetting {
  const { provider, id, size = "medium" } = written;
  return {
    name,
    provider,
    id,
    family: written.family ?? familyOf(id),
    size,
    weight: written.weight === undefined ? weights[size] : Math.round(written.weight * 1_000),
    takes: toTakes(written.takes ?? {}, defaultTakes(kind, id)),
    price: written.price === undefined ? null : toPrice(written.price),
  };
}

/** Names that families go by in the ids of their models. */
const families: readonly (readonly [family: string, pattern: RegExp])[] = [
  ["claude", /claude/u],
  ["gpt", /gpt|codex|(?:^|\/)o\d/u],
  ["deepseek", /deepseek/u],
  ["qwen", /qwen|qwq/u],
  ["llama", /llama/u],
  ["mistral", /mistral|mixtral|codestral|devstral|magistral|ministral/u],
  ["gemini", /gemini|gemma/u],
  ["grok", /grok/u],
  ["phi", /(?:^|[/-])phi-?\d/u],
  ["command", /command-/u],
  ["glm", /glm/u],
  ["kimi", /kimi|moonshot/u],
  ["granite", /granite/u],
  ["nova", /nova-/u],
];

/** Guesses a model's family: the known name in its id, else the first word of its name. */
export function familyOf(id: string): string {
  const text = id.toLowerCase();
  const known = families.find(([, pattern]) => pattern.test(text));
  return known?.[0] ?? /[a-z]+/u.exec(text.slice(text.lastIndexOf("/") + 1))?.[0] ?? "unknown";
}

/** OpenAI's models that think before they answer. */
const openAiThinkers = /(?:^|\/)(?:o\d|gpt-[5-9])/u;

/** Others that think, and take a temperature all the same. */
const otherThinkers = /deepseek-r\d|deepseek-reasoner|qwq|thinking|magistral/u;

/** Claude up to version 4.6 takes a temperature; later ones answer 400. */
const temperedClaude = /claude-(?:[23]|instant|(?:opus|sonnet|haiku)-4(?:-[0-6])?(?:-\d{8})?$)/u;

/** What an interface takes unless the settings say otherwise: rather too little than what makes it answer 400. */
export function defaultTakes(kind: Kind, id: string): TakesSetting {
  const text = id.toLowerCase();
  const isThinker = openAiThinkers.test(text);
  const isUntempered = isThinker || (text.includes("claude") && !temperedClaude.test(text));
  return {
    temperature: !isUntempered,
    reasoning: null,
    tokenParameter: tokenParameterOf(kind, isThinker),
    thinkingTokens: isThinker || otherThinkers.test(text) ? 4_096 : 0,
    headers: {},
  };
}

function tokenParameterOf(kind: Kind, isThinker: boolean): TakesSetting["tokenParameter"] {
  switch (kind) {
    case "anthropic":
      return "max_tokens";
    case "openai":
      return "max_output_tokens";
    case "openai-compatible":
    default:
      return isThinker ? "max_completion_tokens" : "max_tokens";
  }
}

function toTakes(
  written: NonNullable<WrittenModel["takes"]>,
  defaults: TakesSetting,
): TakesSetting {
  const { reasoning = "none" } = written;
  return {
    temperature: written.temperature ?? defaults.temperature,
    reasoning: reasoning === "none" ? null : reasoning,
    tokenParameter: written.token_parameter ?? defaults.tokenParameter,
    thinkingTokens: written.thinking_tokens ?? defaults.thinkingTokens,
    headers: written.headers ?? defaults.headers,
  };
}

function toPrice(written: NonNullable<WrittenModel["price"]>): PriceSetting {
  return {
    input: micro(written.input),
    output: micro(written.output),
    cacheRead: micro(written.cache_read ?? written.input),
    cacheWrite: micro(written.cache_write ?? written.input),
  };
}

function micro(usd: number): MicroUsd {
  return Math.round(usd * 1_000_000);
}

/** How long one try may take at the slowest provider of some models; 0: they have none. */
export function longestTryMs(
  { providers }: { readonly providers: ReadonlyMap<string, ProviderSetting> },
  models: readonly { readonly provider: string }[],
): number {
  return Math.max(0, ...models.map(({ provider }) => providers.get(provider)?.timeoutMs ?? 0));
}
