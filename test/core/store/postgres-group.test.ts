import { AsyncLocalStorage } from "node:async_hooks";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createEvents, eventsMigration } from "../../../src/core/events/index.ts";
import { openPostgresStore, storeErrors } from "../../../src/core/store/index.ts";
import type { PostgresPool, Store, Transaction } from "../../../src/core/store/index.ts";
import { createPostgresPlace, postgresUrl } from "../../support/postgres.ts";
import type { PostgresPlace } from "../../support/postgres.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

const migrations = [
  eventsMigration,
  {
    version: 2,
    name: "notes",
    statements: [
      "CREATE TABLE notes (project TEXT NOT NULL, id BIGINT NOT NULL CHECK (id < 1000), PRIMARY KEY (project, id))",
    ],
  },
];

let place: PostgresPlace;
let sent: string[] = [];
/** True: the answer to each commit is lost on its way; on a busy machine one group may become two. */
let losesCommit = false;
const opened: Store[] = [];

describe.skipIf(postgresUrl === null)("writers of one process on PostgreSQL", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
    losesCommit = false;
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map(async (store) => store.close()));
    await place.remove();
  });

  test("share transactions when they ask at the same time", async () => {
    const store = await open();

    await Promise.all(numbers(40).map(async (id) => store.write(async (tx) => add(tx, id))));

    expect(await ids(store)).toEqual(numbers(40));
    expect(commits()).toBeLessThan(40);
  });

  test("are not told that they wrote when their work went on after a failure of the server", async () => {
    const store = await open();
    await expect(store.write(goOn)).rejects.toThrow("check constraint");
    expect(await ids(store)).toEqual([]);

    const [bad, good] = await Promise.allSettled([
      store.write(goOn),
      store.write(async (tx) => add(tx, 2)),
    ]);
    expect([bad.status, good.status]).toEqual(["rejected", "fulfilled"]);
    expect(await ids(store)).toEqual([2]);
  });

  test("need no savepoint when they come alone", async () => {
    const store = await open();

    await store.write(async (tx) => add(tx, 1));
    await expect(store.write(async () => fail())).rejects.toThrow("undone");
    await store.write(async (tx) => add(tx, 2));

    expect(sent.filter((text) => text.includes("SAVEPOINT"))).toEqual([]);
    expect(await ids(store)).toEqual([1, 2]);
  });

  test("are undone alone when their work throws, with their own error and without their hooks", async () => {
    const store = await open();
    const rung: number[] = [];

    const outcomes = await Promise.allSettled(
      numbers(12).map(async (id) =>
        store.write(async (tx) => {
          tx.afterCommit({}, () => rung.push(id));
          await tx.put(insert, [tx.project, id]);
          return id % 3 === 0 ? fail() : id;
        }),
      ),
    );

    expect(await ids(store)).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
    expect(rung).toEqual([1, 2, 4, 5, 7, 8, 10, 11]);
    expect(outcomes[3]).toMatchObject({ status: "rejected", reason: { message: "undone" } });
    expect(outcomes[4]).toEqual({ status: "fulfilled", value: 4 });
  });

  test("see what those before them wrote, and nothing of one that threw", async () => {
    const store = await open();

    const seen = await Promise.all([
      store.write(async (tx) => add(tx, 0)),
      store.write(async (tx) => [await add(tx, 1), await count(tx)]),
      store.write(async (tx) => [await add(tx, 2), fail()]).catch(() => "undone"),
      store.write(count),
    ]);

    expect(seen).toEqual([1, [1, 2], "undone", 2]);
  });

  test.each([
    ["of which the work waits", async (tx: Transaction) => add(tx, 5_000)],
    [
      "of which nobody waits for",
      async (tx: Transaction) => {
        await tx.put(insert, [tx.project, 5_000]);
      },
    ],
  ])("do not suffer from a statement %s that the server refuses to another", async (_, bad) => {
    const store = await open();

    const outcomes = await Promise.allSettled(
      numbers(9).map(async (id) =>
        store.write(async (tx): Promise<unknown> => (id === 4 ? bad(tx) : add(tx, id))),
      ),
    );

    expect(await ids(store)).toEqual(numbers(9).filter((id) => id !== 4));
    expect(outcomes.map(({ status }) => status)).toEqual(
      numbers(9).map((id) => (id === 4 ? "rejected" : "fulfilled")),
    );
    expect(outcomes[4]).toMatchObject({ reason: { code: "23514" } });
  });

  test("are all told that it is not known, when the answer to their commit is lost", async () => {
    const store = await open();
    losesCommit = true;

    const outcomes = await Promise.allSettled(
      numbers(4).map(async (id) =>
        store.write(async (tx) => [await add(tx, id), id === 2 ? fail() : id]),
      ),
    );

    losesCommit = false;
    const unknown = { status: "rejected", reason: { code: storeErrors.commitUnknown.code } };
    expect(outcomes).toMatchObject(numbers(4).map(() => unknown));
    expect(await ids(store)).toEqual([0, 1, 3]);
  });

  test("run again as a whole after a fault of the connection, and then once", async () => {
    const store = await open();
    let isCut = false;

    const done = await Promise.all(
      numbers(10).map(async (id) =>
        store.write(async (tx) => {
          await add(tx, id);
          if (id === 6 && !isCut) {
            isCut = true;
            await tx.get("SELECT pg_terminate_backend(pg_backend_pid())", []);
          }
          return id;
        }),
      ),
    );

    expect(done).toEqual(numbers(10));
    expect(await ids(store)).toEqual(numbers(10));
  });

  test("keep the log's chain without a gap where some throw", async () => {
    const store = await open();
    const events = createEvents({
      doorbell: { ring: () => undefined, watch: () => () => undefined, close: () => undefined },
    });

    await Promise.allSettled(
      numbers(60).map(async (id) =>
        store.write(async (tx) => {
          const data = { id };
          await events.append(tx, { kind: "a.b", actor: "system", cause: null, data, changes: [] });
          return id % 7 === 0 ? fail() : id;
        }),
      ),
    );
    const check = await store.read(async (reader) => events.check(reader));

    expect(check).toMatchObject({ events: 51, faults: [], head: { seq: 51 } });
  });

  test("run in the surroundings of whoever asked, in a time that never goes back", async () => {
    const store = await open();
    const asker = new AsyncLocalStorage<number>();
    const times: number[] = [];

    const seen = await Promise.all(
      numbers(20).map(async (id) =>
        asker.run(id, async () =>
          store.write(async (tx) => {
            times.push(tx.nowMs);
            return asker.getStore();
          }),
        ),
      ),
    );

    expect(seen).toEqual(numbers(20));
    expect(times).toEqual(times.toSorted((one, other) => one - other));
  });

  test("end before the store is closed", async () => {
    const store = await open();

    const writing = numbers(8).map(async (id) => store.write(async (tx) => add(tx, id)));
    await store.close();

    expect(await Promise.all(writing)).toEqual(numbers(8).map(() => 1));
  });
});

