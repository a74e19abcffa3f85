import { openBetterSqlite } from "../../src/core/store/index.ts";
import type { OpenSqlite, SqliteDriver, SqliteStatement } from "../../src/core/store/index.ts";
import type { SqlValue } from "../../src/core/store/index.ts";

/** One statement that a transaction ran, with what was bound to it. */
export interface Ran {
  readonly how: "all" | "get" | "run";
  readonly sql: string;
  readonly params: readonly SqlValue[];
}

/** A driver that keeps what it is asked to run. */
export interface Recording {
  readonly open: OpenSqlite;
  /** What ran since the last call. */
  take(): readonly Ran[];
}

/** Makes a recording driver over better-sqlite3. */
export function createRecording(): Recording {
  let ran: Ran[] = [];
  const statementOf = (inner: SqliteStatement, sql: string): SqliteStatement => {
    const keep = (how: Ran["how"], params: readonly SqlValue[]): void => {
      ran.push({ how, sql, params });
    };
    return {
      get: <Row>(...params: SqlValue[]) => {
        keep("get", params);
        return inner.get<Row>(...params);
      },
      all: <Row>(...params: SqlValue[]) => {
        keep("all", params);
        return inner.all<Row>(...params);
      },
      run: (...params) => {
        keep("run", params);
        return inner.run(...params);
      },
    };
  };
  return {
    open: (file): SqliteDriver => {
      const inner = openBetterSqlite(file);
      return {
        prepare: (sql) => statementOf(inner.prepare(sql), sql),
        exec: (sql) => inner.exec(sql),
        close: () => inner.close(),
      };
    },
    take: () => {
      const taken = ran;
      ran = [];
      return taken;
    },
  };
}
