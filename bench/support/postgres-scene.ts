import { systemRandom } from "../../src/adapters/process/clock.ts";
import { createTimeSource } from "../../src/adapters/process/clock.ts";
import { systemTimer } from "../../src/adapters/process/timer.ts";
import { createCoordination, migrations } from "../../src/core/index.ts";
import type { Coordination } from "../../src/core/index.ts";
import type { Caller } from "../../src/core/dispatch/index.ts";
import { createPostgresPool, openPostgresStore } from "../../src/core/store/index.ts";
import type { PostgresPool } from "../../src/core/store/index.ts";
import { aPlan, aTask, joinMany, nextOf } from "./stand.ts";

export type PostgresClient = Awaited<ReturnType<PostgresPool["connect"]>>;
export type PostgresQuery = Parameters<PostgresClient["query"]>[0];

/** The server of the bench: `SKEIN_TEST_POSTGRES`, else that of this machine. */
export const serverUrl =
  process.env["SKEIN_TEST_POSTGRES"] ?? "postgres://postgres@127.0.0.1:5432/postgres";

/** One project's core over a pool that others may share. */
export interface PostgresStand extends Coordination {
  close(): Promise<void>;
}

export async function openPostgresStand(
  pool: PostgresPool,
  project: string,
): Promise<PostgresStand> {
  const store = await openPostgresStore({
    pool,
    project,
    migrations,
    time: createTimeSource(),
    random: systemRandom,
    settings: { waitMs: 60_000, queueLimit: 1_000 },
  });
  const coordination = createCoordination({
    store,
    doorbell: { ring: () => {}, watch: () => () => {}, close: () => {} },
    random: systemRandom,
    timer: systemTimer,
    probe: null,
    policy: { caseInsensitive: false },
    pathKind: () => null,
  });
  return { ...coordination, close: () => store.close() };
}

/** A database of the bench's own, with one project in which every session may claim a task. */
export interface Scene {
  readonly url: string;
  readonly callers: readonly Caller[];
  /** Makes projects that are the same as the prepared one in all but the name. */
  copy(names: readonly string[]): Promise<void>;
  remove(): Promise<void>;
}

/** Makes the database; `claims` tasks wait in it for as many sessions. */
export async function createScene(claims: number, name = "claims"): Promise<Scene> {
  const database = `skein_bench_${name}_${String(process.pid)}`;
  await runOn(serverUrl, [`CREATE DATABASE ${database}`]);
  const address = new URL(serverUrl);
  address.pathname = `/${database}`;
  const url = address.href;
  const pool = await createPostgresPool({ url, maxConnections: 2 });
  const stand = await openPostgresStand(pool, "base");
  const tasks = Array.from({ length: claims + 50 }, (_, at) => aTask(`T${String(at + 1)}`));
  const draft = aPlan(tasks, { budgetMicroUsd: 1_000_000_000 });
  await stand.dispatch.importPlan(draft, { actor: "system" });
  const callers = await joinMany(stand, claims);
  await stand.close();
  await pool.end();
  return {
    url,
    callers,
    copy: async (names) => {
      await runOn(url, [...copies(names), "ANALYZE"]);
    },
    remove: async () => runOn(serverUrl, [`DROP DATABASE ${database} WITH (FORCE)`]),
  };
}

function copies(names: readonly string[]): readonly string[] {
  const tables = migrations
    .flatMap(({ statements }) => statements)
    .flatMap((statement) => {
      const [, table = "", body = ""] = /^CREATE TABLE (\w+) \((.*)\)\s*$/su.exec(statement) ?? [];
      return table === "" ? [] : [{ table, columns: columnsOf(body) }];
    });
  return names.flatMap((project) => [
    `INSERT INTO store_projects (project) VALUES ('${project}')`,
    ...tables.map(
      ({ table, columns }) =>
        `INSERT INTO ${table} (project, ${columns}) SELECT '${project}', ${columns} FROM ${table} WHERE project = 'base'`,
    ),
  ]);
}

function columnsOf(body: string): string {
  return [...body.matchAll(/^\s*(\w+) (?:TEXT|BIGINT)/gmu)]
    .flatMap(([, column = ""]) => (column === "project" ? [] : [column]))
    .join(", ");
}

export async function runOn(url: string, statements: readonly string[]): Promise<void> {
  const pool = await createPostgresPool({ url, maxConnections: 1, answerMs: 120_000 });
  const client = await pool.connect();
  try {
    for (const text of statements) {
      await client.query({ text });
    }
  } finally {
    client.release();
    await pool.end();
  }
}

/** Claims the best task for a session. */
export async function claim(stand: Coordination, caller: Caller): Promise<void> {
  const outcome = await stand.dispatch.nextTask(nextOf(caller));
  if (outcome.claim === null) {
    throw new Error("A claim of the bench found no task.");
  }
}

/** Claims a task for each caller, so many at once. */
export async function claimAll(
  stand: PostgresStand,
  callers: readonly Caller[],
  atOnce: number,
): Promise<void> {
  const left = [...callers];
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (let caller = left.pop(); caller !== undefined; caller = left.pop()) {
        await claim(stand, caller);
      }
    }),
  );
}

/** What the write transaction of each claim sends, between its opening and its commit. */
export async function recordClaims(
  scene: Scene,
  project: string,
): Promise<readonly (readonly PostgresQuery[])[]> {
  let ran: PostgresQuery[] | null = null;
  const transactions: PostgresQuery[][] = [];
  const note = (query: PostgresQuery): void => {
    if (query.text.includes("FOR UPDATE")) {
      ran = [];
    } else if (query.text === "COMMIT" && ran !== null) {
      transactions.push(ran);
      ran = null;
    } else {
      ran?.push(query);
    }
  };
  const pool = await createPostgresPool({ url: scene.url, maxConnections: 2 });
  const stand = await openPostgresStand(
    {
      connect: async () => {
        const client = await pool.connect();
        return {
          query: async (query) => {
            note(query);
            return client.query(query);
          },
          release: (isBroken) => {
            client.release(isBroken);
          },
        };
      },
      end: () => pool.end(),
    },
    project,
  );
  for (const caller of scene.callers) {
    await claim(stand, caller);
  }
  await stand.close();
  await pool.end();
  return transactions;
}

/** The same statements for another project. */
export function movedTo(query: PostgresQuery, from: string, to: string): PostgresQuery {
  const values = (query.values ?? []).map((value) => (value === from ? to : value));
  return { ...query, values };
}
