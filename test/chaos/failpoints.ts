import { openBetterSqlite } from "../../src/core/store/index.ts";
import type { OpenSqlite, SqliteStatement } from "../../src/core/store/index.ts";

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
  if (sql === "BEGIN IMMEDIATE") {
    return ["begin"];
  }
  if (sql === "COMMIT") {
    return ["after-commit"];
  }
  if (sql.startsWith("INSERT INTO events")) {
    return ["first-write", "event"];
  }
  if (sql.includes("event_heads")) {
    return ["head"];
  }
  return /^(?:INSERT|UPDATE|DELETE)/u.test(sql) ? ["first-write"] : [];
}
