import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Migration, Store, Transaction } from "../../src/core/store/index.ts";
import { eachStore, makeTemporaryDirectory } from "../support/stores.ts";

const notes: Migration = {
  version: 1,
  name: "notes",
  statements: [
    `CREATE TABLE notes (
      project TEXT NOT NULL, id BIGINT NOT NULL, text TEXT NOT NULL, of_id BIGINT, PRIMARY KEY (project, id)
    )`,
  ],
};

const tags: Migration = {
  version: 2,
  name: "tags",
  statements: [
    "ALTER TABLE notes ADD COLUMN tag TEXT",
    "CREATE INDEX notes_by_tag ON notes (project, tag)",
  ],
};

const migrations = [notes];
const insert = "INSERT INTO notes (project, id, text, of_id) VALUES (?, ?, ?, ?)";
const selectText = "SELECT text FROM notes WHERE project = ? AND id = ?";
const selectAll = "SELECT id, text, of_id FROM notes WHERE project = ? ORDER BY id";

const add = async (tx: Transaction, id: number, text = "note"): Promise<number> =>
  tx.run(insert, [tx.project, id, text, null]);

const all = async (store: Store): Promise<readonly unknown[]> =>
  store.read(async (reader) => reader.all(selectAll, [reader.project]));

const increase = async (store: Store): Promise<number> =>
  store.write(async (tx) => {
    const row = await tx.get<{ of_id: number }>(
      "SELECT of_id FROM notes WHERE project = ? AND id = 1",
      [tx.project],
    );
    return tx.run("UPDATE notes SET of_id = ? WHERE project = ? AND id = 1", [
      (row?.of_id ?? 0) + 1,
      tx.project,
    ]);
  });

/** Here the steps themselves are in question: each test has tables of its own. */
function eachStoreAnew(name: string, cases: Parameters<typeof eachStore>[1]): void {
  eachStore(name, cases, { isMadeAnew: true });
}

eachStoreAnew("write", (open) => {
  test("makes rows visible to the next read", async () => {
    const { store } = await open({ migrations });

    const changed = await store.write(async (tx) => add(tx, 1, "first"));

    expect(changed).toBe(1);
    expect(await all(store)).toEqual([{ id: 1, text: "first", of_id: null }]);
  });

  test.each(["a\0b", "\0", "a\uD800b"])(
    "takes the text %j, and finds nothing by it",
    async (text) => {
      const { store } = await open({ migrations });
      const selectIds = "SELECT id FROM notes WHERE project = ? AND text = ?";

      const found = await store.write(async (tx) => {
        const before = await tx.all(selectIds, [tx.project, text]);
        await tx.put(insert, [tx.project, 1, text, null]);
        return before;
      });

      expect(found).toEqual([]);
      expect(await all(store)).toHaveLength(1);
    },
  );

  test("returns what the work returns", async () => {
    const { store } = await open({ migrations });

    expect(await store.write(async () => "answer")).toBe("answer");
  });

  test("undoes everything when the work throws, and stays usable", async () => {
    const { store } = await open({ migrations });
    const mistake = new Error("a mistake in the work");

    const outcome = store.write(async (tx) => {
      await add(tx, 1);
      throw mistake;
    });

    await expect(outcome).rejects.toBe(mistake);
    expect(await all(store)).toEqual([]);
    await store.write(async (tx) => add(tx, 2));
    expect(await all(store)).toHaveLength(1);
  });

  test("hands a failing statement's own error to the caller", async () => {
    const { store } = await open({ migrations });
    await store.write(async (tx) => add(tx, 1));

    await expect(store.write(async (tx) => add(tx, 1))).rejects.toMatchObject({
      code: expect.stringMatching(/SQLITE|23505/u),
    });
  });

  test("counts the rows that a statement changed", async () => {
    const { store } = await open({ migrations });

    const changed = await store.write(async (tx) => {
      await add(tx, 1);
      await add(tx, 2);
      return tx.run("UPDATE notes SET text = ? WHERE project = ?", ["same", tx.project]);
    });

    expect(changed).toBe(2);
  });

  test("lets writers of one process in one at a time, in order of arrival", async () => {
    const { store } = await open({ migrations });
    const order: string[] = [];
    const writer = async (name: string): Promise<void> =>
      store.write(async (tx) => {
        order.push(`${name} in`);
        await tx.get(selectText, [tx.project, 1]);
        order.push(`${name} out`);
      });

    await Promise.all([writer("a"), writer("b"), writer("c")]);

    expect(order).toEqual(["a in", "a out", "b in", "b out", "c in", "c out"]);
  });

  test("loses no update of two stores that count in one row", async () => {
    const [first, second] = await Promise.all([open({ migrations }), open({ migrations })]);
    await first.store.write(async (tx) => tx.run(insert, [tx.project, 1, "counter", 0]));
    const turns = Array.from({ length: 40 }, async (_, turn) =>
      increase(turn % 2 === 0 ? first.store : second.store),
    );
    await Promise.all(turns);

    expect(await all(first.store)).toEqual([{ id: 1, text: "counter", of_id: 40 }]);
  });

  test("refuses a statement after its transaction has ended", async () => {
    const { store } = await open({ migrations });
    const leaked = await store.write(async (tx) => ({ tx }));

    await expect(add(leaked.tx, 1)).rejects.toThrow("an await is missing");
    expect(await all(store)).toEqual([]);
  });
});

