import { SkeinError } from "../../base/errors.ts";
import { explainPostgres, faultOf } from "./postgres-faults.ts";
import type { PostgresClient, PostgresPool } from "./postgres-driver.ts";

/** Runs work on one connection outside of any project's transaction, and puts the server's failures into Skein's words. */
export async function withClient<T>(
  pool: PostgresPool,
  work: (client: PostgresClient) => Promise<T>,
): Promise<T> {
  let client: PostgresClient | null = null;
  let isBroken = false;
  try {
    client = await pool.connect();
    return await work(client);
  } catch (error) {
    if (error instanceof SkeinError) {
      throw error;
    }
    const fault = faultOf(error);
    isBroken = fault === "connection";
    throw explainPostgres(error, fault);
  } finally {
    client?.release(isBroken);
  }
}
