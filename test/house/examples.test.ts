import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parsePlan } from "../../src/core/plans/index.ts";
import { loadSettings } from "../../src/settings.ts";

describe("examples", () => {
  test.each(readdirSync("examples/plans"))("the plan %s is one that Skein takes in", (file) => {
    const text = readFileSync(`examples/plans/${file}`, "utf8");

    expect(parsePlan({ text, fileName: file }).tasks.length).toBeGreaterThan(0);
  });

  test("the settings are understood, each of them", async () => {
    const text = readFileSync("examples/skein.yml", "utf8");

    const { settings, file } = await loadSettings({ root: "examples", env: {}, text });

    expect(file).toBe("skein.yml");
    expect(settings).toMatchObject({
      integration: { branch: "main", method: "rebase", checks: ["types"] },
      leases: { durationMs: 1_800_000 },
      generated: ["dist/**", "package-lock.json"],
      budgetMicroUsd: 25_000_000,
    });
    expect(settings.checks.get("types")?.argv).toEqual(["npx", "tsc", "--noEmit"]);
  });
});
