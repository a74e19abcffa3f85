import { execFileSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBetterSqlite } from "../../src/core/store/index.ts";
import type { SqliteDriver, Store } from "../../src/core/store/index.ts";
import { addNote, noteIds, openNoteStore } from "../support/note-store.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import { createSeededRandom } from "../support/virtual-time.ts";

const big = "x".repeat(3_000);

/** Writes until the store has no room; tells the ids that were confirmed. */
async function fillUp(store: Store, from: number, perWrite: number): Promise<readonly number[]> {
  const confirmed: number[] = [];
  for (let id = from; id < from + 2_000; id += perWrite) {
    const ids = Array.from({ length: perWrite }, (_, index) => id + index);
    try {
      await store.write(async (tx) => {
        for (const each of ids) {
          await addNote(tx, each, big);
        }
      });
    } catch (error) {
      expect(error).toMatchObject({ code: "SKN-7103", kind: "unavailable" });
      return confirmed;
    }
    confirmed.push(...ids);
  }
  throw new Error("The store never became full.");
}

describe("R13: a full disk", () => {
  let directory = "";

  beforeEach(() => {
    directory = makeTemporaryDirectory();
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("costs nothing that was confirmed, at 100 page limits, and heals without a restart", async () => {
    const drivers: SqliteDriver[] = [];
    const store = await openNoteStore({
      file: join(directory, "skein.db"),
      openDriver: (file) => {
        const driver = openBetterSqlite(file);
        drivers.push(driver);
        return driver;
      },
      settings: { synchronous: "normal" },
    });
    const limitPages = (extra: number): void => {
      const [row] = drivers[0]?.prepare("PRAGMA page_count").all<{ page_count: number }>() ?? [];
      drivers[0]
        ?.prepare(`PRAGMA max_page_count = ${String((row?.page_count ?? 0) + extra)}`)
        .all();
    };
    const random = createSeededRandom(13);
    const expected: number[] = [];

    for (let round = 0; round < 100; round += 1) {
      const [size = 0] = random.bytes(1);
      limitPages(round % 25);
      expected.push(...(await fillUp(store, round * 10_000, 1 + (size % 7))));
      expect(await noteIds(store)).toEqual(expected);
    }
    limitPages(1_000);
    await store.write(async (tx) => addNote(tx, 9_999_999, big));

    expect(await store.maintenance.health("full")).toMatchObject({ ok: true, problems: [] });
    await store.close();
  });

  test("of a real file system is survived alike", async ({ skip }) => {
    const mount = join(directory, "small");
    mkdirSync(mount);
    try {
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=2m,mode=700", "tmpfs", mount], {
        stdio: "ignore",
      });
    } catch {
      skip("no right to mount a file system here");
    }
    try {
      const store = await openNoteStore({ file: join(mount, "skein.db") });
      writeFileSync(join(mount, "ballast"), Buffer.alloc(300_000));

      const confirmed = await fillUp(store, 0, 3);

      expect(await noteIds(store)).toEqual(confirmed);
      expect(await store.maintenance.health("full")).toMatchObject({ ok: true });
      rmSync(join(mount, "ballast"));
      await store.write(async (tx) => addNote(tx, 9_999_999, big));
      expect(await noteIds(store)).toHaveLength(confirmed.length + 1);
      await store.close();
    } finally {
      execFileSync("umount", ["-l", mount]);
    }
  });
});
