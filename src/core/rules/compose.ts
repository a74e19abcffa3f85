import type { RuleResult } from "./rule.ts";

/**
 * All must hold. What is skipped is taken out; one that fails decides, then one that could not be judged. Nothing left: skipped.
 */
export function allOf(results: readonly RuleResult[]): RuleResult {
  return firstOf(["fail", "error", "pass"], results);
}

/** One must hold. What is skipped is taken out; one that passes decides, then one that could not be judged. Nothing left: skipped. */
export function oneOf(results: readonly RuleResult[]): RuleResult {
  return firstOf(["pass", "error", "fail"], results);
}

function firstOf(order: readonly RuleResult[], results: readonly RuleResult[]): RuleResult {
  return order.find((result) => results.includes(result)) ?? "skipped";
}
