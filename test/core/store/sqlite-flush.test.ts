import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createFlush } from "../../../src/core/store/dialects/sqlite-flush.ts";
import { openSqliteStore } from "../../../src/core/store/index.ts";
import type { SqliteSettings } from "../../../src/core/store/index.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

describe("createFlush", () => {
  let file = "";
  let directory = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "skein-test-"));
    file = join(directory, "skein.db");
  });

  afterEach(() => {
    rmSync(directory, { recursive: true });
  });

  test("brings the journal to the disk, alone and in a crowd", async () => {
    writeFileSync(`${file}-wal`, "frames");
    const flush = createFlush(file);

    const all = [
      flush.start("many"),
      flush.start("many"),
      flush.start("many"),
      flush.start("alone"),
    ];

    await expect(Promise.all(all)).resolves.toHaveLength(4);
    await flush.close();
  });

  test("says so when the disk does not confirm", async () => {
    const flush = createFlush(file);

    await expect(flush.start("alone")).rejects.toMatchObject({
      code: "SKN-7111",
      kind: "unavailable",
    });
    await expect(flush.start("many")).rejects.toMatchObject({ code: "SKN-7111" });
    await flush.close();
  });

  test.skipIf(process.platform !== "linux")(
    "is done after each write of a store that is to be durable, and of no other",
    async () => {
      // SQLite has the journal open itself; whoever flushes it has it open, too.
      expect([
        await openJournals(join(directory, "usual"), {}),
        await openJournals(join(directory, "full"), { synchronous: "full" }),
        await openJournals(join(directory, "normal"), { synchronous: "normal" }),
      ]).toEqual([2, 2, 1]);
    },
  );
});

/** How often this process has the journal of a store open that has just written. */
async function openJournals(folder: string, settings: SqliteSettings): Promise<number> {
  const file = join(folder, "skein.db");
  const store = await openSqliteStore({
    file,
    project: "demo",
    migrations: [],
    time: createVirtualTime(),
    random: createSeededRandom(),
    settings,
  });
  await store.write(async (tx) => tx.run("CREATE TABLE notes (text TEXT)", []));
  const opened = openTo(`${file}-wal`);
  await store.close();
  return opened;
}

/** How often this process has a file open. */
function openTo(path: string): number {
  return readdirSync("/proc/self/fd").filter((name) => {
    try {
      return readlinkSync(join("/proc/self/fd", name)) === path;
    } catch {
      return false;
    }
  }).length;
}
