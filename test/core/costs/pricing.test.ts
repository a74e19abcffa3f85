import { describe, expect, test } from "vitest";

import {
  costOf,
  defaultPrices,
  findPrice,
  formatUsd,
  priceOf,
  priceRow,
} from "../../../src/core/costs/index.ts";
import type { Usage } from "../../../src/core/costs/index.ts";

const small = priceRow("small", { input: 0.25, output: 1.25, cacheRead: 0.025 });
const medium = priceRow("medium", { input: 3, output: 15, cacheRead: 0.3 });

function aUsage(odd: Partial<Usage> = {}): Usage {
  return {
    model: null,
    inputTokens: 0,
    outputTokens: 0,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    microUsd: null,
    ...odd,
  };
}

describe("priceOf", () => {
  test("prices the worked mission of 18 issues to the micro-dollar", () => {
    const planner = priceOf(aUsage({ inputTokens: 2_000, outputTokens: 3_000 }), small);
    const task = priceOf(aUsage({ inputTokens: 15_000, outputTokens: 8_000 }), medium);
    const coordinator = priceOf(aUsage({ inputTokens: 50_000, outputTokens: 20_000 }), medium);

    expect(6 * planner).toBe(25_500);
    expect(18 * task).toBe(2_970_000);
    expect(coordinator).toBe(450_000);
    expect(6 * planner + 18 * task + coordinator).toBe(3_445_500);
    expect(formatUsd(6 * planner + 18 * task + coordinator)).toBe("3.45");
  });

  test("rounds a fraction of a micro-dollar up", () => {
    expect(priceOf(aUsage({ inputTokens: 1 }), small)).toBe(1);
    expect(priceOf(aUsage({ inputTokens: 4 }), small)).toBe(1);
    expect(priceOf(aUsage({ inputTokens: 5 }), small)).toBe(2);
  });

  test("counts reading and writing the cache", () => {
    const usage = aUsage({ cacheReadTokens: 1_000_000, cacheWriteTokens: 1_000_000 });

    expect(priceOf(usage, medium)).toBe(3_300_000);
  });

  test("stays exact where floating point would not", () => {
    const usage = aUsage({ inputTokens: 999_999_999_999 });

    expect(priceOf(usage, medium)).toBe(2_999_999_999_997);
  });
});

describe("findPrice", () => {
  test.each([
    ["claude-opus-5", "claude-opus-5"],
    ["claude-opus-5-5", "claude-opus-5-5"],
    ["claude-opus-4.5", "claude-opus-4-5"],
    ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["anthropic/claude-haiku-4-5", "claude-haiku-4-5"],
    ["us.anthropic.claude-haiku-4-5-20251001-v1:0", "claude-haiku-4-5"],
    ["claude-sonnet-5[1m]", "claude-sonnet-5"],
    ["openai/gpt-5.4-mini-2026-03-01", "gpt-5.4-mini"],
    ["GPT-5.4", "gpt-5.4"],
  ])("knows %s as %s", (name, model) => {
    expect(findPrice(name, defaultPrices)?.model).toBe(model);
  });

  test.each(["gpt-5.4-pro", "claude-opus-55", "claude", "", "gpt-5"])(
    "does not take %j for a model that is only alike",
    (name) => {
      expect(findPrice(name, defaultPrices)).toBeNull();
    },
  );

  test("charges nothing for a local model", () => {
    expect(costOf(aUsage({ model: "ollama/qwen3", inputTokens: 9_999 }), defaultPrices)).toEqual({
      microUsd: 0,
      isGuess: false,
    });
  });
});

describe("costOf", () => {
  test("believes the cost that is reported", () => {
    const usage = aUsage({ model: "claude-opus-5", inputTokens: 1_000, microUsd: 7 });

    expect(costOf(usage, defaultPrices)).toEqual({ microUsd: 7, isGuess: false });
  });

  test("charges an unknown model as the dearest known, and says so", () => {
    const usage = aUsage({ model: "new-model", inputTokens: 1_000_000 });

    expect(costOf(usage, defaultPrices)).toEqual({ microUsd: 15_000_000, isGuess: true });
  });

  test("charges nothing for no usage at all", () => {
    expect(costOf(aUsage(), defaultPrices)).toEqual({ microUsd: 0, isGuess: false });
  });
});

describe("defaultPrices", () => {
  test("names each model once, with whole prices, and says from where and when", () => {
    const names = defaultPrices.prices.map(({ model }) => model);

    expect(new Set(names).size).toBe(names.length);
    expect(defaultPrices.asOf).toMatch(/^\d{4}-\d{2}$/u);
    expect(defaultPrices.sources.length).toBeGreaterThan(0);
    for (const { input, output, cacheRead, cacheWrite } of defaultPrices.prices) {
      expect([input, output, cacheRead, cacheWrite].every(Number.isSafeInteger)).toBe(true);
      expect(cacheRead).toBeLessThan(input);
      expect(output).toBeGreaterThan(input);
    }
  });
});

describe("formatUsd", () => {
  test.each([
    [0, "0.00"],
    [4_999, "0.00"],
    [5_000, "0.01"],
    [1_000_000, "1.00"],
    [12_345_678_900, "12345.68"],
    [-5_000, "-0.01"],
  ])("shows %i micro-dollars as %s", (microUsd, text) => {
    expect(formatUsd(microUsd)).toBe(text);
  });
});
