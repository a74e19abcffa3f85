import * as z from "zod";
import type { Usage } from "../core/costs/index.ts";
import { longestWaitMs } from "../core/dispatch/index.ts";

/** The session's handle: every tool takes it, none demands it. */
export const sessionField = z.string().max(200).describe("From a reply; omit to join").optional();

/** The key that makes a repeated call answer as the first one did. */
export const keyField = z.string().min(1).max(100).describe("Idempotency key").optional();

export const waitField = z.number().min(0).describe("At most 45").optional();

export const taskField = z.string().min(1).max(150);

export const fenceField = z.int().min(0);

export const nameField = z.string().max(200).describe("Your name for people").optional();

/** What a model call used, as agents report it. */
export const usageField = z
  .strictObject({
    model: z.string().max(100).optional(),
    input_tokens: z.int().min(0).optional(),
    output_tokens: z.int().min(0).optional(),
    cache_read_tokens: z.int().min(0).optional(),
    cache_write_tokens: z.int().min(0).optional(),
    usd: z.number().min(0).max(100_000).optional(),
  })
  .optional();

/** Nothing for no usage. A cost below a millionth of a dollar is rounded up. */
export function usagesOf(usage: z.output<typeof usageField>): readonly Usage[] {
  if (usage === undefined) {
    return [];
  }
  return [
    {
      model: usage.model ?? null,
      inputTokens: usage.input_tokens ?? 0,
      outputTokens: usage.output_tokens ?? 0,
      cacheReadTokens: usage.cache_read_tokens ?? 0,
      cacheWriteTokens: usage.cache_write_tokens ?? 0,
      microUsd: usage.usd === undefined ? null : Math.ceil(usage.usd * 1_000_000 - 1e-6),
    },
  ];
}

/** Waits longer than a host would bear are cut to 45 seconds. */
export function waitMsOf(seconds: number | undefined): number {
  return Math.min((seconds ?? 0) * 1_000, longestWaitMs);
}
