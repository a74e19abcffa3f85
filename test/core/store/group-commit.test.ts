import { AsyncLocalStorage } from "node:async_hooks";
import { readdirSync, readlinkSync, rmSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEvents, eventsMigration } from "../../../src/core/events/index.ts";
import { openBetterSqlite, openSqliteStore } from "../../../src/core/store/index.ts";
import type { SqliteDriver, Store, Transaction } from "../../../src/core/store/index.ts";
import { makeTemporaryDirectory } from "../../support/stores.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

const migrations = [
  eventsMigration,
  {
    version: 2,
    name: "notes",
    statements: [
      "CREATE TABLE notes (project TEXT NOT NULL, id BIGINT NOT NULL, PRIMARY KEY (project, id))",
    ],
  },
];

let directory: string;
let commits = 0;
let failNextCommit: Error | null = null;
/** What the driver was told apart from its statements. */
const said: string[] = [];
const opened: Store[] = [];

beforeEach(() => {
  directory = makeTemporaryDirectory();
  commits = 0;
  failNextCommit = null;
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map(async (store) => store.close()));
  rmSync(directory, { recursive: true });
});

async function open(
  settings: { readonly queueLimit?: number; readonly waitMs?: number } = {},
): Promise<Store> {
  const store = await openSqliteStore({
    file: join(directory, "skein", "skein.db"),
    project: "demo",
    migrations,
    time: createVirtualTime(),
    random: createSeededRandom(),
    settings: { groupCommit: true, ...settings },
    openDriver: watched,
  });
  opened.push(store);
  commits = 0;
  return store;
}

/** A driver that counts commits, and lets one fail. */
function watched(file: string): SqliteDriver {
  const driver = openBetterSqlite(file);
  return {
    exec: (sql) => {
      said.push(sql);
      return driver.exec(sql);
    },
    prepare: (sql) => {
      const statement = driver.prepare(sql);
      return sql !== "COMMIT"
        ? statement
        : {
            get: statement.get.bind(statement),
            all: statement.all.bind(statement),
            run: (...params) => {
              if (failNextCommit !== null) {
                const error = failNextCommit;
                failNextCommit = null;
                throw error;
              }
              commits += 1;
              return statement.run(...params);
            },
          };
    },
    close: () => {
      driver.close();
    },
  };
}

const add = async (tx: Transaction, id: number): Promise<number> =>
  tx.run("INSERT INTO notes (project, id) VALUES (?, ?)", [tx.project, id]);

async function ids(store: Store): Promise<readonly number[]> {
  const rows = await store.read(async (reader) =>
    reader.all<{ readonly id: number }>("SELECT id FROM notes WHERE project = ? ORDER BY id", [
      reader.project,
    ]),
  );
  return rows.map(({ id }) => id);
}

const count = async (tx: Transaction): Promise<number> =>
  (await tx.all("SELECT id FROM notes WHERE project = ?", [tx.project])).length;

const since = async (tx: Transaction): Promise<number> => Promise.resolve(tx.lockedAtMs);

const numbers = (many: number): readonly number[] => Array.from({ length: many }, (_, id) => id);

