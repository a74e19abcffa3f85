import { describe, expect, test } from "vitest";
import { spentByModel } from "../../src/core/gauges.ts";

function many(count: number): readonly { readonly name: string; readonly microUsd: number }[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `model-${String(index)}`,
    microUsd: 1_000_000 * (count - index),
  }));
}

describe("spentByModel", () => {
  test("names few models each", () => {
    expect(spentByModel([{ name: "", microUsd: 500_000 }])).toEqual([
      { labels: { model: "" }, value: 0.5 },
    ]);
  });

  test("tells however many names agents make up in at most 101 series, and loses no money", () => {
    const values = spentByModel(many(20_000));

    expect(values).toHaveLength(101);
    expect(values[0]).toEqual({ labels: { model: "model-0" }, value: 20_000 });
    expect(values.at(-1)?.labels).toEqual({ model: "(others)" });
    expect(values.reduce((sum, { value }) => sum + value, 0)).toBe((20_000 * 20_001) / 2);
  });

  test("has one series of the others where an agent names a model so", () => {
    const values = spentByModel([{ name: "(others)", microUsd: 9_000_000_000_000 }, ...many(150)]);
    const others = values.filter(({ labels }) => labels["model"] === "(others)");

    expect(others).toHaveLength(1);
    expect(values.length).toBeLessThanOrEqual(101);
  });
});
