import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { defaults } from "../../src/settings/explain/defaults.ts";

/** The rows of the tables: the setting and what it means, and its default. */
const rows = readFileSync("docs/configuration.md", "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => {
    const [, name = "", means = "", usual = ""] = line.split("|");
    return { name, means, usual: usual.trim() };
  });

/** What people call a setting there: names of their own are `NAME`, and where such a name is the last part, the part before it tells of it. */
function spoken(pattern: string): string {
  return pattern.replace(/\.\*$/u, "").replaceAll("*", "NAME");
}

/** The row of a setting: by its whole name, or by the part above it with its own name in the same row. */
function rowOf(pattern: string): (typeof rows)[number] | undefined {
  const name = spoken(pattern);
  const dot = name.lastIndexOf(".");
  const [above, last] = [name.slice(0, dot), name.slice(dot + 1)];
  const whole = rows.find((row) => row.name.includes(`\`${name}\``));
  return (
    whole ??
    rows.find(
      (row) =>
        row.name.includes(`\`${above}`) &&
        [row.name, row.means].some((text) => new RegExp(`\`\\.?${last}\``, "u").test(text)),
    )
  );
}

/** Limits of one project are told as those of all; a section that holds names alone is told by what is under each. */
const patterns = Object.keys(defaults);
const told = patterns.filter(
  (pattern) =>
    !pattern.startsWith("limits.projects") &&
    !patterns.some((other) => other.startsWith(`${pattern}.*.`)),
);

/** A number or a word as the page writes it; null for anything else. */
function textOf(pattern: string): string | null {
  const usual = defaults[pattern];
  const value = usual !== undefined && "value" in usual ? usual.value : null;
  return typeof value === "number"
    ? value.toLocaleString("en-US")
    : typeof value === "string"
      ? value
      : null;
}

test("docs/configuration.md has a row for every setting", () => {
  expect(told.filter((pattern) => rowOf(pattern) === undefined)).toEqual([]);
});

test("docs/configuration.md tells the numbers and words that hold where nobody says anything", () => {
  const wrong = told.filter((pattern) => {
    const [row, text] = [rowOf(pattern), textOf(pattern)];
    return text !== null && !`${row?.usual ?? ""} ${row?.means ?? ""}`.includes(text);
  });

  expect(wrong).toEqual([]);
});
