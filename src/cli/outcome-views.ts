import { isoTime } from "../core/base/iso.ts";
import type { JsonObject } from "../core/base/json.ts";
import { exactUsd, priceOfOutcomes } from "../core/costs/index.ts";
import type { OutcomePrice, PaidOutcome } from "../core/costs/index.ts";
import { csvText } from "./csv.ts";
import { tableLines } from "./output.ts";
import { usd } from "./views.ts";

/** What an outcome is called, and what it came to. */
const words = {
  issue: { name: "issue", reached: "resolved", each: "resolved issue" },
  pr: { name: "pull request", reached: "merged", each: "merged pull request" },
} as const;

const kinds = ["issue", "pr"] as const;

/** What each kind of outcome costs; empty where none is known. */
export function outcomePriceLines(outcomes: readonly PaidOutcome[]): readonly string[] {
  return kinds.flatMap((kind) => {
    const price = priceOfOutcomes(outcomes, kind);
    return price.reached + price.givenUp === 0 ? [] : [priceLine(kind, price)];
  });
}

function priceLine(kind: (typeof kinds)[number], price: OutcomePrice): string {
  const { reached, givenUp, microUsd, eachMicroUsd } = price;
  const { each, name, reached: word } = words[kind];
  const lost = givenUp === 0 ? "" : ` and ${String(givenUp)} given up`;
  const spent = `${exactUsd(microUsd)} USD for ${String(reached)} ${word}${lost}`;
  return eachMicroUsd === null
    ? `No ${name} was ${word} yet (${spent}).`
    : `${exactUsd(eachMicroUsd)} USD for each ${each} (${spent}).`;
}

/** The outcomes one by one. */
export function outcomeLines(outcomes: readonly PaidOutcome[]): readonly string[] {
  if (outcomes.length === 0) {
    return ["No issue was resolved and no pull request was merged here yet."];
  }
  const rows = outcomes.map((outcome) => [
    nameOf(outcome),
    endOf(outcome),
    exactUsd(outcome.microUsd),
    isoTime(outcome.atMs).slice(0, 10),
  ]);
  return tableLines(["outcome", "end", "usd", "day"], rows);
}

function nameOf({ kind, number }: PaidOutcome): string {
  return `${words[kind].name} #${String(number)}`;
}

function endOf({ kind, isReached }: PaidOutcome): string {
  return isReached ? words[kind].reached : "given up";
}

export function outcomeCsv(outcomes: readonly PaidOutcome[]): string {
  return csvText(
    ["outcome", "number", "end", "usd", "day"],
    outcomes.map((outcome) => [
      outcome.kind,
      outcome.number,
      endOf(outcome),
      usd(outcome.microUsd),
      isoTime(outcome.atMs).slice(0, 10),
    ]),
  );
}

export function outcomesData(outcomes: readonly PaidOutcome[]): JsonObject {
  return {
    per: Object.fromEntries(
      kinds.map((kind) => {
        const { reached, givenUp, microUsd, eachMicroUsd } = priceOfOutcomes(outcomes, kind);
        const each = eachMicroUsd === null ? null : usd(eachMicroUsd);
        return [kind, { reached, given_up: givenUp, usd: usd(microUsd), usd_each: each }];
      }),
    ),
    rows: outcomes.map(({ kind, number, isReached, tasks, microUsd, atMs }) => ({
      kind,
      number,
      reached: isReached,
      tasks: [...tasks],
      usd: usd(microUsd),
      at: isoTime(atMs),
    })),
  };
}
