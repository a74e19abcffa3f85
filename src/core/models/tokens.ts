import type { GenerateRequest, ModelMessage } from "./language-model.ts";

/** Estimates how many tokens a text has, before a provider counts them. */
export interface Tokens {
  /** Whole tokens, at least as many as the provider will count for ordinary prompts. */
  ofText(text: string): number;
}

/** English prose has 4 characters a token and dense code about 3.3: below that an estimate is an upper bound for both. */
const charactersPerToken = 3.2;

/** What a provider's envelope adds to each message. */
const tokensPerMessage = 8;

/**
 * One token for each 3.2 characters, rounded up: a fair upper bound for code and prose in Latin script without a tokenizer for each
 * provider. Characters above U+2E7F (Chinese, Japanese, Korean, emoji) count as one token each.
 */
export function createTokens(): Tokens {
  return {
    ofText: (text) => {
      const wide = text.match(/[\u2E80-\uFFFF]/gu)?.length ?? 0;
      return Math.ceil((text.length - wide) / charactersPerToken) + wide;
    },
  };
}

/** The most tokens that a request's prompt can have, with its schema and what the provider adds. */
export function promptTokens(request: GenerateRequest, tokens: Tokens): number {
  const schema = request.schema === undefined ? "" : JSON.stringify(request.schema.json);
  return request.messages
    .map(({ text }: ModelMessage) => tokens.ofText(text) + tokensPerMessage)
    .reduce((sum, each) => sum + each, tokens.ofText(schema));
}

/** The most tokens that a request's answer can have: its limit and what the model may think on top. */
export function answerTokens({ maxOutputTokens, model }: GenerateRequest): number {
  return maxOutputTokens + model.takes.thinkingTokens;
}
