import { Client } from "pg";
import type { PostgresCluster } from "../test/support/postgres-cluster.ts";
import {
  createPostgresCluster,
  listensOn,
  postgresBinaries,
} from "../test/support/postgres-cluster.ts";

const defaultUrl = "postgres://postgres@127.0.0.1:5432/postgres";

/** The names of this process's databases begin so. */
const ownPrefix = `skein_test_${String(process.pid)}_`;

/** Each run has a database of its own, which whoever else uses the server never sees. A run that was killed leaves its own, and its number comes again. */
const database = `${ownPrefix}${Date.now().toString(36)}`;

/** Grow with each schema that a test makes and drops; a server that does not clean them up itself would need ten times as long for the last. */
const catalogs = ["attrdef", "attribute", "class", "constraint", "depend", "index", "type"];

const cleanEachMs = 10_000;

let cluster: PostgresCluster | null = null;
let serverUrl: string | null = null;
let cleaning: NodeJS.Timeout | null = null;

/** Makes a database for the tests: in the server that is named or at hand, else in one of their own where its programs are; tests say that they were skipped where there are none. */
export async function setup(): Promise<void> {
  const given = process.env["SKEIN_TEST_POSTGRES"];
  if (given !== undefined && new URL(given).pathname.startsWith(`/${ownPrefix}`)) {
    return;
  }
  const url = given ?? (await serverAtHand());
  if (url === null || !(await makeDatabase(url))) {
    return;
  }
  serverUrl = url;
  const own = new URL(url);
  own.pathname = `/${database}`;
  process.env["SKEIN_TEST_POSTGRES"] = own.href;
  cleaning = setInterval(() => void cleanUp(own.href), cleanEachMs);
}

export async function teardown(): Promise<void> {
  if (cleaning !== null) {
    clearInterval(cleaning);
  }
  if (serverUrl !== null) {
    await ask(serverUrl, `DROP DATABASE IF EXISTS ${database} WITH (FORCE)`);
  }
  await cluster?.remove();
}

async function serverAtHand(): Promise<string | null> {
  if (await listensOn(5_432)) {
    return defaultUrl;
  }
  if (postgresBinaries === null) {
    return null;
  }
  cluster = await createPostgresCluster({ settings: { max_connections: "200" } });
  process.env["SKEIN_TEST_POSTGRES"] = cluster.url;
  return cluster.url;
}

/** False where the user of the address may not make one: then the tests share the database that is named. */
async function makeDatabase(url: string): Promise<boolean> {
  try {
    await ask(url, `CREATE DATABASE ${database}`);
    return true;
  } catch {
    return false;
  }
}

async function cleanUp(url: string): Promise<void> {
  const tables = catalogs.map((name) => `pg_catalog.pg_${name}`).join(", ");
  // A run that ends just now closes the connection; what was not cleaned goes with the database.
  await ask(url, `VACUUM (TRUNCATE false) ${tables}`).catch(() => {});
}

async function ask(connectionString: string, text: string): Promise<void> {
  const client = new Client({ connectionString });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
