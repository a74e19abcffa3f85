import type { TransactionHooks } from "../hooks.ts";
import type { SqlValue, Transaction } from "../store.ts";
import type { PostgresResult } from "./postgres-driver.ts";
import type { Early } from "./postgres-early.ts";
import type { Link } from "./postgres-link.ts";

/** The words around a transaction's statements. */
export interface Facts {
  readonly project: string;
  /** A function where the time is not yet told. */
  readonly nowMs: number | (() => number);
  /** Since when this process holds the project's row, in milliseconds of `performance.now()`; of no use to whoever only reads. */
  readonly lockedAtMs: number;
  readonly hooks: TransactionHooks;
  /** What was asked before its work began. */
  readonly early?: Early | null | undefined;
}

/** A transaction that runs, and the switch that ends it for those who kept it. */
export interface OpenTransaction {
  readonly tx: Transaction;
  end(): void;
}

/** Makes the transaction that work is given; the caller has begun it and will commit it. */
export function openTransaction(link: Link, facts: Facts): OpenTransaction {
  const { project, nowMs, lockedAtMs, hooks, early } = facts;
  let isOpen = true;
  const ensureOpen = (): void => {
    if (!isOpen) {
      throw new Error("A statement was run after its transaction had ended; an await is missing.");
    }
  };
  const ask = <Row>(sql: string, params: readonly SqlValue[]): Promise<PostgresResult<Row>> => {
    ensureOpen();
    return early?.of(sql, params) ?? link.query<Row>(sql, params);
  };
  return {
    tx: {
      project,
      lockedAtMs,
      get nowMs() {
        return typeof nowMs === "number" ? nowMs : nowMs();
      },
      get: async <Row>(sql: string, params: readonly SqlValue[]) =>
        (await ask<Row>(sql, params)).rows[0] ?? null,
      all: async <Row>(sql: string, params: readonly SqlValue[]) =>
        (await ask<Row>(sql, params)).rows,
      run: async (sql, params) => (await ask(sql, params)).rowCount ?? 0,
      put: async (sql, params) => {
        ensureOpen();
        early?.end();
        link.send(sql, params);
      },
      beforeCommit: (key, work) => {
        hooks.before(key, work);
      },
      afterCommit: (key, work) => {
        hooks.after(key, work);
      },
    },
    end: () => {
      isOpen = false;
    },
  };
}