describe("groupCommit", () => {
  test("puts writers that ask at the same time into one commit", async () => {
    const store = await open();

    await Promise.all(numbers(40).map(async (id) => store.write(async (tx) => add(tx, id))));

    expect(commits).toBe(1);
    expect(await ids(store)).toEqual(numbers(40));
  });

  test("tells all who share a commit the same moment since which it holds the lock", async () => {
    const store = await open();

    const together = await Promise.all(numbers(5).map(async () => store.write(since)));
    const later = await store.write(since);

    expect(new Set(together).size).toBe(1);
    expect(later).toBeGreaterThan(together[0] ?? Number.NaN);
  });

  test("undoes a member that throws alone, and tells it its own error", async () => {
    const store = await open();
    const mistake = new Error("a mistake in the work");

    const outcomes = await Promise.allSettled(
      numbers(9).map(async (id) =>
        store.write(async (tx) => {
          await add(tx, id);
          if (id % 3 === 0) {
            throw mistake;
          }
          return id;
        }),
      ),
    );

    expect(commits).toBe(1);
    expect(await ids(store)).toEqual([1, 2, 4, 5, 7, 8]);
    expect(outcomes.map(({ status }) => status)).toEqual(
      numbers(9).map((id) => (id % 3 === 0 ? "rejected" : "fulfilled")),
    );
    expect(outcomes[3]).toEqual({ status: "rejected", reason: mistake });
  });

  test("lets a member see what those before it wrote, and nothing of one that threw", async () => {
    const store = await open();
    const seen = await Promise.all([
      store.write(async (tx) => {
        await add(tx, 1);
        return count(tx);
      }),
      store
        .write(async (tx) => {
          await add(tx, 2);
          throw new Error("undone");
        })
        .catch(() => -1),
      store.write(count),
    ]);

    expect(seen).toEqual([1, -1, 1]);
  });

  test("tells all members when the commit fails, runs no hook, and saves nothing", async () => {
    const store = await open();
    const rung: number[] = [];
    failNextCommit = Object.assign(new Error("disk I/O error"), { code: "SQLITE_IOERR" });

    const outcomes = await Promise.allSettled(
      numbers(5).map(async (id) =>
        store.write(async (tx) => {
          tx.afterCommit({}, () => rung.push(id));
          return add(tx, id);
        }),
      ),
    );

    expect(outcomes.every(({ status }) => status === "rejected")).toBe(true);
    expect(rung).toEqual([]);
    expect(await ids(store)).toEqual([]);
    await store.write(async (tx) => add(tx, 7));
    expect(await ids(store)).toEqual([7]);
  });

  test("runs hooks after the commit of all, each once, and none of a member that threw", async () => {
    const store = await open();
    const rung: string[] = [];

    await Promise.allSettled(
      numbers(6).map(async (id) =>
        store.write(async (tx) => {
          tx.beforeCommit({}, async () => {
            rung.push(`before ${String(id)}`);
          });
          tx.afterCommit({}, () => rung.push(`after ${String(id)} of ${String(commits)}`));
          await add(tx, id);
          if (id === 2) {
            throw new Error("undone");
          }
        }),
      ),
    );

    expect(rung).toEqual([
      ...[0, 1, 3, 4, 5].map((id) => `before ${String(id)}`),
      ...[0, 1, 3, 4, 5].map((id) => `after ${String(id)} of 1`),
    ]);
  });

  test("keeps the log's chain without a gap where members throw", async () => {
    const store = await open();
    const events = createEvents({
      doorbell: { ring: () => undefined, watch: () => () => undefined, close: () => undefined },
    });

    await Promise.allSettled(
      numbers(60).map(async (id) =>
        store.write(async (tx) => {
          await events.append(tx, {
            kind: "note.made",
            actor: "person:ada",
            cause: null,
            data: { id },
            changes: [],
          });
          if (id % 7 === 0) {
            throw new Error("undone");
          }
        }),
      ),
    );
    const check = await store.read(async (reader) => events.check(reader));

    expect(check).toMatchObject({ events: 51, faults: [], head: { seq: 51 } });
  });

  test("runs a member in the surroundings of whoever asked for it", async () => {
    const store = await open();
    const asker = new AsyncLocalStorage<string>();

    const seen = await Promise.all(
      ["ada", "bob", "eve"].map(async (name) =>
        asker.run(name, async () => store.write(async () => asker.getStore())),
      ),
    );

    expect(seen).toEqual(["ada", "bob", "eve"]);
    expect(commits).toBe(1);
  });

  test("refuses a write inside a member's work at once", async () => {
    const store = await open();

    const outcome = store.write(async () => store.write(async (tx) => add(tx, 1)));

    await expect(outcome).rejects.toMatchObject({ code: "SKN-0102" });
  });

  test("turns away whoever finds the line full, and keeps those in it", async () => {
    const store = await open({ queueLimit: 4 });

    const outcomes = await Promise.allSettled(
      numbers(10).map(async (id) => store.write(async (tx) => add(tx, id))),
    );

    expect(await ids(store)).toEqual([0, 1, 2, 3]);
    expect(outcomes.filter(({ status }) => status === "rejected")).toHaveLength(6);
    expect(outcomes[9]).toMatchObject({
      reason: { code: "SKN-7102", retryAfterMs: 100, facts: { queued: 4, limit: 4 } },
    });
  });

  test("shares the file with a writer of another process, and waits for it no longer than it may", async () => {
    const store = await open({ waitMs: 150 });
    const other = openBetterSqlite(join(directory, "skein", "skein.db"));
    other.exec("BEGIN IMMEDIATE");

    const early = await store.write(async (tx) => add(tx, 1)).catch((error: unknown) => error);
    const late = store.write(async (tx) => add(tx, 2));
    other.exec("COMMIT");
    await late;
    other.close();

    expect(early).toMatchObject({ code: "SKN-7101" });
    expect(await ids(store)).toEqual([2]);
  });

  test("lets care of the store in between groups, and answers those who asked before it ends", async () => {
    const store = await open();
    const before = numbers(10).map(async (id) => store.write(async (tx) => add(tx, id)));
    const tidying = store.maintenance.tidy();
    const after = numbers(10).map(async (id) => store.write(async (tx) => add(tx, 10 + id)));
    await Promise.all([...before, tidying, ...after]);

    const last = store.write(async (tx) => add(tx, 99));
    await store.close();

    await expect(last).resolves.toBe(1);
  });

  test.runIf(process.platform === "linux")(
    "makes no file for what a member would be undone with, however much it changes",
    async () => {
      // Other tests of this process may have left some.
      const before = new Set(namelessFiles());
      const store = await open();
      for (let from = 0; from < 20_000; from += 5_000) {
        await store.write(async (tx) => {
          for (let id = from; id < from + 5_000; id += 1) {
            await add(tx, id);
          }
        });
      }

      const files = await store.write(async (tx) => {
        await tx.run("UPDATE notes SET id = id + 100000 WHERE project = ?", [tx.project]);
        return namelessFiles();
      });

      expect(files.filter((file) => !before.has(file))).toEqual([]);
    },
  );

  test("rewrites the file with its copy on the disk", async () => {
    const store = await open();
    await store.write(async (tx) => {
      for (let id = 0; id < 20_000; id += 1) {
        await add(tx, id);
      }
    });
    await store.write(async (tx) => tx.run("DELETE FROM notes WHERE project = ?", [tx.project]));
    said.length = 0;

    await store.maintenance.tidy();

    expect(said).toEqual(["PRAGMA temp_store = FILE", "VACUUM", "PRAGMA temp_store = 2"]);
  });
});

/** The files that this process has open and that have no name, as those that SQLite makes for itself. */
function namelessFiles(): readonly string[] {
  return openFiles().filter((file) => file.endsWith(" (deleted)"));
}

function openFiles(): readonly string[] {
  return readdirSync("/proc/self/fd").flatMap((descriptor) => {
    try {
      return [readlinkSync(join("/proc/self/fd", descriptor))];
    } catch {
      return [];
    }
  });
}
