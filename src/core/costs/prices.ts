import type { MicroUsd } from "../base/ids.ts";

/**
 * What a million tokens cost, in micro-dollars: so a price of 3 USD a million is 3 000 000, and every price that providers quote is whole.
 */
export interface Price {
  /** As its provider names the model, without a date. */
  readonly model: string;
  readonly input: MicroUsd;
  readonly output: MicroUsd;
  readonly cacheRead: MicroUsd;
  readonly cacheWrite: MicroUsd;
}

/** Prices with where and when they were read. */
export interface PriceTable {
  /** Year and month. */
  readonly asOf: string;
  readonly sources: readonly string[];
  readonly prices: readonly Price[];
}

/** USD a million tokens, as providers print them. */
interface Quote {
  readonly input: number;
  readonly output: number;
  readonly cacheRead: number;
  /** Default: the price of input. */
  readonly cacheWrite?: number | undefined;
}

/** Turns printed prices into a table row; a price has at most six decimals. */
export function priceRow(model: string, quote: Quote): Price {
  return {
    model,
    input: micro(quote.input),
    output: micro(quote.output),
    cacheRead: micro(quote.cacheRead),
    cacheWrite: micro(quote.cacheWrite ?? quote.input),
  };
}

function micro(usd: number): MicroUsd {
  return Math.round(usd * 1_000_000);
}

const fable5 = { input: 10, output: 50, cacheRead: 1, cacheWrite: 12.5 };
const opus5 = { input: 5, output: 25, cacheRead: 0.5, cacheWrite: 6.25 };
const opus4 = { input: 15, output: 75, cacheRead: 1.5, cacheWrite: 18.75 };
const sonnet4 = { input: 3, output: 15, cacheRead: 0.3, cacheWrite: 3.75 };
const gpt5Codex = { input: 1.75, output: 14, cacheRead: 0.175 };
// Half of this until the end of 2026: a budget is kept by the price that stays.
const geminiFlash = { input: 1.5, output: 7.5, cacheRead: 0.15 };

/**
 * The prices Skein comes with. Where a provider has a dearer tier for long prompts, that of shorter ones stands here, since a sum of
 * usage does not tell the length of each prompt. Cache writes are those kept for five minutes.
 */
export const defaultPrices: PriceTable = {
  asOf: "2026-10",
  sources: [
    "https://platform.claude.com/docs/en/about-claude/pricing",
    "https://docs.github.com/en/copilot/reference/copilot-billing/models-and-pricing",
    "https://ai.google.dev/gemini-api/docs/pricing",
  ],
  prices: [
    priceRow("claude-fable-5-1", { ...fable5, cacheRead: 0.25 }),
    priceRow("claude-fable-5", fable5),
    priceRow("claude-opus-5-5", { input: 4, output: 20, cacheRead: 0.2, cacheWrite: 5 }),
    priceRow("claude-opus-5", opus5),
    priceRow("claude-opus-4-8", opus5),
    priceRow("claude-opus-4-7", opus5),
    priceRow("claude-opus-4-6", opus5),
    priceRow("claude-opus-4-5", opus5),
    priceRow("claude-opus-4-1", opus4),
    priceRow("claude-opus-4", opus4),
    priceRow("claude-sonnet-5-5", { input: 2, output: 10, cacheRead: 0.1, cacheWrite: 2.5 }),
    priceRow("claude-sonnet-5", { input: 2, output: 10, cacheRead: 0.2, cacheWrite: 2.5 }),
    priceRow("claude-sonnet-4-6", sonnet4),
    priceRow("claude-sonnet-4-5", sonnet4),
    priceRow("claude-sonnet-4", sonnet4),
    priceRow("claude-haiku-5-5", { input: 0.1, output: 0.5, cacheRead: 0.01, cacheWrite: 0.125 }),
    priceRow("claude-haiku-4-5", { input: 1, output: 5, cacheRead: 0.1, cacheWrite: 1.25 }),
    priceRow("gpt-5.6-sol", { input: 5, output: 30, cacheRead: 0.5, cacheWrite: 6.25 }),
    priceRow("gpt-5.6-terra", { input: 2, output: 12, cacheRead: 0.2, cacheWrite: 2.5 }),
    priceRow("gpt-5.6-luna", { input: 0.2, output: 1.2, cacheRead: 0.02, cacheWrite: 0.25 }),
    priceRow("gpt-5.5", { input: 5, output: 30, cacheRead: 0.5 }),
    priceRow("gpt-5.4", { input: 2.5, output: 15, cacheRead: 0.25 }),
    priceRow("gpt-5.4-mini", { input: 0.75, output: 4.5, cacheRead: 0.075 }),
    priceRow("gpt-5.4-nano", { input: 0.2, output: 1.25, cacheRead: 0.02 }),
    priceRow("gpt-5.3-codex", gpt5Codex),
    priceRow("gpt-5.2-codex", gpt5Codex),
    priceRow("gpt-5.2", gpt5Codex),
    priceRow("gpt-5-mini", { input: 0.25, output: 2, cacheRead: 0.025 }),
    priceRow("gemini-3.1-pro", { input: 2, output: 12, cacheRead: 0.2 }),
    priceRow("gemini-3.5-flash", { input: 1.5, output: 9, cacheRead: 0.15 }),
    priceRow("gemini-3.6-flash", geminiFlash),
    priceRow("gemini-3.7-flash", geminiFlash),
    priceRow("gemini-3.8-flash", geminiFlash),
  ],
};
