import { existsSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { createVitest } from "vitest/node";
import type { TestSpecification } from "vitest/node";
import { LongestFirst, longest } from "../../scripts/longest-first.ts";
import { filesBelow, root } from "../../scripts/run.ts";

describe("the order of the test files", () => {
  test("names files that there are, each once", () => {
    expect(longest.filter((path) => !existsSync(join(root, path)))).toEqual([]);
    expect(new Set(longest).size).toBe(longest.length);
  });

  test("has every file once, the long ones first, and those of a project that share their modules together at the end", async () => {
    const vitest = await createVitest("test", { root, watch: false, run: true });
    try {
      const files = await vitest.globTestSpecifications();
      // oxlint-disable-next-line unicorn/no-array-sort -- that of the order, no list's.
      const sorted = await new LongestFirst(vitest).sort(files);

      const own = sorted.filter(({ project }) => project.config.isolate);
      const shared = sorted.filter(({ project }) => !project.config.isolate);
      const projects = [...new Set(shared.map(({ project }) => project.name))];
      const parts = projects.map((name) => shared.filter(({ project }) => project.name === name));
      const named = longest.map((path) => join(root, path));
      expect(sorted.map(pathOf).toSorted()).toEqual(files.map(pathOf).toSorted());
      expect(sorted).toHaveLength(
        filesBelow(join(root, "test")).filter((path) => path.endsWith(".test.ts")).length,
      );
      expect(projects).toContain("unit");
      expect(sorted.map(pathOf)).toEqual([...own, ...parts.flat()].map(pathOf));
      for (const part of [own, ...parts]) {
        const inPart = new Set(part.map(pathOf));
        const first = named.filter((path) => inPart.has(path));
        expect(first).not.toEqual([]);
        expect(part.slice(0, first.length).map(pathOf)).toEqual(first);
      }
    } finally {
      await vitest.close();
    }
  });
});

function pathOf({ moduleId }: TestSpecification): string {
  return moduleId;
}
