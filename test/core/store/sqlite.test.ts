import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { openBetterSqlite, openSqliteStore } from "../../../src/core/store/index.ts";
import type { Migration, OpenSqlite, Store } from "../../../src/core/store/index.ts";
import { canBeginToWrite } from "../../support/note-store.ts";
import { makeTemporaryDirectory } from "../../support/stores.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

const notes: Migration = {
  version: 1,
  name: "notes",
  statements: [
    "CREATE TABLE notes (project TEXT NOT NULL, id BIGINT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (project, id))",
  ],
};

async function tell(store: Store): Promise<number> {
  return store.write(async (tx) => tx.nowMs);
}

describe("openSqliteStore", () => {
  let directory = "";
  const opened: Store[] = [];
  let time = createVirtualTime();
  const open = async (): Promise<Store> => {
    const store = await openSqliteStore({
      file: join(directory, "skein", "skein.db"),
      project: "demo",
      migrations: [notes],
      time,
      random: createSeededRandom(),
    });
    opened.push(store);
    return store;
  };

  beforeEach(() => {
    directory = makeTemporaryDirectory();
    time = createVirtualTime();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (store) => store.close()));
    rmSync(directory, { recursive: true });
  });

  test("is tuned as told: WAL, 64 MB of cache, a checkpoint each 1,000 pages, 100 writers in the line", async () => {
    const drivers: ReturnType<OpenSqlite>[] = [];
    const store = await openSqliteStore({
      file: join(directory, "skein", "skein.db"),
      project: "demo",
      migrations: [notes],
      time,
      random: createSeededRandom(),
      openDriver: (file) => {
        const driver = openBetterSqlite(file);
        drivers.push(driver);
        return driver;
      },
    });
    opened.push(store);
    const [driver] = drivers;
    const names = ["journal_mode", "cache_size", "wal_autocheckpoint", "journal_size_limit"];

    expect(names.map((name) => driver?.prepare(`PRAGMA ${name}`).all())).toEqual([
      [{ journal_mode: "wal" }],
      [{ cache_size: -65_536 }],
      [{ wal_autocheckpoint: 1_000 }],
      [{ journal_size_limit: 16_777_216 }],
    ]);
    expect(store.load().limit).toBe(100);
  });

  test("keeps what was written for the next opening", async () => {
    const first = await open();
    await first.write(async (tx) =>
      tx.run("INSERT INTO notes (project, id, text) VALUES (?, ?, ?)", [tx.project, 1, "kept"]),
    );
    await first.close();

    const second = await open();
    const row = await second.read(async (reader) =>
      reader.get<{ text: string }>("SELECT text FROM notes WHERE project = ? AND id = ?", [
        "demo",
        1,
      ]),
    );

    expect(row).toEqual({ text: "kept" });
  });

  test("lets no one else write between what a write reads and what it writes", async () => {
    const store = await open();
    const file = join(directory, "skein", "skein.db");

    const [inRead, inWrite] = [
      await store.read(async (reader) => {
        await reader.all("SELECT id FROM notes WHERE project = ?", ["demo"]);
        return canBeginToWrite(file);
      }),
      await store.write(async (tx) => {
        await tx.all("SELECT id FROM notes WHERE project = ?", ["demo"]);
        return canBeginToWrite(file);
      }),
    ];

    expect([inRead, inWrite]).toEqual([true, false]);
  });

  test("tidies: the journal is emptied, and what more than a quarter of the pages held is given back", async () => {
    const store = await open();
    const [file, text] = [join(directory, "skein", "skein.db"), "x".repeat(4_000)];
    const sizes = (): readonly number[] => [file, `${file}-wal`].map((path) => statSync(path).size);
    await store.write(async (tx) => {
      for (let id = 0; id < 300; id += 1) {
        const values = [tx.project, id, text];
        await tx.run("INSERT INTO notes (project, id, text) VALUES (?, ?, ?)", values);
      }
    });

    await store.maintenance.tidy();
    const [full = 0, ...journal] = sizes();
    const keep = async (count: number): Promise<readonly number[]> => {
      await store.write(async (tx) =>
        tx.run("DELETE FROM notes WHERE project = ? AND id >= ?", [tx.project, count]),
      );
      await store.maintenance.tidy();
      return sizes();
    };
    const [much] = await keep(240);
    const [most = 0] = await keep(210);
    const [small = 0, ...after] = await keep(10);

    expect(full).toBeGreaterThan(300 * 4_000);
    expect(much).toBe(full);
    expect(most).toBeLessThan(full * 0.75);
    expect(small).toBeLessThan(full / 4);
    expect([journal, after]).toEqual([[0], [0]]);
  });

  test("closes its file and directory to other users", async () => {
    await open();

    const file = join(directory, "skein", "skein.db");
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, "skein")).mode & 0o777).toBe(0o700);
  });

  test("tells a time that no jump of the wall clock touches, before and after a reopening", async () => {
    const store = await open();
    const startMs = await tell(store);

    for (const jumpMs of [3_600_000, -86_400_000, -startMs, 86_400_000 * 400]) {
      time.jumpWall(jumpMs);
      expect(await tell(store)).toBe(startMs);
      expect(await tell(await open())).toBe(startMs);
    }
    time.advance(1_500);

    expect(await tell(store)).toBe(startMs + 1_500);
    expect(await tell(await open())).toBe(startMs + 1_500);
  });

  test("goes on after a reboot from the last time it knew, whatever the wall clock says", async () => {
    const before = await open();
    const lastMs = await before.write(async (tx) => tx.nowMs);
    await before.close();
    time.jumpWall(-10_000_000_000);
    time.reboot();

    const after = await open();

    expect(await after.write(async (tx) => tx.nowMs)).toBe(lastMs);
    expect(after.bootId).not.toBe(before.bootId);
  });

  test("flushes for many writers of one process as for one", async () => {
    const store = await open();

    await Promise.all(
      Array.from({ length: 50 }, async (_, id) =>
        store.write(async (tx) =>
          tx.run("INSERT INTO notes (project, id, text) VALUES (?, ?, ?)", [tx.project, id, "x"]),
        ),
      ),
    );
    await store.close();

    const rows = await (
      await open()
    ).read(async (reader) => reader.all("SELECT id FROM notes WHERE project = ?", ["demo"]));
    expect(rows).toHaveLength(50);
  });
});
