import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { migrations } from "../../../src/core/index.ts";
import { leaseProbes } from "../../../src/core/leases/index.ts";
import { selectPathsBelow } from "../../../src/core/leases/tables.ts";
import { messageProbes } from "../../../src/core/messages/index.ts";
import { planProbes } from "../../../src/core/plans/index.ts";
import { createPostgresPool, openPostgresStore, probing } from "../../../src/core/store/index.ts";
import type { PostgresPool, Query } from "../../../src/core/store/index.ts";
import { numberParameters } from "../../../src/core/store/dialects/postgres-driver.ts";
import { createPostgresPlace, postgresUrl } from "../../support/postgres.ts";
import type { PostgresPlace } from "../../support/postgres.ts";
import { createSeededRandom, createVirtualTime } from "../../support/virtual-time.ts";

const look = probing({ ...messageProbes, ...leaseProbes, ...planProbes });

/** What a claim asks about its session and its paths. */
const asked: readonly Query[] = [
  { sql: look.sql, params: look.params("demo", { id: "s1", role: "worker", joinedAtMs: 0 }) },
  {
    sql: selectPathsBelow(2),
    params: ["src/a", "src/b"].flatMap((prefix) => ["demo", `${prefix}/`, `${prefix}0`]),
  },
];

/** Rows of others: 400 leases with a path, 400 claimed tasks, 400 messages. */
const fill: readonly string[] = [
  `INSERT INTO leases SELECT 'demo', n, 's' || n + 9, NULL, NULL, 'exclusive', 'files', '[]', '', NULL, n, 0, 0, 0, 0, NULL, NULL FROM generate_series(1, 400) n`,
  `INSERT INTO lease_paths SELECT 'demo', 'lib/' || n, n, 0, 'literal', 'lib/' || n, 's' || n + 9, 'exclusive' FROM generate_series(1, 400) n`,
  `INSERT INTO tasks (project, plan, id, position, title, spec, files, depends_on, priority, minutes, skills, accept, verify, is_container, is_plan_active, unmet, dependents, rank, age, status, session, is_left_out, is_dead_letter, failures, attempts, spent_micro_usd, created_at_ms, updated_at_ms, version)
    SELECT 'demo', 'p', 'T' || n, n, '', '', '[]', '[]', 'low', 1, '[]', '[]', 'none', 0, 1, 0, 0, 0, n, 'claimed', 's' || n + 9, 0, 0, '[]', 1, 0, 0, 0, 1 FROM generate_series(1, 400) n`,
  `INSERT INTO messages SELECT 'demo', n, 's1', 's1', 'session', 's' || n + 9, n, '', n, NULL FROM generate_series(1, 400) n`,
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
      "SELECT custom_plans AS custom, generic_plans AS generic FROM pg_prepared_statements WHERE statement LIKE '%lease_paths%'",
    );
    expect(used).toEqual([{ custom: "0", generic: "7" }]);
  });

  test("that ask about one session read no rows of others, though they were planned over empty tables", async () => {
    await run(["ANALYZE"]);
    await ask(1);
    await run(fill);

    const lines = [...(await planOf(asked[0] ?? raise())), ...(await planOf(asked[1] ?? raise()))];

    expect(lines.some((line) => line.includes("Index"))).toBe(true);
    expect(lines.filter((line) => line.includes("Removed by"))).toEqual([]);
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
