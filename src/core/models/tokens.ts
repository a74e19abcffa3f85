import type { GenerateRequest, ModelMessage } from "./language-model.ts";

/** Estimates how many tokens a text has, before a provider counts them; in time that grows with the text alone. */
export interface Tokens {
  /** Whole tokens, at least as many as the provider will count for ordinary code and prose: for dividing a change. */
  ofText(text: string): number;
  /** Whole tokens, also for text that was made to have many: for setting money aside. Never less than `ofText`. */
  atMost(text: string): number;
}

/** English prose has 4 characters a token and dense code about 3.3: below that an estimate is an upper bound for both. */
const charactersPerToken = 3.2;

/** What a provider's envelope adds to each message. */
const tokensPerMessage = 8;

/**
 * Scripts whose prose has less than about one token a character, whatever the tokenizer: Latin with marks, Greek, Cyrillic, the writings of
 * China, Japan and Korea with their punctuation. First and last code point of each.
 */
const letters: readonly (readonly [first: number, last: number])[] = [
  [0x00_a0, 0x02_4f],
  [0x03_70, 0x05_2f],
  [0x1e_00, 0x1f_ff],
  [0x2e_80, 0x9f_ff],
  [0xac_00, 0xd7_a3],
  [0xf9_00, 0xfa_ff],
  [0xff_00, 0xff_ef],
];

/**
 * ASCII has one token for each 3.2 characters, rounded up, without a tokenizer for each provider. A tokenizer that works on bytes gives a character
 * that it has never seen one token for each byte of UTF-8, and none more: that is what all else counts as, but for `ofText` the common letters.
 */
export function createTokens(): Tokens {
  return {
    ofText: (text) => estimate(text, (code) => (isLetter(code) ? 1 : bytesOf(code))),
    atMost: (text) => estimate(text, bytesOf),
  };
}

/** All that is ASCII, told apart at once: a review asks of every prompt several times, and prompts are mostly of that. */
const ascii = /[^\u0080-\u{10FFFF}]+/gu;

/** @param weigh Whole tokens of a code point outside of ASCII. */
function estimate(text: string, weigh: (code: number) => number): number {
  const rest = Buffer.byteLength(text) === text.length ? "" : text.replaceAll(ascii, "");
  let others = 0;
  for (let at = 0; at < rest.length; at += 1) {
    const code = rest.codePointAt(at) ?? 0;
    others += weigh(code);
    at += code > 0xff_ff ? 1 : 0;
  }
  return Math.ceil((text.length - rest.length) / charactersPerToken) + others;
}

function isLetter(code: number): boolean {
  return letters.some(([first, last]) => code >= first && code <= last);
}

/** In UTF-8; half of a pair is sent as U+FFFD, which has three. */
function bytesOf(code: number): number {
  if (code < 0x8_00) {
    return 2;
  }
  return code > 0xff_ff ? 4 : 3;
}

/** The most tokens that a request's prompt can have, with its schema and what the provider adds. */
export function promptTokens(request: GenerateRequest, tokens: Tokens): number {
  const schema = request.schema === undefined ? "" : JSON.stringify(request.schema.json);
  return request.messages
    .map(({ text }: ModelMessage) => tokens.atMost(text) + tokensPerMessage)
    .reduce((sum, each) => sum + each, tokens.atMost(schema));
}

/** The most tokens that a request's answer can have: its limit and what the model may think on top. */
export function answerTokens({ maxOutputTokens, model }: GenerateRequest): number {
  return maxOutputTokens + model.takes.thinkingTokens;
}
