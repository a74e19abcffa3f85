import { describe, expect, test } from "vitest";
import { SkeinError } from "../../src/core/base/errors.ts";
import { parsePlan } from "../../src/core/plans/index.ts";
import { readPlainYaml } from "../../src/core/plans/plain-yaml.ts";
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

/** T25: texts within the limit of bytes that would cost a minute or all memory to read. */
describe("a hostile YAML file", () => {
  const most = 4_900_000;

  test.each([
    ["brackets that never close", "SKN-1401", `tasks: ${"[".repeat(most)}`],
    ["braces in braces", "SKN-1401", `tasks: ${"{a: ".repeat(most / 4)}`],
    [
      "brackets that close",
      "SKN-1401",
      `tasks: ${"[".repeat(most / 2)}${"]".repeat(most / 2 - 8)}`,
    ],
    ["a list of lists", "SKN-1408", `- ${"[".repeat(50)}${"]".repeat(50)}\n`.repeat(most / 103)],
    ["dashes in dashes", "SKN-1408", "- ".repeat(most / 2)],
  ])("is refused without delay: %s", (_, code, text) => {
    const startedAtMs = cpuMs();

    expect(() => parsePlan({ text, format: "yaml" })).toThrow(
      expect.objectContaining({ constructor: SkeinError, code }),
    );

    // The first of them took more than a minute before.
    expect(cpuMs() - startedAtMs).toBeLessThan(5_000);
  });

  test.each([
    ["blank lines within a text", `a: |\n  b\n${"\n".repeat(most)}  c\n`],
    ["blanks before a comment", `a: b${" ".repeat(most)}#\n`],
    ["blanks in a list", `a: [b${" ".repeat(most)}, c]\n`],
    ["blanks behind a quote", `a: "b"${" ".repeat(most)}c\n`],
    ["quotes in quotes", `a: '${"''".repeat(most / 2)}\n`],
  ])("is looked through without delay: %s", (_, text) => {
    const startedAtMs = cpuMs();

    readPlainYaml(text);

    expect(cpuMs() - startedAtMs).toBeLessThan(3_000);
  });

  test("is told where it opens too much", () => {
    const text = `plan: p\ntasks: ${"[".repeat(200_000)}`;

    expect(() => parsePlan({ text, format: "yaml" })).toThrow(
      expect.objectContaining({ facts: expect.objectContaining({ line: 2, column: 72 }) }),
    );
  });
});
