import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrations } from "../../../src/core/index.ts";
import { lastReservationProbe } from "../../../src/core/costs/index.ts";
import { lastLeaseProbe, leaseProbes } from "../../../src/core/leases/index.ts";
import { selectPaths } from "../../../src/core/leases/tables.ts";
import { messageProbes } from "../../../src/core/messages/index.ts";
import { planProbes } from "../../../src/core/plans/index.ts";
import { createPostgresPool, openPostgresStore, probing } from "../../../src/core/store/index.ts";
import type { PostgresPool, Query } from "../../../src/core/store/index.ts";
import { numberParameters } from "../../../src/core/store/dialects/postgres-driver.ts";
import { createPostgresPlace, postgresUrl } from "../../support/postgres.ts";
import type { PostgresPlace } from "../../support/postgres.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

const look = probing({
  ...messageProbes,
  ...leaseProbes,
  ...planProbes,
  lastLease: lastLeaseProbe,
  lastReservation: lastReservationProbe,
});

/** What a claim asks about its session, its paths and what was numbered last. */
const asked: readonly Query[] = [
  { sql: look.sql, params: look.params("demo", { id: "s1", role: "worker", joinedAtMs: 0 }) },
  {
    sql: selectPaths.below(2),
    params: ["src/a", "src/b"].flatMap((prefix) => ["demo", `${prefix}/`, `${prefix}0`]),
  },
  {
    sql: selectPaths.at[16],
    params: Array.from({ length: 16 }, (_, at) => ["demo", `src/${String(at)}`]).flat(),
  },
];

/** Rows of others: 400 leases with a path, 400 claimed tasks, 400 messages, 400 reservations. */
const fill: readonly string[] = [
  `INSERT INTO leases SELECT 'demo', n, 's' || n + 9, NULL, NULL, 'exclusive', 'files', '[]', '', NULL, n, 0, 0, 0, 0, NULL, NULL FROM generate_series(1, 400) n`,
  `INSERT INTO lease_paths SELECT 'demo', 'lib/' || n, n, 0, 'literal', 'lib/' || n, 's' || n + 9, 'exclusive' FROM generate_series(1, 400) n`,
  `INSERT INTO tasks (project, plan, id, position, title, spec, files, depends_on, priority, minutes, skills, accept, verify, is_container, is_plan_active, unmet, dependents, rank, age, status, session, is_left_out, is_dead_letter, failures, attempts, spent_micro_usd, created_at_ms, updated_at_ms, version)
    SELECT 'demo', 'p', 'T' || n, n, '', '', '[]', '[]', 'low', 1, '[]', '[]', 'none', 0, 1, 0, 0, 0, n, 'claimed', 's' || n + 9, 0, 0, '[]', 1, 0, 0, 0, 1 FROM generate_series(1, 400) n`,
  `INSERT INTO messages SELECT 'demo', n, 's1', 's1', 'session', 's' || n + 9, n, '', n, NULL FROM generate_series(1, 400) n`,
  `INSERT INTO reservations (project, number, session, plan, task, fence, scopes, micro_usd, left_micro_usd, made_at_ms) SELECT 'demo', n, 's' || n + 9, 'p', 'T' || n, n, '[]', 1, 1, 0 FROM generate_series(1, 400) n`,
];

let place: PostgresPlace;
/** Of one connection. */
let pool: PostgresPool;

describe.skipIf(postgresUrl === null)("statements of writes on PostgreSQL", () => {
  beforeEach(async () => {
    place = await createPostgresPlace(postgresUrl ?? "");
    pool = await createPostgresPool({ url: place.url, maxConnections: 1 });
  });

  afterEach(async () => {
    await pool.end();
    await place.remove();
  });

  test("are planned once a connection", async () => {
    await ask(7);

    const used = await told<{ custom: number; generic: number }>(
      "SELECT custom_plans AS custom, generic_plans AS generic FROM pg_prepared_statements WHERE statement LIKE '%lease_paths%' ORDER BY statement",
    );
    expect(used).toEqual([
      { custom: "0", generic: "7" },
      { custom: "0", generic: "7" },
    ]);
  });

  test("stand under limits of their own, which end with their transaction", async () => {
    const store = await openPostgresStore({
      pool,
      project: "demo",
      migrations,
      time: createVirtualTime(),
      random: createSeededRandom(),
    });
    const names = ["enable_seqscan", "plan_cache_mode", "idle_in_transaction_session_timeout"];
    const limits = [...names, "transaction_isolation", "transaction_read_only"].map(
      (name) => `current_setting('${name}')`,
    );
    const sql = `SELECT concat_ws(' ', ${limits.join(", ")}) AS limits`;

    const ofWrite = await store.write((tx) => tx.get(sql, []));
    const ofRead = await store.read((reader) => reader.get(sql, []));
    await store.close();
    const client = await pool.connect();
    const [after] = (await client.query<object>({ text: sql })).rows;
    client.release();

    expect([ofWrite, ofRead, after]).toEqual([
      { limits: "off force_generic_plan 30s read committed off" },
      { limits: "on auto 30s repeatable read on" },
      { limits: "on auto 0 read committed off" },
    ]);
  });

  test("that ask about one session read no rows of others, though they were planned over empty tables", async () => {
    await run(["ANALYZE"]);
    await ask(1);
    await run(fill);

    const lines: string[] = [];
    for (const query of asked) {
      lines.push(...(await planOf(query)));
    }

    expect(lines.some((line) => line.includes("Index"))).toBe(true);
    expect(lines.filter((line) => line.includes("Removed by"))).toEqual([]);
    expect(lines.filter((line) => /actual .* rows=(?:[2-9]|\d\d)/u.test(line))).toEqual([]);
  });
});

/** Asks all in so many writes of a new project. */
async function ask(times: number): Promise<void> {
  const store = await openPostgresStore({
    pool,
    project: "demo",
    migrations,
    time: createVirtualTime(),
    random: createSeededRandom(),
  });
  for (let at = 0; at < times; at += 1) {
    await store.write(async (tx) => {
      for (const { sql, params } of asked) {
        await tx.all(sql, params);
      }
    });
  }
  await store.close();
}

/** How the server answers a statement that it knows. */
async function planOf({ sql, params }: Query): Promise<readonly string[]> {
  const known = await told<{ name: string; statement: string }>(
    "SELECT name, statement FROM pg_prepared_statements",
  );
  const { name } = known.find(({ statement }) => statement === numberParameters(sql)) ?? raise();
  const values = params.map((each) => (typeof each === "string" ? `'${each}'` : String(each)));
  const rows = await told<{ "QUERY PLAN": string }>(
    `EXPLAIN (ANALYZE) EXECUTE ${name}(${values.join(", ")})`,
  );
  return rows.map((row) => row["QUERY PLAN"]);
}

async function run(texts: readonly string[]): Promise<void> {
  for (const text of texts) {
    await told(text);
  }
}

/** Asks on the one connection, which plans as a write does. */
async function told<Row>(text: string): Promise<readonly Row[]> {
  const client = await pool.connect();
  try {
    // The server may analyse the tables meanwhile, and plan anew.
    await client.query({
      text: "SET plan_cache_mode = force_generic_plan; SET enable_seqscan = off",
    });
    return (await client.query<Row>({ text })).rows;
  } finally {
    client.release();
  }
}

function raise(): never {
  throw new Error("The server does not know the statement.");
}
