import type { OpenAI } from "openai";
import type { GenerateRequest } from "../../core/models/index.ts";
import { clientTimeoutMs, guardedFetch, noKey } from "./guarded-fetch.ts";
import type { ProviderConfig } from "./provider.ts";

const address = "https://api.openai.com/v1";

/** OpenAI's own client, with nothing taken from the environment. */
export async function openAiClient(
  provider: ProviderConfig,
  { model }: GenerateRequest,
  key: string | null,
): Promise<OpenAI> {
  const openai = await import("openai");
  return new openai.OpenAI({
    apiKey: key ?? noKey,
    adminAPIKey: null,
    organization: null,
    project: null,
    webhookSecret: null,
    baseURL: provider.baseUrl ?? address,
    maxRetries: 0,
    timeout: clientTimeoutMs,
    logLevel: "off",
    fetch: guardedFetch({ key, headers: model.takes.headers }),
  });
}