eachStoreAnew("put", (open) => {
  test("writes what later statements of the transaction read", async () => {
    const { store } = await open({ migrations });

    const found = await store.write(async (tx) => {
      await tx.put(insert, [tx.project, 1, "one", null]);
      return tx.get(selectText, [tx.project, 1]);
    });

    expect(found).toEqual({ text: "one" });
  });

  test("undoes the whole transaction when it fails, and says why", async () => {
    const { store } = await open({ migrations });
    await store.write(async (tx) => add(tx, 1, "first"));

    const failing = store.write(async (tx) => {
      await tx.put(insert, [tx.project, 2, "two", null]);
      await tx.put(insert, [tx.project, 1, "again", null]);
      await tx.put(insert, [tx.project, 3, "three", null]);
    });

    await expect(failing).rejects.toThrow(/unique/iu);
    expect(await all(store)).toEqual([{ id: 1, text: "first", of_id: null }]);
  });

  test("is told of by the statement after it, where there is one", async () => {
    const { store } = await open({ migrations });
    await store.write(async (tx) => add(tx, 1, "first"));

    const failing = store.write(async (tx) => {
      await tx.put(insert, [tx.project, 1, "again", null]);
      return tx.get(selectText, [tx.project, 1]);
    });

    await expect(failing).rejects.toThrow(/unique/iu);
    expect(await store.write(async (tx) => add(tx, 2))).toBe(1);
  });
});

eachStoreAnew("beforeCommit and afterCommit", (open) => {
  test("run once a key: before the commit inside it, after the commit outside it", async () => {
    const { store } = await open({ migrations });
    const heard: string[] = [];
    const key = {};

    await store.write(async (tx) => {
      tx.beforeCommit(key, async () => {
        heard.push("before");
        await add(tx, 9, "by the hook");
      });
      tx.beforeCommit(key, async () => {
        heard.push("before again");
      });
      tx.afterCommit(key, () => heard.push("after"));
      heard.push("work");
    });

    expect(heard).toEqual(["work", "before", "after"]);
    expect(await all(store)).toEqual([{ id: 9, text: "by the hook", of_id: null }]);
  });

  test("do not run after a mistake in the work", async () => {
    const { store } = await open({ migrations });
    const heard: string[] = [];

    const outcome = store.write(async (tx) => {
      tx.beforeCommit(heard, async () => {
        heard.push("before");
      });
      tx.afterCommit(heard, () => heard.push("after"));
      throw new Error("a mistake in the work");
    });

    await expect(outcome).rejects.toThrow("a mistake");
    expect(heard).toEqual([]);
  });

  test("a failing hook before the commit undoes the work", async () => {
    const { store } = await open({ migrations });

    const outcome = store.write(async (tx) => {
      await add(tx, 1);
      tx.beforeCommit(tx, async () => {
        throw new Error("the hook failed");
      });
    });

    await expect(outcome).rejects.toThrow("the hook failed");
    expect(await all(store)).toEqual([]);
  });
});

