import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SkeinError } from "../../src/core/base/errors.ts";
import { openBetterSqlite } from "../../src/core/store/index.ts";
import type { SqliteDriver, SqliteStoreOptions } from "../../src/core/store/index.ts";
import { addNote, noteIds, notesMigration, openNoteStore } from "../support/note-store.ts";
import { makeTemporaryDirectory } from "../support/stores.ts";
import { createSeededRandom, createVirtualTime } from "../support/virtual-time.ts";

const notes = 120;
let directory = "";
let cases = 0;

/** Copies the files of a store that was killed while it wrote: database, journal, witness, and no shared memory. */
function crashed(): string {
  cases += 1;
  const place = join(directory, `case-${String(cases)}`);
  mkdirSync(place, { mode: 0o700 });
  for (const suffix of ["", "-wal", "-witness"]) {
    copyFileSync(join(directory, "killed", `skein.db${suffix}`), join(place, `skein.db${suffix}`));
  }
  return join(place, "skein.db");
}

/** Copies the file of a store that was closed in peace. */
function closed(): string {
  cases += 1;
  const place = join(directory, `case-${String(cases)}`);
  mkdirSync(place, { mode: 0o700 });
  for (const suffix of ["", "-witness"]) {
    copyFileSync(join(directory, "closed", `skein.db${suffix}`), join(place, `skein.db${suffix}`));
  }
  return join(place, "skein.db");
}

type Outcome =
  | { readonly kind: "refused"; readonly code: string }
  | { readonly kind: "unwell" }
  | { readonly kind: "served"; readonly rows: number };

/** Opens, checks and reads a store. Whatever is no named error with a next step is thrown. */
async function use(file: string, options: Partial<SqliteStoreOptions> = {}): Promise<Outcome> {
  try {
    const store = await openNoteStore({ file, ...options });
    try {
      const health = await store.maintenance.health("full");
      if (!health.ok) {
        expect(health.problems.length).toBeGreaterThan(0);
        return { kind: "unwell" };
      }
      const ids = await noteIds(store);
      expect(ids).toEqual(Array.from({ length: notes }, (_, id) => id));
      await store.write(async (tx) => addNote(tx, 1_000));
      return { kind: "served", rows: ids.length };
    } finally {
      await store.close();
    }
  } catch (error) {
    if (error instanceof SkeinError) {
      expect(error.code).toMatch(/^SKN-71\d\d$/u);
      expect(error.fix.length).toBeGreaterThan(20);
      return { kind: "refused", code: error.code };
    }
    throw error;
  }
}

function flipBit(file: string, offset: number): void {
  const bytes = readFileSync(file);
  bytes[offset] = (bytes[offset] ?? 0) ^ 0x10;
  writeFileSync(file, bytes);
}

/** Opens a driver that says it is older than it is. */
function openOldDriver(file: string): SqliteDriver {
  const driver = openBetterSqlite(file);
  const old = driver.prepare("SELECT '3.51.2' AS version");
  return {
    prepare: (sql) => (sql.includes("sqlite_version") ? old : driver.prepare(sql)),
    exec: (sql) => driver.exec(sql),
    close: () => driver.close(),
  };
}