const insert = "INSERT INTO notes (project, id) VALUES (?, ?)";

const add = async (tx: Transaction, id: number): Promise<number> =>
  tx.run(insert, [tx.project, id]);

/** Writes one row, then one that the server refuses, and does not care. */
const goOn = async (tx: Transaction): Promise<void> => {
  await add(tx, 1);
  await add(tx, 5_000).catch(() => undefined);
};

const count = async (tx: Transaction): Promise<number> =>
  (await tx.all("SELECT id FROM notes WHERE project = ?", [tx.project])).length;

const numbers = (many: number): readonly number[] => Array.from({ length: many }, (_, id) => id);

function fail(): never {
  throw new Error("undone");
}

async function open(): Promise<Store> {
  const store = await openPostgresStore({
    pool: watched(place.pool),
    project: "demo",
    migrations,
    time: createVirtualTime(),
    random: createSeededRandom(),
  });
  opened.push(store);
  sent = [];
  return store;
}

/** A pool that notes what is sent. */
function watched(pool: PostgresPool): PostgresPool {
  return {
    end: async () => pool.end(),
    connect: async () => {
      const client = await pool.connect();
      return {
        query: async (query) => {
          sent.push(query.text);
          const answer = await client.query<never>(query);
          if (query.text === "COMMIT" && losesCommit) {
            throw new Error("cut off");
          }
          return answer;
        },
        release: (isBroken) => {
          client.release(isBroken);
        },
      };
    },
  };
}

async function ids(store: Store): Promise<readonly number[]> {
  const rows = await store.read(async (reader) =>
    reader.all<{ readonly id: number }>("SELECT id FROM notes WHERE project = ? ORDER BY id", [
      reader.project,
    ]),
  );
  return rows.map(({ id }) => id);
}

const commits = (): number => sent.filter((text) => text === "COMMIT").length;
