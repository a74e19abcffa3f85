import { rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openBetterSqlite } from "../../../src/core/store/index.ts";
import { inTurn } from "../../../src/core/store/dialects/sqlite-waiting.ts";
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
  expect(store.load().crowds).toBe(0);
  other.close();
  await store.close();
});

test("a writer that cannot see how others get on, since one of them stands still at the wrong moment, waits on", async () => {
  const busy = Object.assign(new Error("database is locked"), { code: "SQLITE_BUSY" });
  let tries = 0;
  const waiting: Parameters<typeof inTurn>[0] = {
    backoff: { retryMs: () => 1 },
    turns: {
      isContended: () => false,
      wait: async () => Promise.resolve(),
      leave: () => undefined,
      callNext: () => undefined,
      close: () => undefined,
    },
    waitMs: 5_000,
    commits: () => {
      throw busy;
    },
    onWait: () => undefined,
    onCrowd: () => undefined,
  };

  const written = await inTurn(waiting, async () => {
    tries += 1;
    return tries < 3 ? Promise.reject(busy) : Promise.resolve("written");
  });

  expect(written).toBe("written");
});

/** Others who hand the lock to each other, so that it is never free: each commits after 15 ms, and the next has begun. */
function openOthers(file: string): { stop(): void; close(): void } {
  const other = openBetterSqlite(file);
  let turns = 0;
  other.exec("BEGIN IMMEDIATE");
  const next = setInterval(() => {
    turns += 1;
    other.exec(`INSERT INTO notes VALUES ('demo', ${String(1_000 + turns)}, 'other'); COMMIT`);
    other.exec("BEGIN IMMEDIATE");
  }, 15);
  return {
    stop: () => {
      clearInterval(next);
      other.exec("COMMIT");
    },
    close: () => {
      clearInterval(next);
      other.close();
    },
  };
}

describe.each([
  { how: "one after the other", groupCommit: false },
  { how: "in groups", groupCommit: true },
])("a writer of a process that writes $how", ({ groupCommit }) => {
  const waitMs = 150;

  test("is not sent away while the lock goes from hand to hand", async () => {
    const file = join(directory, "skein.db");
    const store = await openNoteStore({ file, settings: { waitMs, groupCommit } });
    const others = openOthers(file);

    const written = store.write(async (tx) => addNote(tx, 1, "late"));
    await new Promise((resolve) => setTimeout(resolve, 3 * waitMs));
    const later = store.write(async (tx) => addNote(tx, 2, "later"));
    await new Promise((resolve) => setTimeout(resolve, waitMs / 2));
    others.stop();

    await expect(Promise.all([written, later])).resolves.toHaveLength(2);
    expect(store.load().crowds).toBe(1);
    others.close();
    await store.close();
  });

  test("is sent away when that goes on for six times as long as it may wait for one", async () => {
    const file = join(directory, "skein.db");
    const store = await openNoteStore({ file, settings: { waitMs, groupCommit } });
    const others = openOthers(file);

    const refused = await store
      .write(async (tx) => addNote(tx, 1, "never"))
      .catch((error: unknown) => error);

    expect(refused).toMatchObject({ code: "SKN-7101" });
    expect(
      Number(Reflect.get(Object(Reflect.get(Object(refused), "facts")), "waited_ms")),
    ).toBeGreaterThanOrEqual(6 * waitMs);
    others.close();
    await store.close();
  });
});
