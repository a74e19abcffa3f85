import { openBetterSqlite } from "../../src/core/store/index.ts";
import type { OpenSqlite, PostgresPool, SqliteStatement } from "../../src/core/store/index.ts";

/** The named places of one write, in order, at which a process may be killed. */
export const failpoints = [
  "begin",
  "first-write",
  "event",
  "head",
  "before-commit",
  "after-commit",
  "before-answer",
] as const;
export type Failpoint = (typeof failpoints)[number];

/** A connection that kills its process at an armed place. */
export interface Failing {
  readonly open: OpenSqlite;
  /** The same places on connections to PostgreSQL. */
  readonly onPool: (pool: PostgresPool) => PostgresPool;
  /** From now on the process dies when it next comes by. */
  arm(point: Failpoint): void;
  /** Is told of places outside of the connection. */
  pass(point: Failpoint): void;
}

export function openFailing(): Failing {
  let armed: Failpoint | null = null;
  const pass = (point: Failpoint): void => {
    if (armed === point) {
      process.kill(process.pid, "SIGKILL");
    }
  };
  return {
    arm: (point) => {
      armed = point;
    },
    pass,
    open: (file) => {
      const driver = openBetterSqlite(file);
      return {
        prepare: (sql) => watched(driver.prepare(sql), sql, pass),
        exec: (sql) => driver.exec(sql),
        close: () => driver.close(),
      };
    },
    onPool: (pool) => ({
      connect: async () => watchedClient(await pool.connect(), { pass, armed: () => armed }),
      end: async () => pool.end(),
    }),
  };
}

type PostgresClient = Awaited<ReturnType<PostgresPool["connect"]>>;

interface Arming {
  readonly pass: (point: Failpoint) => void;
  readonly armed: () => Failpoint | null;
}

/** Places whose answer a process does not wait for before it sends the next statements, as the commit. */
const sentAhead: ReadonlySet<Failpoint | null> = new Set(["first-write", "event", "head"]);

function watchedClient(client: PostgresClient, { pass, armed }: Arming): PostgresClient {
  let isWrite = false;
  return {
    query: async (query) => {
      const { text } = query;
      if (text.startsWith("BEGIN")) {
        isWrite = !text.includes("READ ONLY");
      }
      if (!isWrite) {
        return client.query(query);
      }
      if (text === "COMMIT") {
        pass("before-commit");
        await (sentAhead.has(armed()) ? new Promise(() => {}) : null);
      }
      const answer = client.query<never>(query);
      await answer;
      for (const point of afterwards(text)) {
        pass(point);
      }
      return answer;
    },
    release: (isBroken) => {
      client.release(isBroken);
    },
  };
}

function watched(
  statement: SqliteStatement,
  sql: string,
  pass: (point: Failpoint) => void,
): SqliteStatement {
  const after = afterwards(sql);
  return {
    get: (...params) => statement.get(...params),
    all: (...params) => statement.all(...params),
    run: (...params) => {
      if (sql === "COMMIT") {
        pass("before-commit");
      }
      const result = statement.run(...params);
      for (const point of after) {
        pass(point);
      }
      return result;
    },
  };
}

function afterwards(sql: string): readonly Failpoint[] {
  if (sql.startsWith("BEGIN IMMEDIATE") || sql.includes("FOR UPDATE")) {
    return ["begin"];
  }
  if (sql === "COMMIT") {
    return ["after-commit"];
  }
  if (sql.startsWith("INSERT INTO events")) {
    return ["first-write", "event"];
  }
  if (sql.includes("event_heads") && !sql.startsWith("SELECT")) {
    return ["head"];
  }
  return /^(?:INSERT|UPDATE|DELETE)/u.test(sql) ? ["first-write"] : [];
}
