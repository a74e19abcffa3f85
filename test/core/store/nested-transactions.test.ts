import { describe, expect, test } from "vitest";
import { addNote, noteIds, notesMigration } from "../../support/note-store.ts";
import { openMemoryStore } from "../../support/stores.ts";

const nested = { code: "SKN-0102" };

describe("a transaction inside another of the same store", () => {
  test.each(["read", "write"] as const)("fails at once inside a %s", async (outer) => {
    const { store } = await openMemoryStore({ migrations: [notesMigration] });

    const write = store[outer](() => store.write((tx) => addNote(tx, 1)));
    await expect(write).rejects.toMatchObject(nested);
    const read = store[outer](() => store.read(async () => 1));
    await expect(read).rejects.toMatchObject(nested);

    expect(await noteIds(store)).toEqual([]);
    await store.close();
  });

  test("is no matter for another store, nor for what is begun in a transaction and outlives it", async () => {
    const one = await openMemoryStore({ migrations: [notesMigration] });
    const other = await openMemoryStore({ migrations: [notesMigration] });
    let late: Promise<number> = Promise.resolve(0);

    await one.store.write(async (tx) => {
      await addNote(tx, 1);
      await other.store.write((inner) => addNote(inner, 7));
      late = new Promise((resolve) => {
        setImmediate(resolve);
      }).then(() => one.store.write((after) => addNote(after, 2)));
    });
    await late;

    expect(await noteIds(one.store)).toEqual([1, 2]);
    expect(await noteIds(other.store)).toEqual([7]);
    await one.store.close();
    await other.store.close();
  });
});
