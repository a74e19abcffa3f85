import type { MicroUsd } from "../../base/ids.ts";
import { priceOf } from "../../costs/index.ts";
import type { Price } from "../../costs/index.ts";
import { leavesOf } from "../draft.ts";
import type { DraftPlan } from "../draft.ts";

/** What a piece of work is expected to take. */
export interface Estimate {
  readonly minutes: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Null where no price is known. */
  readonly microUsd: MicroUsd | null;
}

/** A task of 30 minutes reads 15,000 tokens and writes 8,000 (requirement E6); others in proportion. */
const usualMinutes = 30;
const usualInputTokens = 15_000;
const usualOutputTokens = 8_000;

/** Estimates a task by its minutes. Code does it: a model's word on costs is not asked for. */
export function estimateTask(minutes: number, price: Price | null): Estimate {
  const inputTokens = Math.ceil((minutes * usualInputTokens) / usualMinutes);
  const outputTokens = Math.ceil((minutes * usualOutputTokens) / usualMinutes);
  const usage = { inputTokens, outputTokens, cacheReadTokens: 0, cacheWriteTokens: 0 };
  return {
    minutes,
    inputTokens,
    outputTokens,
    microUsd: price === null ? null : priceOf(usage, price),
  };
}

/** Estimates each task that is handed out, by its id. */
export function estimatesOf(
  { tasks }: Pick<DraftPlan, "tasks">,
  price: Price | null,
): Readonly<Record<string, Estimate>> {
  return Object.fromEntries(
    leavesOf(tasks).map(({ id, minutes }) => [id, estimateTask(minutes, price)]),
  );
}

/** Adds up the tasks that are to be done. */
export function estimatePlan({ tasks }: Pick<DraftPlan, "tasks">, price: Price | null): Estimate {
  const each = leavesOf(tasks)
    .filter(({ isDone }) => !isDone)
    .map(({ minutes }) => estimateTask(minutes, price));
  const sum = (of: (one: Estimate) => number): number =>
    each.reduce((total, one) => total + of(one), 0);
  return {
    minutes: sum(({ minutes }) => minutes),
    inputTokens: sum(({ inputTokens }) => inputTokens),
    outputTokens: sum(({ outputTokens }) => outputTokens),
    microUsd: price === null ? null : sum(({ microUsd }) => microUsd ?? 0),
  };
}
