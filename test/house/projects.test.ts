import { globSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { migrations } from "../../src/core/index.ts";
import { readSources } from "../support/import-law.ts";

const tables = migrations
  .flatMap(({ statements }) => statements)
  .flatMap((statement) => /^CREATE TABLE (\w+) /u.exec(statement)?.[1] ?? []);

const aboutTable = new RegExp(`\\b(?:FROM|INTO|UPDATE|JOIN)\\s+(?:${tables.join("|")})\\b`, "u");

/** Every statement is bound to its project: by a condition of its own, or as the first column of its new rows. */
function isBound(statement: string): boolean {
  return statement.startsWith("INSERT INTO")
    ? /^INSERT INTO \w+\s*\(\s*project\b/u.test(statement)
    : /\bproject = (?:\?|\w+\.project)/u.test(statement);
}

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where modules keep their statements. */
const places = globSync("src/core/*/{tables,*-tables,statements,*-statements,probes}.ts", {
  cwd: root,
});

/** The statements as they are sent: with everything in them that a constant is made of. */
async function readStatements(): Promise<readonly string[]> {
  const modules = await Promise.all(
    places.map(async (path) => {
      const module: Readonly<Record<string, unknown>> = await import(join(root, path));
      return Object.values(module);
    }),
  );
  return modules
    .flat()
    .flatMap(textsIn)
    .map((text) => text.trim())
    .filter((text) => aboutTable.test(text));
}

/** The texts of a constant, of a set of them or of probes, and of what makes a text for so many rows. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === "string") {
    return [value];
  }
  if (typeof value === "function") {
    return madeBy(value);
  }
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** A file of statements has other functions, too, which take no number. */
function madeBy(make: Function): readonly string[] {
  try {
    const made: unknown = make(3);
    return typeof made === "string" ? [made] : [];
  } catch {
    return [];
  }
}

const statements = await readStatements();

describe("projects in one database", () => {
  test("have a key in every table that begins with the project", () => {
    const loose = migrations
      .flatMap(({ statements: made }) => made)
      .filter((statement) => statement.startsWith("CREATE TABLE"))
      .filter(
        (statement) =>
          !/PRIMARY KEY \(project\b|project TEXT NOT NULL PRIMARY KEY/u.test(statement),
      );

    expect(tables.length).toBeGreaterThan(20);
    expect(loose).toEqual([]);
  });

  test("meet in no statement: each names the project", () => {
    expect(statements.length).toBeGreaterThan(190);
    expect(statements.filter((statement) => !isBound(statement))).toEqual([]);
  });

  test("have no statements in other files than those that were looked at", () => {
    const elsewhere = readSources()
      .filter(({ path }) => path.startsWith("src/") && !places.includes(path))
      .filter(({ text }) => aboutTable.test(text))
      .map(({ path }) => path);

    expect(elsewhere).toEqual([]);
  });

  test("would be noticed if they met", () => {
    const loose = [
      "SELECT id FROM tasks WHERE status = ?",
      "INSERT INTO tasks (id, project) VALUES (?, ?)",
      "DELETE FROM events",
    ];

    expect(loose.filter((statement) => aboutTable.test(statement) && !isBound(statement))).toEqual(
      loose,
    );
  });
});
