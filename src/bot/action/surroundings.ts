import type { BotEnv } from "../context.ts";
import type { ReadInputs } from "./inputs.ts";

/** Names of what the runner gives an action for its own services: nothing that Skein starts or asks needs them. */
const ofRunner = /^(?:INPUT_|ACTIONS_(?:RUNTIME|ID_TOKEN|CACHE|RESULTS)_)/u;

type Env = Record<string, string | undefined>;

/** Takes the inputs and the runner's own secrets out of an environment, and gives the inputs. */
export function takeInputs(env: Env): BotEnv {
  const taken: Env = {};
  for (const name of Object.keys(env).filter((each) => ofRunner.test(each))) {
    if (name.startsWith("INPUT_")) {
      taken[name] = env[name];
    }
    delete env[name];
  }
  return taken;
}

/**
 * The environment that handlers see: the keys of the workflow's inputs under the names that settings use. The token is there so that it is known as a secret
 * wherever secrets are taken out; no child is given it by this name.
 */
export function handlerEnv(
  env: BotEnv,
  { wishes, stateKey, githubToken, serverToken, databaseUrl }: Omit<ReadInputs, "handoverPath">,
): BotEnv {
  const { anthropic, openai } = wishes;
  return {
    ...env,
    ...(githubToken === null ? {} : { SKEIN_GITHUB_TOKEN: githubToken }),
    ...(serverToken === null ? {} : { SKEIN_TOKEN: serverToken }),
    // The input alone names a database: a variable of the job is no wish of the workflow's.
    SKEIN_DATABASE_URL: databaseUrl ?? undefined,
    SKEIN_DATABASE_URL_FILE: undefined,
    ...(stateKey === null ? {} : { SKEIN_STATE_KEY: stateKey }),
    ...(anthropic.apiKey === null ? {} : { ANTHROPIC_API_KEY: anthropic.apiKey }),
    ...(openai.apiKey === null ? {} : { OPENAI_API_KEY: openai.apiKey }),
  };
}
