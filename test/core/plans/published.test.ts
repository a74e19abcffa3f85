import { readFileSync, readdirSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePlan, planLimits, usualMinutes } from "../../../src/core/plans/index.ts";
import { planKeys, taskKeys } from "../../../src/core/plans/decode.ts";

const root = new URL("../../../", import.meta.url);
const schema = JSON.parse(readFileSync(new URL("schema/plan.schema.json", root), "utf8"));
const examples = readdirSync(new URL("examples/plans/", root));

describe("the published schema of the plan file", () => {
  test("has the keys that the parser reads", () => {
    expect(Object.keys(schema.properties)).toEqual([...planKeys]);
    expect(Object.keys(schema.$defs.task.properties)).toEqual([...taskKeys]);
  });

  test("has the bounds that the parser has", () => {
    const { minutes, files, depends_on: dependencies, spec } = schema.$defs.task.properties;

    expect(schema.properties.tasks.maxItems).toBe(planLimits.tasks);
    expect(minutes).toMatchObject({ maximum: planLimits.minutes, default: usualMinutes });
    expect(files.maxItems).toBe(planLimits.filesATask);
    expect(dependencies.maxItems).toBe(planLimits.dependenciesATask);
    expect(spec.maxLength).toBe(planLimits.specBytes);
  });
});

describe("the example plans", () => {
  test.each(examples)("%s is a plan", (fileName) => {
    const text = readFileSync(new URL(`examples/plans/${fileName}`, root), "utf8");

    expect(parsePlan({ text, fileName }).tasks.length).toBeGreaterThan(2);
  });

  test("say the same in YAML and in Markdown", () => {
    const orders = ["checkout-flow.yml", "checkout-flow.md"].map((fileName) => {
      const text = readFileSync(new URL(`examples/plans/${fileName}`, root), "utf8");
      return parsePlan({ text, fileName }).tasks.map(({ title, files, priority }) => ({
        title,
        files,
        priority,
      }));
    });

    expect(orders[1]).toEqual(orders[0]);
  });
});