beforeAll(async () => {
  directory = makeTemporaryDirectory();
  const file = join(directory, "live", "skein.db");
  // Two seconds a write, so that each write leaves its witness.
  const time = createVirtualTime();
  const store = await openNoteStore({ file, time });
  for (let id = 0; id < notes; id += 1) {
    time.advance(2_000);
    await store.write(async (tx) => addNote(tx, id, `note ${String(id)} ${"x".repeat(100)}`));
    if (id === notes / 2) {
      await store.maintenance.tidy();
    }
  }
  const keep = (name: string, suffixes: readonly string[]): void => {
    mkdirSync(join(directory, name));
    for (const suffix of suffixes) {
      copyFileSync(`${file}${suffix}`, join(directory, name, `skein.db${suffix}`));
    }
  };
  keep("killed", ["", "-wal", "-witness"]);
  await store.close();
  keep("closed", ["", "-witness"]);
});

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe("R15: broken files", () => {
  test("a store that was killed or closed is served in full", async () => {
    expect(await use(crashed())).toEqual({ kind: "served", rows: notes });
    expect(await use(closed())).toEqual({ kind: "served", rows: notes });
  });

  test("a flipped bit anywhere in the database is named, or touches no row (60 places)", async () => {
    const random = createSeededRandom(15);
    const outcomes: string[] = [];
    for (let round = 0; round < 60; round += 1) {
      const file = closed();
      const [high = 0, low = 0, third = 0] = random.bytes(3);
      const page =
        round % 2 === 0 ? (high * 65_536 + low * 256 + third) % statSync(file).size : round % 110;
      flipBit(file, page);
      const outcome = await use(file);
      outcomes.push(outcome.kind);
    }
    expect(outcomes).toContain("refused");
    expect(outcomes).toContain("served");
  });

  test.each([0, 1, 99, 512, 4_096, 8_192, 12_288])(
    "a database cut to %i bytes is refused or reported",
    async (size) => {
      const file = closed();
      truncateSync(file, size);

      expect((await use(file)).kind).not.toBe("served");
    },
  );

  test("a zeroed header is refused", async () => {
    const file = closed();
    const bytes = readFileSync(file);
    writeFileSync(file, bytes.fill(0, 0, 100));

    expect(await use(file)).toEqual({ kind: "refused", code: "SKN-7105" });
  });

  test("a lost journal is refused, since it held confirmed work; without its witness the rest is served", async () => {
    const file = crashed();
    rmSync(`${file}-wal`);

    expect(await use(file)).toEqual({ kind: "refused", code: "SKN-7114" });
    rmSync(`${file}-witness`);
    const store = await openNoteStore({ file });
    expect((await noteIds(store)).length).toBeLessThan(notes);
    await store.close();
  });

  test.each([0, 16, 32, 5_000, 40_000])("a journal cut to %i bytes is refused", async (size) => {
    const file = crashed();
    truncateSync(`${file}-wal`, size);

    expect(await use(file)).toEqual({ kind: "refused", code: "SKN-7114" });
  });

  test("a flipped bit in the journal is refused, or touches nothing that counts (20 places)", async () => {
    const random = createSeededRandom(16);
    for (let round = 0; round < 20; round += 1) {
      const file = crashed();
      const [high = 0, low = 0, third = 0] = random.bytes(3);
      flipBit(`${file}-wal`, (high * 65_536 + low * 256 + third) % statSync(`${file}-wal`).size);

      expect(["refused", "served"]).toContain((await use(file)).kind);
    }
  });

  test("a store put back to an older copy is refused", async () => {
    const file = closed();
    copyFileSync(`${file}-witness`, `${file}-kept`);
    rmSync(`${file}-witness`);
    const store = await openNoteStore({ file });
    const backup = join(directory, `older-${String(cases)}.db`);
    await store.maintenance.backup(backup);
    await store.write(async (tx) => addNote(tx, 2_000));
    await store.close();
    copyFileSync(backup, file);

    expect(await use(file)).toEqual({ kind: "refused", code: "SKN-7114" });
  });

  test("a store that was removed as a whole begins anew; one whose journal is left does not", async () => {
    const removed = closed();
    rmSync(removed);
    const robbed = crashed();
    rmSync(robbed);

    const store = await openNoteStore({ file: removed });
    expect(await noteIds(store)).toEqual([]);
    await store.close();
    expect(await use(robbed)).toEqual({ kind: "refused", code: "SKN-7114" });
  });

  test("lost shared memory is made again", async () => {
    const file = crashed();
    expect(existsSync(`${file}-shm`)).toBe(false);

    expect(await use(file)).toEqual({ kind: "served", rows: notes });
  });

  test("a file of another program is refused", async () => {
    const text = closed();
    writeFileSync(
      text,
      "These are notes of a person, long enough to be a header of some file. ".repeat(20),
    );
    const foreign = closed();
    rmSync(foreign);
    const db = openBetterSqlite(foreign);
    db.exec("CREATE TABLE theirs (id INTEGER PRIMARY KEY)");
    db.close();

    expect(await use(text)).toEqual({ kind: "refused", code: "SKN-7105" });
    expect(await use(foreign)).toEqual({ kind: "refused", code: "SKN-7105" });
  });

  test("a newer schema is refused with the fix", async () => {
    const file = closed();
    const later = { version: 2, name: "later", statements: ["CREATE TABLE later (project TEXT)"] };
    await (await openNoteStore({ file, migrations: [notesMigration, later] })).close();

    expect(await use(file)).toEqual({ kind: "refused", code: "SKN-7106" });
  });

  test("an old library is refused for a shared file", async () => {
    expect(await use(closed(), { openDriver: openOldDriver })).toEqual({
      kind: "refused",
      code: "SKN-7107",
    });
  });

  test.each([
    ["NFS", 0x69_69],
    ["SMB2", 0xfe_53_4d_42],
    ["CIFS", 0xff_53_4d_42 | 0],
    ["9p", 0x01_02_19_97],
    ["FUSE", 0x65_73_55_46],
    ["Ceph", 0x00_c3_64_00],
  ])("a store on %s is refused", async (_name, type) => {
    expect(await use(closed(), { fileSystemType: () => type })).toEqual({
      kind: "refused",
      code: "SKN-7108",
    });
  });

  test("a directory, a link and a place that others may write are refused", async () => {
    const folder = closed();
    rmSync(folder);
    mkdirSync(folder);
    const link = closed();
    rmSync(link);
    symlinkSync(join(directory, "closed", "skein.db"), link);
    const linkedPlace = join(directory, "linked");
    symlinkSync(join(directory, "closed"), linkedPlace);
    const open = join(directory, "open");
    mkdirSync(open);
    chmodSync(open, 0o777);

    expect(await use(folder)).toEqual({ kind: "refused", code: "SKN-7110" });
    expect(await use(link)).toEqual({ kind: "refused", code: "SKN-7113" });
    expect(await use(join(linkedPlace, "skein.db"))).toEqual({ kind: "refused", code: "SKN-7113" });
    expect(await use(join(open, "skein.db"))).toEqual({ kind: "refused", code: "SKN-7113" });
    expect(await use("/dev/null/skein.db")).toMatchObject({ kind: "refused" });
  });
});
