import type { PostgresCluster } from "../test/support/postgres-cluster.ts";
import {
  createPostgresCluster,
  listensOn,
  postgresBinaries,
} from "../test/support/postgres-cluster.ts";

let cluster: PostgresCluster | null = null;

/** Starts a PostgreSQL server for the tests where none is at hand and its programs are; tests say that they were skipped where they are not. */
export async function setup(): Promise<void> {
  if (process.env["SKEIN_TEST_POSTGRES"] !== undefined || (await listensOn(5_432))) {
    return;
  }
  if (postgresBinaries !== null) {
    cluster = await createPostgresCluster({ settings: { max_connections: "200" } });
    process.env["SKEIN_TEST_POSTGRES"] = cluster.url;
  }
}

export async function teardown(): Promise<void> {
  await cluster?.remove();
}
