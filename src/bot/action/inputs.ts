import { SkeinError } from "../../core/base/errors.ts";
import type { BotWishes } from "../context.ts";
import { botErrors } from "../errors.ts";
import { actionInputs } from "./input-table.ts";
import type { ActionInput, ActionInputName } from "./input-table.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** What the workflow's `with:` says. */
export interface ReadInputs {
  readonly wishes: BotWishes;
  readonly githubToken: string | null;
  readonly stateKey: string | null;
  readonly serverToken: string | null;
  readonly databaseUrl: string | null;
  /** As written. */
  readonly handoverPath: string;
}

/** Where a runner puts an input: `github-token` is `INPUT_GITHUB-TOKEN`. */
export function variableOfInput(name: string): string {
  return `INPUT_${name.replaceAll(" ", "_").toUpperCase()}`;
}

/** The values of all inputs that are secrets, and the password in an address, so that they are masked before anything is read or told. */
export function secretsOfInputs(env: Env): readonly string[] {
  return entries()
    .filter(([, { isSecret }]) => isSecret)
    .map(([name]) => (env[variableOfInput(name)] ?? "").trim())
    .flatMap((value) => [value, ...passwordsIn(value)])
    .filter((value) => value !== "");
}

/** As it is written in an address, and as it is meant. */
function passwordsIn(value: string): readonly string[] {
  const url = value.includes("://") ? URL.parse(value) : null;
  if (url === null) {
    return [];
  }
  const given = [url.password, url.searchParams.get("password") ?? ""];
  return [...new Set([...given, ...given.map(decoded)])];
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * Reads every input.
 *
 * @throws {SkeinError} SKN-1941 naming the input, never its value; SKN-8942 when a stage is given keys that it must not hold.
 */
export function readInputs(env: Env): ReadInputs {
  const from = actionInputs;
  const read = <T>(name: ActionInputName, input: ActionInput<T>): T => readInput(env, name, input);
  const inputs: ReadInputs = {
    wishes: {
      mode: read("mode", from.mode),
      stage: read("stage", from.stage),
      config: read("config", from.config),
      preset: read("preset", from.preset),
      budgetMicroUsd: read("budget-usd", from["budget-usd"]),
      maxComments: read("max-comments", from["max-comments"]),
      severityFloor: read("severity-floor", from["severity-floor"]),
      include: read("include", from.include),
      exclude: read("exclude", from.exclude),
      isSticky: read("sticky", from.sticky),
      isDryRun: read("dry-run", from["dry-run"]),
      serverUrl: read("skein-url", from["skein-url"]),
      anthropic: {
        apiKey: read("anthropic-api-key", from["anthropic-api-key"]),
        baseUrl: read("anthropic-base-url", from["anthropic-base-url"]),
      },
      openai: {
        apiKey: read("openai-api-key", from["openai-api-key"]),
        baseUrl: read("openai-base-url", from["openai-base-url"]),
      },
    },
    stateKey: read("state-key", from["state-key"]),
    serverToken: read("skein-token", from["skein-token"]),
    databaseUrl: read("database-url", from["database-url"]),
    githubToken: read("github-token", from["github-token"]),
    handoverPath: read("handover-path", from["handover-path"]),
  };
  keepPowersApart(inputs, env);
  return inputs;
}

function readInput<T>(env: Env, name: ActionInputName, input: ActionInput<T>): T {
  const written = (env[variableOfInput(name)] ?? "").trim();
  // The runner has put the token where `action.yml` asks for it; without a runner there is none.
  const usual = input.isSecret ? "" : input.fallback;
  const parsed = input.schema.safeParse(written === "" ? usual : written);
  if (!parsed.success) {
    // What was given may be a secret, so it is not told.
    throw badInput(name, input);
  }
  return parsed.data;
}

function badInput(
  name: ActionInputName,
  { description, wanted }: ActionInput<unknown>,
): SkeinError {
  return new SkeinError(botErrors.badInput, {
    message: `The input \`${name}\` is wrong: it has to be ${wanted}.`,
    fix: `Correct \`${name}\` under \`with:\`. ${description}`,
    facts: { input: name },
  });
}

const keyInputs = ["anthropic-api-key", "openai-api-key"] as const;
const keyVariables = ["ANTHROPIC_API_KEY", "OPENAI_API_KEY"] as const;

/** A job that may write, or that reads what strangers wrote with no need for a model, holds no key to one. */
function keepPowersApart(
  { wishes, serverToken, databaseUrl, stateKey }: ReadInputs,
  env: Env,
): void {
  const { stage, anthropic, openai } = wishes;
  if (stage === "all") {
    return;
  }
  const keys = [
    ...keyInputs.filter((_, at) => [anthropic, openai][at]?.apiKey !== null),
    ...keyVariables.filter((name) => (env[name] ?? "") !== ""),
  ];
  // Rules alone ask the server, and they have a job of their own.
  const held = [
    ...(stage === "think" ? [] : keys),
    ...(serverToken === null ? [] : ["skein-token"]),
    ...(stage !== "collect" || databaseUrl === null ? [] : ["database-url"]),
    ...(stage !== "collect" || stateKey === null ? [] : ["state-key"]),
  ];
  if (held.length > 0) {
    throw new SkeinError(botErrors.sharedPowers, {
      message: `\`stage: ${stage}\` must not hold ${held.join(" and ")}.`,
      facts: { stage, inputs: held },
    });
  }
}

function entries(): readonly (readonly [string, ActionInput<unknown>])[] {
  return Object.entries(actionInputs);
}