eachStoreAnew("read", (open) => {
  test("gives null for no row and nothing for no rows", async () => {
    const { store } = await open({ migrations });

    const found = await store.read(async (reader) => ({
      one: await reader.get(selectText, [reader.project, 1]),
      many: await reader.all(selectAll, [reader.project]),
    }));

    expect(found).toEqual({ one: null, many: [] });
  });

  test("brings whole numbers, sums, counts, text and null back alike", async () => {
    const { store } = await open({ migrations });
    const big = 9_007_199_254_740_991;
    await store.write(async (tx) => {
      await tx.run(insert, [tx.project, big, "ö — 漢字 😀 'quoted' ? \\", null]);
      await tx.run(insert, [tx.project, 2, "", 3]);
    });

    const rows = await all(store);
    const totals = await store.read(async (reader) =>
      reader.get("SELECT COUNT(*) AS n, SUM(of_id) AS total FROM notes WHERE project = ?", [
        reader.project,
      ]),
    );

    expect(rows).toEqual([
      { id: 2, text: "", of_id: 3 },
      { id: big, text: "ö — 漢字 😀 'quoted' ? \\", of_id: null },
    ]);
    expect(totals).toEqual({ n: 2, total: 3 });
  });

  test("leaves question marks in quoted text alone", async () => {
    const { store } = await open({ migrations });

    const row = await store.read(async (reader) =>
      reader.get(
        "SELECT 'what?' AS asked, text FROM notes WHERE project = ? UNION ALL SELECT 'a''?', ?",
        [reader.project, "bound"],
      ),
    );

    expect(row).toEqual({ asked: "a'?", text: "bound" });
  });

  test("sees one moment, though another writes in between", async () => {
    const { store } = await open({ migrations });
    const other = await open({ migrations });
    await store.write(async (tx) => add(tx, 1));

    const counts = await store.read(async (reader) => {
      const before = await reader.all(selectAll, [reader.project]);
      await other.store.write(async (tx) => add(tx, 2));
      const after = await reader.all(selectAll, [reader.project]);
      return [before.length, after.length];
    });

    expect(counts).toEqual([1, 1]);
    expect(await all(store)).toHaveLength(2);
  });

  test("keeps projects apart by what its statements name", async () => {
    const mine = await open({ migrations, project: "mine" });
    const yours = await open({ migrations, project: "yours" });
    await mine.store.write(async (tx) => add(tx, 1, "mine"));

    expect(mine.store.project).toBe("mine");
    expect(await all(yours.store)).toEqual([]);
  });
});

eachStoreAnew("migrations", (open) => {
  test("run once, by whichever store comes first", async () => {
    const opened = await Promise.all([open({ migrations }), open({ migrations })]);

    for (const { store } of opened) {
      expect(await store.maintenance.health("quick")).toMatchObject({ ok: true, schemaVersion: 1 });
    }
  });

  test("add their steps to a store with rows", async () => {
    const before = await open({ migrations });
    await before.store.write(async (tx) => add(tx, 1, "old"));

    const { store } = await open({ migrations: [tags, notes] });

    const row = await store.read(async (reader) =>
      reader.get("SELECT text, tag FROM notes WHERE project = ?", [reader.project]),
    );
    expect(row).toEqual({ text: "old", tag: null });
  });

  test("refuse a schema that is newer than the program", async () => {
    await open({ migrations: [notes, tags] });

    await expect(open({ migrations })).rejects.toMatchObject({
      code: "SKN-7106",
      facts: { schema: 2, known: 1 },
    });
  });

  test("undo a step that fails, and keep the steps before it", async () => {
    const broken: Migration = {
      version: 2,
      name: "broken",
      statements: [
        "ALTER TABLE notes ADD COLUMN tag TEXT",
        "ALTER TABLE nowhere ADD COLUMN tag TEXT",
      ],
    };
    await expect(open({ migrations: [notes, broken] })).rejects.toThrow(/nowhere/u);

    const { store } = await open({ migrations });

    expect(await store.maintenance.health("quick")).toMatchObject({ schemaVersion: 1 });
    await expect(
      store.read(async (reader) => reader.all("SELECT tag FROM notes", [])),
    ).rejects.toThrow(/tag/u);
  });

  test("refuse a list with a gap", async () => {
    await expect(open({ migrations: [tags] })).rejects.toMatchObject({ code: "SKN-0101" });
  });
});

