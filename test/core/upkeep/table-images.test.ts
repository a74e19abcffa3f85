import { describe, expect, test } from "vitest";

import { migrations } from "../../../src/core/index.ts";
import { insertRow, readTableImages, selectAll } from "../../../src/core/upkeep/table-images.ts";

describe("readTableImages", () => {
  test("knows every table of the schema but those with secrets and turns", () => {
    const made = migrations
      .flatMap(({ statements }) => statements)
      .map((statement) => /^\s*CREATE TABLE (\w+)/u.exec(statement)?.[1])
      .filter((name) => name !== undefined);

    const names = readTableImages(migrations).map(({ name }) => name);

    expect(made.filter((name) => !names.includes(name))).toEqual([
      "session_handles",
      "integration_turns",
    ]);
    expect(names).toEqual(expect.arrayContaining(["events", "tasks", "leases", "sessions"]));
  });

  test("reads columns, their types and the key, without the project", () => {
    const [image] = readTableImages([
      {
        version: 1,
        name: "x",
        statements: [
          `CREATE TABLE things (
            project TEXT NOT NULL,
            id TEXT NOT NULL,
            size BIGINT,
            PRIMARY KEY (project, id)
          )`,
          "CREATE INDEX things_by_size ON things (project, size)",
        ],
      },
    ]);

    expect(image).toEqual({
      name: "things",
      columns: [
        { name: "id", type: "text", isNullable: false, isYounger: false, isBlank: false },
        { name: "size", type: "integer", isNullable: true, isYounger: false, isBlank: false },
      ],
      key: ["id"],
      isYounger: false,
    });
    expect(image && selectAll(image)).toBe(
      "SELECT id, size FROM things WHERE project = ? ORDER BY id",
    );
    expect(image && insertRow(image)).toBe(
      "INSERT INTO things (project, id, size) VALUES (?, ?, ?)",
    );
  });

  test("tells the tables that no export of the first format had", () => {
    const statements = [
      "CREATE TABLE late (project TEXT NOT NULL, id TEXT NOT NULL, PRIMARY KEY (project, id))",
    ];
    const steps = [12, 13].map((version) => ({ version, name: "x", statements }));

    expect(readTableImages(steps).map(({ isYounger }) => isYounger)).toEqual([false, true]);
  });

  test("adds a column that a later step gave to a table, and knows that earlier exports lack it", () => {
    const [image] = readTableImages([
      { version: 1, name: "x", statements: ["CREATE TABLE things (\n id TEXT NOT NULL\n)"] },
      { version: 14, name: "y", statements: ["ALTER TABLE things ADD COLUMN whose TEXT"] },
      { version: 15, name: "z", statements: ["ALTER TABLE others ADD COLUMN whose TEXT"] },
    ]);

    expect(image?.columns).toEqual([
      { name: "id", type: "text", isNullable: false, isYounger: false, isBlank: false },
      { name: "whose", type: "text", isNullable: true, isYounger: true, isBlank: false },
    ]);
  });
});
