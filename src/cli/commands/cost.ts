import { isoTime } from "../../core/base/iso.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { exactUsd, isCurrentScope } from "../../core/costs/index.ts";
import type { Budget, PaidOutcome, Totals, TotalsBy } from "../../core/costs/index.ts";
import type { Answer, Call } from "../command.ts";
import { chartLines } from "../cost-chart.ts";
import { csvText } from "../csv.ts";
import { outcomeCsv, outcomeLines, outcomePriceLines, outcomesData } from "../outcome-views.ts";
import { tableLines } from "../output.ts";
import { withStore } from "../project.ts";
import { parseSince } from "../since.ts";
import { clip, usd } from "../views.ts";

/** What `--by` takes, in the order of the help. */
const kinds = [
  "task",
  "model",
  "session",
  "plan",
  "pr",
  "issue",
  "run",
  "day",
] as const satisfies readonly TotalsBy[];

/** Not what a line of the ledger names, but what the money was spent for in the end. */
const byOutcome = "outcome";

/** What was spent. */
interface Bill {
  readonly by: TotalsBy | typeof byOutcome;
  /** Null: since ever. */
  readonly sinceMs: number | null;
  readonly total: Totals;
  readonly rows: readonly Totals[];
  readonly budgets: readonly Budget[];
  readonly outcomes: readonly PaidOutcome[];
}

/** `skein cost`: what was spent, by whom or for what, and what the budgets hold. */
export async function cost(call: Call): Promise<Answer | number> {
  const { options, io } = call;
  const wanted = options.text("by");
  const by = kinds.find((kind) => kind === wanted) ?? "task";
  const since = options.text("since");
  const bill = await withStore(call, async ({ skein }) =>
    skein.store.read(async (reader): Promise<Bill> => {
      const sinceMs = since === null ? null : parseSince(since, reader.nowMs);
      const span = { sinceMs: sinceMs ?? 0 };
      const budgets = await skein.costs.budgets(reader);
      return {
        by: wanted === byOutcome ? byOutcome : by,
        sinceMs,
        total: await skein.costs.total(reader, span),
        rows: wanted === byOutcome ? [] : await skein.costs.totals(reader, by, span),
        budgets: budgets.filter(({ scope }) => isCurrentScope(scope, reader.nowMs)),
        outcomes: await skein.costs.outcomes(reader, span),
      };
    }),
  );
  if (options.flag("csv") && !call.globals.json) {
    io.write(bill.by === byOutcome ? outcomeCsv(bill.outcomes) : csvOf(bill));
    return 0;
  }
  return { data: dataOf(bill), lines: linesOf(bill, io.isTerminal) };
}

function dataOf({ by, sinceMs, total, rows, budgets, outcomes }: Bill): JsonObject {
  return {
    by,
    since: sinceMs === null ? null : isoTime(sinceMs),
    total: sumData(total),
    rows: rows.map((row) => ({ name: row.name === "" ? null : row.name, ...sumData(row) })),
    outcomes: outcomesData(outcomes),
    budgets: budgets.map((budget) => ({
      scope: budget.scope,
      limit_usd: usd(budget.limitMicroUsd),
      spent_usd: usd(budget.spentMicroUsd),
      reserved_usd: usd(budget.reservedMicroUsd),
      is_hard: budget.isHard,
    })),
  };
}

function sumData(sum: Totals): JsonObject {
  return {
    usd: usd(sum.microUsd),
    retry_usd: usd(sum.retryMicroUsd),
    failed_usd: usd(sum.failedMicroUsd),
    estimated_usd: usd(sum.guessMicroUsd),
    input_tokens: sum.inputTokens,
    output_tokens: sum.outputTokens,
    cache_tokens: sum.cacheTokens,
    spends: sum.spends,
  };
}

function csvOf({ by, rows }: Bill): string {
  const head = ["usd", "retry_usd", "failed_usd", "estimated_usd"];
  const counts = ["input_tokens", "output_tokens", "cache_tokens", "spends"];
  return csvText(
    [by, ...head, ...counts],
    rows.map((row) => [
      row.name,
      usd(row.microUsd),
      usd(row.retryMicroUsd),
      usd(row.failedMicroUsd),
      usd(row.guessMicroUsd),
      row.inputTokens,
      row.outputTokens,
      row.cacheTokens,
      row.spends,
    ]),
  );
}

function linesOf(bill: Bill, isTerminal: boolean): readonly string[] {
  const { by, sinceMs, rows, budgets, total, outcomes } = bill;
  const prices = outcomePriceLines(outcomes);
  if (total.spends === 0) {
    const time = sinceMs === null ? "" : " in this time";
    return [`Nothing was spent${time}.`, ...budgetLines(budgets)];
  }
  if (by === byOutcome) {
    return [headLine(total), ...prices, "", ...outcomeLines(outcomes), ...budgetLines(budgets)];
  }
  const unnamed = by === "plan" ? "(no plan: reviews, and drafts of plans)" : `(no ${by})`;
  const sums = isTerminal
    ? chartLines(rows, unnamed)
    : rows.map(({ name, microUsd }) => `${exactUsd(microUsd)}  ${name === "" ? unnamed : name}`);
  return [headLine(total), ...prices, "", ...sums, ...budgetLines(budgets)];
}

function headLine({ microUsd, spends, ...parts }: Totals): string {
  const shares: readonly (readonly [number, string])[] = [
    [parts.retryMicroUsd, "in retries"],
    [parts.failedMicroUsd, "in attempts that failed"],
    [parts.guessMicroUsd, "estimated"],
  ];
  const told = shares
    .filter(([amount]) => amount > 0)
    .map(([amount, words]) => `${exactUsd(amount)} ${words}`);
  const of = told.length === 0 ? "" : `, of it ${told.join(", ")}`;
  return `${exactUsd(microUsd)} USD in ${String(spends)} ${spends === 1 ? "line" : "lines"} of the ledger${of}.`;
}

function budgetLines(budgets: readonly Budget[]): readonly string[] {
  if (budgets.length === 0) {
    return [];
  }
  const rows = budgets.map((budget) => [
    clip(budget.scope, 40),
    exactUsd(budget.limitMicroUsd),
    exactUsd(budget.spentMicroUsd),
    exactUsd(budget.reservedMicroUsd),
  ]);
  return ["", ...tableLines(["budget", "limit", "spent", "reserved"], rows)];
}
