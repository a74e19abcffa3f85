import type { GenerateRequest, LanguageModel } from "../../core/models/index.ts";
import { createAnthropic } from "./anthropic.ts";
import { createOpenAiChat } from "./openai-chat.ts";
import { createOpenAiResponses } from "./openai-responses.ts";
import type { ProviderConfig } from "./provider.ts";

export { createAnswerCache } from "./answer-cache.ts";
export type { AnswerCache, AnswerCacheOptions } from "./answer-cache.ts";
export { createCassetteFile } from "./cassette-file.ts";
export { cassetteErrors } from "./errors.ts";
export { beginRecording, recordedSeed } from "./recording.ts";
export type { ProviderConfig, ProviderKey, ProviderKind } from "./provider.ts";

/**
 * Makes the port to one provider. Nothing is loaded, looked up or connected before the first call; each call is tried once, and ends with
 * its signal.
 */
export function createProvider(config: ProviderConfig): LanguageModel {
  return config.kind === "anthropic" ? createAnthropic(config) : createOpenAi(config);
}

/** Each model is asked through the interface whose name for the limit of tokens it takes. */
function createOpenAi(config: ProviderConfig): LanguageModel {
  const responses = createOpenAiResponses(config);
  const chat = createOpenAiChat(config);
  return {
    generate: async <T>(request: GenerateRequest<T>) =>
      request.model.takes.tokenParameter === "max_output_tokens"
        ? responses.generate(request)
        : chat.generate(request),
  };
}
