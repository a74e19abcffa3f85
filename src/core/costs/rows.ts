import type { EntityChange } from "../events/index.ts";
import type { Budget, Spend } from "./cost.ts";
import type { BudgetRow, SpendRow } from "./tables.ts";

/** Reads a stored budget; null when its limit was taken away. */
export function budgetOf(row: BudgetRow): Budget | null {
  if (row.limit_micro_usd === null) {
    return null;
  }
  return {
    scope: row.scope,
    limitMicroUsd: row.limit_micro_usd,
    isHard: row.is_hard === 1,
    reservedMicroUsd: row.reserved_micro_usd,
    spentMicroUsd: row.spent_micro_usd,
  };
}

/** Reads stored budgets, leaving out those without a limit. */
export function budgetsOf(rows: readonly BudgetRow[]): readonly Budget[] {
  return rows.map((row) => budgetOf(row)).filter((budget) => budget !== null);
}

/** Reads a stored line of the ledger. */
export function spendOf(row: SpendRow): Spend {
  return {
    id: `C${String(row.number)}`,
    atMs: row.at_ms,
    session: row.session,
    plan: row.plan,
    task: row.task,
    fence: row.fence,
    attempt: row.attempt,
    usage: {
      model: row.model,
      inputTokens: row.input_tokens,
      outputTokens: row.output_tokens,
      cacheReadTokens: row.cache_read_tokens,
      cacheWriteTokens: row.cache_write_tokens,
      microUsd: row.reported_micro_usd,
    },
    microUsd: row.micro_usd,
    isGuess: row.is_guess === 1,
    isFailed: row.is_failed === 1,
  };
}

/** The change of a ledger line as events carry it. */
export function spendChange(spend: Spend): EntityChange {
  const { usage } = spend;
  return {
    entity: "spend",
    id: spend.id,
    set: {
      at: spend.atMs,
      session: spend.session,
      plan: spend.plan,
      task: spend.task,
      fence: spend.fence,
      attempt: spend.attempt,
      model: usage.model,
      input_tokens: usage.inputTokens,
      output_tokens: usage.outputTokens,
      cache_read_tokens: usage.cacheReadTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      reported_micro_usd: usage.microUsd,
      micro_usd: spend.microUsd,
      is_guess: spend.isGuess,
      is_failed: spend.isFailed,
    },
  };
}
