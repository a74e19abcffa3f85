import { isLooseObject } from "../../core/base/loose-object.ts";
import type { LooseObject } from "../../core/base/loose-object.ts";
import type { Generation, OutputSchema, TokenUsage } from "../../core/models/index.ts";

/** What every wire format says in the end. */
export type Reply = Pick<Generation, "text" | "usage" | "finish">;

/** Thoughts that some open models write in front of their answer. */
const thoughts = /^\s*<think>[\s\S]*?<\/think>/u;
const fence = /^```(?:json)?\s*\n(?<inside>[\s\S]*?)\n```\s*$/u;

/** The text as the schema's object, also inside a code fence or behind thoughts; null when it has not the shape. */
export function objectOf<T>(text: string, schema: OutputSchema<T>): T | null {
  const answer = text.replace(thoughts, "").trim();
  const inside = fence.exec(answer)?.groups?.["inside"] ?? answer;
  try {
    return schema.parse(JSON.parse(inside));
  } catch {
    return null;
  }
}

/** The items of a list that are objects. */
export function objectsOf(value: unknown): readonly LooseObject[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items.filter(isLooseObject);
}

/** Tokens as a provider tells them; null when any is no count. */
export function usageOf(tokens: {
  readonly [Name in keyof TokenUsage]: unknown;
}): TokenUsage | null {
  const inputTokens = countOf(tokens.inputTokens);
  const outputTokens = countOf(tokens.outputTokens);
  const cacheReadTokens = countOf(tokens.cacheReadTokens ?? 0);
  const cacheWriteTokens = countOf(tokens.cacheWriteTokens ?? 0);
  return inputTokens === null ||
    outputTokens === null ||
    cacheReadTokens === null ||
    cacheWriteTokens === null
    ? null
    : { inputTokens, outputTokens, cacheReadTokens, cacheWriteTokens };
}

/** Tokens of a provider that counts the cache's among the input; null when any is no count. */
export function usageWithin(tokens: {
  readonly [Name in keyof TokenUsage]: unknown;
}): TokenUsage | null {
  const usage = usageOf(tokens);
  const fresh =
    usage === null ? 0 : usage.inputTokens - usage.cacheReadTokens - usage.cacheWriteTokens;
  return usage === null ? null : { ...usage, inputTokens: Math.max(fresh, 0) };
}

function countOf(value: unknown): number | null {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 && value < 1e9
    ? value
    : null;
}
