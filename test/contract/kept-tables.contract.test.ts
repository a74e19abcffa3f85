import { expect, test } from "vitest";
import type { Migration, Store } from "../../src/core/store/index.ts";
import { eachStore } from "../support/stores.ts";

const notes: Migration = {
  version: 1,
  name: "notes",
  statements: ["CREATE TABLE notes (project TEXT NOT NULL, id BIGINT NOT NULL)"],
};

const labels: Migration = {
  version: 1,
  name: "labels",
  statements: ["CREATE TABLE labels (project TEXT NOT NULL, id BIGINT NOT NULL)"],
};

const filled: Migration = {
  version: 2,
  name: "filled",
  statements: ["INSERT INTO notes (project, id) VALUES ('demo', 7)"],
};

const add = async (store: Store, id: number): Promise<number> =>
  store.write(async (tx) =>
    tx.run("INSERT INTO notes (project, id) VALUES (?, ?)", [tx.project, id]),
  );

const idsOf = async (store: Store): Promise<readonly number[]> => {
  const rows = await store.read(async (reader) =>
    reader.all<{ id: number }>("SELECT id FROM notes WHERE project = ? ORDER BY id", [
      reader.project,
    ]),
  );
  return rows.map(({ id }) => id);
};

/** Cases that follow each other in one place: each would see what the one before it left. */
eachStore("tables that are made once", (open) => {
  test.each([1, 2, 3])("are empty for test %i, and shared by its stores", async (id) => {
    const one = await open({ migrations: [notes] });
    const other = await open({ migrations: [notes], project: "other" });

    await add(one.store, id);
    await add(other.store, id * 10);

    expect(await idsOf(one.store)).toEqual([id]);
    expect(await idsOf(other.store)).toEqual([id * 10]);
  });

  test("are not those of other steps", async () => {
    const { store } = await open({ migrations: [labels] });

    await expect(idsOf(store)).rejects.toThrow(/notes/u);
  });

  test.each([1, 2])("are made anew by steps that write rows, time %i", async () => {
    const { store } = await open({ migrations: [notes, filled] });

    expect(await idsOf(store)).toEqual([7]);

    await add(store, 8);
  });

  test("are not held for small after many rows", async () => {
    const { store } = await open({ migrations: [notes] });
    await store.write(async (tx) => {
      for (let from = 0; from < 2_100; from += 300) {
        const rows = Array.from({ length: 300 }, (_, at) => `('demo', ${String(from + at)})`);
        await tx.run(`INSERT INTO notes (project, id) VALUES ${rows.join(", ")}`, []);
      }
    });

    expect(await idsOf(store)).toHaveLength(2_100);
  });

  test("are empty after all of these", async () => {
    const { store } = await open({ migrations: [notes] });

    expect(await idsOf(store)).toEqual([]);
  });
});