eachStoreAnew("the store's time", (open) => {
  test("never goes back from one transaction to the next", async () => {
    const { store } = await open({ migrations });
    const times: number[] = [];

    for (let turn = 0; turn < 20; turn += 1) {
      times.push(await store.write(async (tx) => tx.nowMs));
      times.push(await store.read(async (reader) => reader.nowMs));
    }

    expect(times).toEqual(times.toSorted((left, right) => left - right));
    expect(Number.isSafeInteger(times[0])).toBe(true);
  });

  test("tells since when a writer holds the lock: not before it asked, nor before its predecessor's end", async () => {
    const { store } = await open({ migrations });
    let endedMs = performance.now();

    for (let turn = 0; turn < 5; turn += 1) {
      const lockedAtMs = await store.write(async (tx) => Promise.resolve(tx.lockedAtMs));

      expect(lockedAtMs).toBeGreaterThanOrEqual(endedMs);
      endedMs = performance.now();
      expect(lockedAtMs).toBeLessThanOrEqual(endedMs);
    }
  });

  test("is one time for all stores of a database", async () => {
    const first = await open({ migrations });
    const second = await open({ migrations, time: first.time });
    first.time.advance(1_234);

    const times: number[] = [];
    for (const { store } of [first, second, first]) {
      times.push(await store.write(async (tx) => tx.nowMs));
    }

    const [before = 0, between = 0, after = 0] = times;
    expect(between).toBeGreaterThanOrEqual(before);
    expect(after).toBeGreaterThanOrEqual(between);
  });
});

eachStoreAnew("load and close", (open) => {
  test("tell how many writers wait", async () => {
    const { store } = await open({ migrations });

    const writes = Promise.all([
      store.write(async (tx) => add(tx, 1)),
      store.write(async (tx) => add(tx, 2)),
    ]);

    expect(store.load()).toEqual({ queued: 2, limit: 100, waits: 0, crowds: 0 });
    await writes;
    expect(store.load()).toEqual({ queued: 0, limit: 100, waits: 0, crowds: 0 });
  });

  test("refuse the writer that is one too many, and serve the others", async () => {
    const { store } = await open({ migrations });

    const outcomes = await Promise.allSettled(
      Array.from({ length: 101 }, async (_, id) => store.write(async (tx) => add(tx, id))),
    );

    expect(outcomes.filter(({ status }) => status === "fulfilled")).toHaveLength(100);
    expect(outcomes.at(-1)).toMatchObject({
      reason: { code: "SKN-7102", retryAfterMs: 100, facts: { limit: 100 } },
    });
    expect(await all(store)).toHaveLength(100);
  });

  test("end the work under way, then refuse more", async () => {
    const { store } = await open({ migrations });
    const last = store.write(async (tx) => add(tx, 1));

    await store.close();

    expect(await last).toBe(1);
    await expect(all(store)).rejects.toMatchObject({ code: "SKN-7112" });
    await expect(store.write(async () => 1)).rejects.toMatchObject({ code: "SKN-7112" });
    await expect(store.close()).resolves.toBeUndefined();
  });
});

eachStoreAnew("maintenance", (open, kind) => {
  test("tidies and tells the health, the engine and the size", async () => {
    const { store } = await open({ migrations });
    await store.write(async (tx) => add(tx, 1));

    await store.maintenance.tidy();
    const health = await store.maintenance.health("full");

    expect(health).toMatchObject({ ok: true, problems: [], schemaVersion: 1 });
    expect(health.engine).toMatch(/^(?:SQLite 3\.\d+|PostgreSQL \d+)/u);
    expect(health.sizeBytes).toBeGreaterThan(4_096);
    expect(await all(store)).toHaveLength(1);
  });

  test("copies into a new file, or says whose business that is", async () => {
    const { store } = await open({ migrations });
    const directory = makeTemporaryDirectory();
    const copying = store.maintenance.backup(join(directory, "copy.db"));

    if (kind === "postgres") {
      await expect(copying).rejects.toMatchObject({ code: "SKN-1101" });
    } else {
      await expect(copying).resolves.toBeUndefined();
    }
    rmSync(directory, { recursive: true });
  });
});
