import { SkeinError } from "../base/errors.ts";
import { cleanLine } from "../base/text.ts";
import type { Events } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { scopesOf } from "./budget.ts";
import { calendarScopes } from "./call.ts";
import { paddedScopes, updateSpentOfCall } from "./call-tables.ts";
import type { Spend, Usage } from "./cost.ts";
import { costErrors } from "./errors.ts";
import type { PriceTable } from "./prices.ts";
import { costOf } from "./pricing.ts";
import type { SpendRequest } from "./requests.ts";
import { drawDown } from "./reserving.ts";
import { spendChange } from "./rows.ts";
import * as sql from "./tables.ts";

/** The largest count and the largest amount that are believed. */
export const largestCount = 1_000_000_000_000;

export interface SpendingDeps {
  readonly events: Events;
  readonly prices: PriceTable;
}

/** Writes a spend down, takes it from the claim's reservation and adds it to each budget. */
export async function record(
  { events, prices }: SpendingDeps,
  tx: Transaction,
  request: SpendRequest,
): Promise<Spend> {
  const spend = await newSpend(tx, request, prices);
  await insert(tx, spend);
  const { plan, task, fence, microUsd } = spend;
  if (plan !== null && task !== null && fence !== null) {
    await drawDown(tx, { plan, task, fence }, microUsd);
  }
  const scopes = [...scopesOf(plan, task), ...calendarScopes(spend.atMs)];
  await tx.put(updateSpentOfCall, [microUsd, tx.project, ...paddedScopes(scopes)]);
  await events.append(tx, {
    kind: "spend.recorded",
    actor: request.actor,
    cause: fence,
    data: {},
    changes: [spendChange(spend)],
  });
  return spend;
}

async function newSpend(
  tx: Transaction,
  request: SpendRequest,
  prices: PriceTable,
): Promise<Spend> {
  const usage = checked(request.usage);
  const { microUsd, isGuess } = costOf(usage, prices);
  if (microUsd > largestCount) {
    throw badUsage("cost", microUsd);
  }
  const last = await tx.get<{ number: number }>(sql.selectLastSpend, [tx.project]);
  const { session, plan, task, fence, attempt } = request;
  return {
    id: `C${String((last?.number ?? 0) + 1)}`,
    atMs: request.atMs ?? tx.nowMs,
    session,
    plan,
    task,
    fence,
    attempt,
    usage,
    microUsd,
    isGuess,
    isFailed: request.isFailed ?? false,
  };
}

async function insert(tx: Transaction, spend: Spend): Promise<void> {
  const { usage } = spend;
  await tx.put(sql.insertSpend, [
    tx.project,
    Number(spend.id.slice(1)),
    spend.atMs,
    spend.session,
    spend.plan,
    spend.task,
    spend.fence,
    spend.attempt,
    usage.model,
    usage.inputTokens,
    usage.outputTokens,
    usage.cacheReadTokens,
    usage.cacheWriteTokens,
    usage.microUsd,
    spend.microUsd,
    spend.isGuess ? 1 : 0,
    spend.isFailed ? 1 : 0,
  ]);
}

/** @throws {SkeinError} SKN-1701 when a count is not a whole number in range. */
function checked(usage: Usage): Usage {
  const { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens, microUsd } = usage;
  const counts = { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
  for (const [name, count] of Object.entries({ ...counts, microUsd: microUsd ?? 0 })) {
    if (!Number.isSafeInteger(count) || count < 0 || count > largestCount) {
      throw badUsage(name, count);
    }
  }
  const model = cleanLine(usage.model ?? "", 100);
  return { ...counts, microUsd, model: model === "" ? null : model };
}

function badUsage(name: string, count: number): SkeinError {
  return new SkeinError(costErrors.badUsage, {
    message: `The usage's ${name} is ${String(count)}; it must be a whole number from 0 to 1,000,000,000,000.`,
    facts: { field: name, value: count },
  });
}
