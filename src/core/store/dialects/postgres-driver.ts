import type * as Pg from "pg";
import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import type { SqlValue } from "../store.ts";
import { createAnswers } from "./postgres-answers.ts";
import { createFlights } from "./postgres-flights.ts";
import { createParting } from "./postgres-parting.ts";

/** A question to the server, as `pg` takes it. */
export interface PostgresQuery {
  readonly text: string;
  /** Names the statement, which is then parsed once a connection. */
  readonly name?: string;
  readonly values?: SqlValue[];
  /** Turns the text of a column into a value, by the type's number. */
  readonly types?: PostgresTypes;
}

/** The server's answer. */
export interface PostgresResult<Row> {
  readonly rows: readonly Row[];
  readonly rowCount: number | null;
}

export interface PostgresTypes {
  getTypeParser(oid: number): (text: string) => string | number;
}

/** A connection, typed by structure: `pg`'s `PoolClient` fits. `Row` is believed, as in `Reader`. */
export interface PostgresClient {
  query<Row>(query: PostgresQuery): Promise<PostgresResult<Row>>;
  /** Gives the connection back; true throws it away. */
  release(isBroken?: boolean): void;
  /** What the bytes go through, where the driver shows it. */
  readonly connection?: { readonly stream?: PostgresStream };
}

/** A socket that can hold back what is written to it. */
export interface PostgresStream {
  cork(): void;
  uncork(): void;
}

/** Connections to one database, typed by structure: `pg`'s `Pool` fits. */
export interface PostgresPool {
  connect(): Promise<PostgresClient>;
  end(): Promise<void>;
}

export interface PostgresPoolOptions {
  /** `postgres://user@host:port/database?options=…`. */
  readonly url: string;
  /** The most connections of this process. Default 20. */
  readonly maxConnections?: number | undefined;
  /** How long an answer of the server may take before its connection counts as lost, in milliseconds. Default 35,000. */
  readonly answerMs?: number | undefined;
}

/** Makes a pool with `pg`, which is loaded only here. @throws {SkeinError} SKN-7117 when it is not installed. */
export async function createPostgresPool({
  url,
  maxConnections = 20,
  answerMs = 35_000,
}: PostgresPoolOptions): Promise<PostgresPool> {
  const { Pool, Query } = await loadPg();
  const pool = new Pool({
    connectionString: url,
    max: maxConnections,
    connectionTimeoutMillis: 5_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "skein",
    // Statements go out as they come; the server answers them in order.
    pipeline: true,
  });
  // A connection that is cut is replaced at the next use, and the statement under way fails by itself; unheard, the event would end the process.
  pool.on("error", () => {});
  const answers = createAnswers(answerMs, createFlights(Query));
  const parting = createParting(answers.isAsked);
  pool.on("connect", (client) => {
    client.on("error", () => {});
    parting.note(client);
  });
  return {
    connect: async () => answers.over(await pool.connect()),
    end: async () => {
      parting.begin();
      try {
        await pool.end();
      } finally {
        answers.stop();
      }
    },
  };
}

async function loadPg(): Promise<typeof Pg> {
  try {
    return await import("pg");
  } catch (cause) {
    throw new SkeinError(storeErrors.noDriver, {
      message: "The package `pg` cannot be loaded.",
      fix: "Install pg beside Skein: `npm install pg`.",
      cause,
    });
  }
}

/** int8, int2, int4, oid, float4, float8 and numeric, by their type numbers. */
const numberTypes: ReadonlySet<number> = new Set([20, 21, 23, 26, 700, 701, 1700]);

const booleanType = 16;

/** Numbers come as numbers and booleans as 0 and 1, as from SQLite; sums of BIGINT are NUMERIC. The rest stays text. */
export const plainTypes: PostgresTypes = {
  getTypeParser: (oid) => {
    if (oid === booleanType) {
      return (text) => (text === "t" ? 1 : 0);
    }
    return numberTypes.has(oid) ? Number : (text) => text;
  },
};

/**
 * Turns each `?` into `$1`, `$2` …, outside of quoted text.
 *
 * Comments are not looked at: statements are constants of ours and have none.
 */
export function numberParameters(sql: string): string {
  let count = 0;
  return sql.replaceAll(/'(?:[^']|'')*'|"[^"]*"|\?/gu, (part) => {
    if (part !== "?") {
      return part;
    }
    count += 1;
    return `$${String(count)}`;
  });
}
