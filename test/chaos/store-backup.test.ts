import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { addNote, noteIds, openNoteStore } from "../support/note-store.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";

test("R26: a backup taken under load is one moment of the store, five times", async () => {
  const directory = makeTemporaryDirectory();
  const file = join(directory, "live", "skein.db");
  const store = await openNoteStore({ file });
  const writer = await openNoteStore({ file });
  let id = 0;
  const ending = new AbortController();
  const load = (async () => {
    while (!ending.signal.aborted) {
      id += 1;
      // Two rows a transaction: half of one would be a torn moment.
      await writer.write(async (tx) => {
        await addNote(tx, id, "left");
        await addNote(tx, -id, "right");
      });
    }
  })();

  for (let round = 1; round <= 5; round += 1) {
    const confirmed = id - 1;
    const target = join(directory, `backup-${String(round)}.db`);
    await store.maintenance.backup(target);
    expect(statSync(target).mode & 0o777).toBe(0o600);
    const copy = await openNoteStore({ file: target });

    const ids = await noteIds(copy);

    expect(ids.reduce((sum, each) => sum + each, 0)).toBe(0);
    expect(ids.length / 2).toBeGreaterThanOrEqual(confirmed);
    expect(await copy.maintenance.health("full")).toMatchObject({ ok: true });
    await copy.write(async (tx) => addNote(tx, 1_000_000));
    await copy.close();
  }
  ending.abort();
  await load;
  await store.maintenance.tidy();

  expect(await store.maintenance.health("full")).toMatchObject({ ok: true });
  await expect(store.maintenance.backup(file)).rejects.toMatchObject({ code: "SKN-1102" });
  await expect(
    store.maintenance.backup(join(directory, "nowhere", "backup.db")),
  ).rejects.toMatchObject({ code: "SKN-7110" });
  await store.close();
  await writer.close();
  rmSync(directory, { recursive: true });
});
