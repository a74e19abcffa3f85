import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openBetterSqlite } from "../../../src/core/store/index.ts";
import { addNote, openNoteStore } from "../../support/note-store.ts";
import { makeTemporaryDirectory } from "../../support/stores.ts";

let directory = "";

beforeEach(() => {
  directory = makeTemporaryDirectory();
});

afterEach(() => {
  rmSync(directory, { recursive: true });
});

test("a store tells how often its writes had to wait for another process", async () => {
  const file = join(directory, "skein.db");
  const store = await openNoteStore({ file });
  await store.write(async (tx) => addNote(tx, 1, "alone"));
  const before = store.load().waits;
  const other = openBetterSqlite(file);
  other.exec("BEGIN IMMEDIATE");

  const written = store.write(async (tx) => addNote(tx, 2, "after the other"));
  await new Promise((resolve) => setTimeout(resolve, 60));
  other.exec("ROLLBACK");
  await written;

  expect(before).toBe(0);
  expect(store.load().waits).toBeGreaterThan(0);
  other.close();
  await store.close();
});
