import type { MicroUsd } from "../base/ids.ts";
import type { Usage } from "./cost.ts";
import type { Price, PriceTable } from "./prices.ts";

/** The counts of a usage, without its model and cost. */
export type TokenUsage = Pick<
  Usage,
  "inputTokens" | "outputTokens" | "cacheReadTokens" | "cacheWriteTokens"
>;

const tokensOfPrice = 1_000_000n;

/**
 * Prices one model call, rounded up to the next whole millionth of a dollar.
 *
 * Rounding up keeps a budget from ever being overspent by fractions.
 */
export function priceOf(usage: TokenUsage, price: Price): MicroUsd {
  const total =
    BigInt(usage.inputTokens) * BigInt(price.input) +
    BigInt(usage.outputTokens) * BigInt(price.output) +
    BigInt(usage.cacheReadTokens) * BigInt(price.cacheRead) +
    BigInt(usage.cacheWriteTokens) * BigInt(price.cacheWrite);
  return Number((total + tokensOfPrice - 1n) / tokensOfPrice);
}

/** What hosts and routers add to a model's name: a date, `latest`, `preview`, a context size, a version of the host. */
const suffix = /^(?:-\d{8}|-\d{4}-\d{2}-\d{2}|-latest|-preview|\[1m\]|@[\w.-]+|-v\d+(?::\d+)?)*$/u;

/** Local models run on the user's own machine and cost nothing here. */
const local = /^(?:ollama|local|localai|lmstudio|llamacpp)\//u;

const free: Price = { model: "local", input: 0, output: 0, cacheRead: 0, cacheWrite: 0 };

/** Finds the price of a model by its name, also with a provider in front and a date behind; null when it is not known. */
export function findPrice(model: string, { prices }: PriceTable): Price | null {
  const name = model.toLowerCase();
  if (local.test(name)) {
    return free;
  }
  const bare = normalized(name);
  return prices.find((price) => isNamed(bare, normalized(price.model))) ?? null;
}

function isNamed(name: string, known: string): boolean {
  return name.startsWith(known) && suffix.test(name.slice(known.length));
}

function normalized(name: string): string {
  const own = name.slice(name.lastIndexOf("/") + 1);
  return own.replace(/^(?:[a-z]{2,6}\.)?anthropic\./u, "").replaceAll(/(?<=\d)\.(?=\d)/gu, "-");
}

/** What a usage costs, and whether its price had to be guessed. */
export interface Cost {
  readonly microUsd: MicroUsd;
  readonly isGuess: boolean;
}

/**
 * Tells what a usage costs: the amount that the caller reports, else the table's.
 *
 * A model that is not in the table is charged as the dearest of those that are: a budget errs to the safe side.
 */
export function costOf(usage: Usage, table: PriceTable): Cost {
  if (usage.microUsd !== null) {
    return { microUsd: usage.microUsd, isGuess: false };
  }
  const price = usage.model === null ? null : findPrice(usage.model, table);
  if (price !== null) {
    return { microUsd: priceOf(usage, price), isGuess: false };
  }
  const dearest = Math.max(0, ...table.prices.map((each) => priceOf(usage, each)));
  return { microUsd: dearest, isGuess: dearest > 0 };
}

/** Shows money in dollars and cents, rounded half up: `3.45`. */
export function formatUsd(microUsd: MicroUsd): string {
  const cents = Math.floor((Math.abs(microUsd) + 5_000) / 10_000);
  const sign = microUsd < 0 && cents > 0 ? "-" : "";
  return `${sign}${String(Math.floor(cents / 100))}.${String(cents % 100).padStart(2, "0")}`;
}

/** Shows money in cents where they say all, else with every digit of the micro-dollars: `0.50`, `0.002991`. */
export function exactUsd(microUsd: MicroUsd): string {
  return microUsd % 10_000 === 0 ? formatUsd(microUsd) : (microUsd / 1_000_000).toFixed(6);
}
