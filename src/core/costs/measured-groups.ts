import type { Usage } from "./cost.ts";
import type { TokenUsage } from "./pricing.ts";
import { largestCount } from "./spending.ts";
import type { MeasuredUse } from "./transcripts/transcript.ts";

const dayMs = 86_400_000;

/** The claim that something was used under. */
export interface MeasuredClaim {
  readonly plan: string;
  readonly task: string;
  readonly fence: number;
  readonly attempt: number;
  /** True when the attempt failed or was lost. */
  readonly isFailed: boolean;
}

/** What one model used under one claim on one day. */
export interface MeasuredGroup {
  readonly claim: MeasuredClaim | null;
  /** Of the last answer. */
  readonly atMs: number;
  readonly usage: Usage;
  readonly uses: number;
}

/** Sorts uses by claim, model and day of UTC. */
export function groupUses(
  uses: readonly MeasuredUse[],
  claimAt: (atMs: number) => MeasuredClaim | null,
  nowMs: number,
): readonly MeasuredGroup[] {
  const groups = new Map<string, MeasuredGroup>();
  for (const use of uses) {
    // A record's clock may be wrong; nothing was used in the future.
    const atMs = Math.min(use.atMs ?? nowMs, nowMs);
    const claim = claimAt(atMs);
    const key = JSON.stringify([use.model, claim, Math.floor(atMs / dayMs)]);
    const before = groups.get(key) ?? emptyGroup(use.model, claim);
    groups.set(key, {
      ...before,
      atMs: Math.max(atMs, before.atMs),
      usage: sumOf(before.usage, use),
      uses: before.uses + 1,
    });
  }
  return [...groups.values()];
}

function emptyGroup(model: string | null, claim: MeasuredClaim | null): MeasuredGroup {
  const usage = {
    model,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    microUsd: null,
  };
  return { claim, atMs: 0, usage, uses: 0 };
}

function sumOf(before: Usage, use: TokenUsage): Usage {
  const sum = (key: keyof TokenUsage): number => Math.min(largestCount, use[key] + before[key]);
  return {
    ...before,
    inputTokens: sum("inputTokens"),
    outputTokens: sum("outputTokens"),
    cacheReadTokens: sum("cacheReadTokens"),
    cacheWriteTokens: sum("cacheWriteTokens"),
  };
}
