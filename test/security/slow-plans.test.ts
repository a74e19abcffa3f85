import { describe, expect, test } from "vitest";
import { readMarks } from "../../src/core/plans/markdown-marks.ts";
import { cpuMs } from "../support/cpu-time.ts";

/** T25: lines on which a search that starts anew at each place would take minutes. */
describe("a hostile checklist", () => {
  test.each([
    ["the word of a mark, again and again", "files:".repeat(20_000)],
    ["the word of a mark in a line of middle length", "files:".repeat(5_000)],
    ["brackets that never close", "(".repeat(32_000)],
    ["braces that never close", `files: ${"{".repeat(32_000)}`],
    ["braces in braces", `files: ${"{a".repeat(10_000)}${"}".repeat(10_000)}`],
    ["dots with blanks", `${" .".repeat(16_000)}x`],
    ["ticks that never close", `files: ${"`a ".repeat(10_000)}`],
    ["references without end", `after ${"#1, ".repeat(8_000)}x`],
  ])("is read without delay: %s", (_, line) => {
    const startedAtMs = cpuMs();

    readMarks(line);

    // The first of them took 50 seconds before.
    expect(cpuMs() - startedAtMs).toBeLessThan(3_000);
  });

  test("keeps a line of many files", () => {
    const files = Array.from({ length: 200 }, (_, number) => `src/module-${String(number)}/**`);

    const marks = readMarks(`T1: Rework it files: ${files.join(", ")}`);

    expect(marks).toMatchObject({ id: "T1", title: "Rework it", files });
  });
});
