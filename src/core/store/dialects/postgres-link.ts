import { createHash } from "node:crypto";
import type { Query, SqlValue } from "../store.ts";
import { explainPostgres, faultOf } from "./postgres-faults.ts";
import type { PostgresFault } from "./postgres-faults.ts";
import { numberParameters, plainTypes } from "./postgres-driver.ts";
import type { PostgresClient, PostgresPool, PostgresResult } from "./postgres-driver.ts";

/** A failure of the server itself, as against one of the work. */
export interface ServerFault {
  readonly error: unknown;
  readonly fault: PostgresFault;
  /** True when the commit was sent and its answer never came. */
  readonly isCommitUnknown: boolean;
}

/** How an attempt ended. */
export type PostgresOutcome<T> =
  | { readonly kind: "done"; readonly result: T }
  /** Nothing was written; the same work may succeed later. */
  | { readonly kind: "again"; readonly error: unknown };

/** What opens a transaction; the last tells the time as `now_ms`. */
export type Opening = readonly Query[];

/** One connection during one attempt; remembers which failures were the server's. */
export interface Link {
  /** Opens the transaction and tells the time; null when there was no row to lock. */
  open(opening: Opening): Promise<number | null>;
  /** The time that the opening told; null before its answer, which comes before that of every statement. */
  openedAtMs(): number | null;
  plain(text: string): Promise<void>;
  query<Row>(sql: string, params: readonly SqlValue[]): Promise<PostgresResult<Row>>;
  /** Sends a statement and does not wait for its answer: `commit` does. */
  send(sql: string, params: readonly SqlValue[]): void;
  /** Sends words about the transaction itself, as a savepoint, and does not wait for their answers: `commit` does. */
  mark(...texts: readonly string[]): void;
  commit(): Promise<void>;
  /** The server's failure behind an error, or null when the work itself threw it. */
  faultOf(error: unknown): ServerFault | null;
}

/** A connection that an attempt has for itself. */
export interface Session {
  readonly link: Link;
  release(isBroken: boolean): void;
}

/** Takes a connection. */
export async function openSession(
  pool: PostgresPool,
  statements: Statements,
): Promise<PostgresOutcome<Session>> {
  let client: PostgresClient;
  try {
    client = await pool.connect();
  } catch (error) {
    return { kind: "again", error: explainPostgres(error, "connection") };
  }
  return {
    kind: "done",
    result: {
      link: createLink(client, statements),
      release: (isBroken) => {
        client.release(isBroken);
      },
    },
  };
}

function createLink(client: PostgresClient, statements: Statements): Link {
  const underWay: Promise<unknown>[] = [];
  const watch = createWatch();
  // No promise more than it needs: each statement of each claim passes here.
  const send = <Row>({ sql, params }: Query): Promise<PostgresResult<Row>> =>
    client.query<Row>({ ...statements.of(sql), values: params.map(storable), types: plainTypes });
  const ask = <Row>(sql: string, params: readonly SqlValue[]): Promise<PostgresResult<Row>> =>
    watch.guarded(send<Row>({ sql, params }));
  const later = (answer: Promise<unknown>): void => {
    // It is looked at before the commit; until then nobody may wait for it.
    answer.catch(() => {});
    underWay.push(answer);
  };

  return {
    ...createOpening({ send, watch }),
    plain: async (text) => {
      await client.query({ text });
    },
    query: ask,
    send: (sql, params) => {
      later(ask(sql, params));
    },
    mark: (...texts) => {
      for (const text of texts) {
        later(ask(text, []));
      }
    },
    commit: async () => {
      const committing = client.query({ text: "COMMIT", values: [], types: plainTypes });
      watch.commitIsSent();
      await allOf([...underWay, watch.guarded(committing)]);
      watch.refuseFaulty();
    },
    faultOf: watch.faultOf,
  };
}

/**
 * A text with U+0000 is no text to PostgreSQL, and would end the transaction of all that share it. As a lone surrogate does on its way there,
 * it becomes U+FFFD: no id and no name has either.
 */
function storable(value: SqlValue): SqlValue {
  return typeof value === "string" && value.includes("\0")
    ? value.replaceAll("\0", "\uFFFD")
    : value;
}

interface OpeningDeps {
  send<Row>(this: void, query: Query): Promise<PostgresResult<Row>>;
  readonly watch: Watch;
}

function createOpening({ send, watch }: OpeningDeps): Pick<Link, "open" | "openedAtMs"> {
  let openedAtMs: number | null = null;
  return {
    open: async (opening) => {
      const answers = opening.map((query) => send<{ readonly now_ms: number }>(query));
      for (const answer of answers) {
        watch.guarded(answer).catch(() => {});
      }
      // The first that is told of the answer: whoever has that of a later statement finds the time.
      // And the first that is told of its failure: that of a statement behind it only says that there was one before.
      return (
        answers.at(-1)?.then(({ rows }) => {
          openedAtMs = rows[0]?.now_ms ?? null;
          return openedAtMs;
        }, watch.failed) ?? null
      );
    },
    openedAtMs: () => openedAtMs,
  };
}

/** Remembers the server's first failure of an attempt. */
interface Watch extends Pick<Link, "faultOf"> {
  guarded<T>(answer: Promise<T>): Promise<T>;
  /** @throws the first failure of the attempt. */
  failed(this: void, error: unknown): never;
  commitIsSent(): void;
  /** Work that caught a failure of the server has undone nothing of it: what looked like a commit was none. @throws that failure. */
  refuseFaulty(): void;
}

function createWatch(): Watch {
  let faulty: ServerFault | null = null;
  let isCommitSent = false;
  const failed = (error: unknown): never => {
    const fault = faultOf(error);
    // Only the first failure tells what went wrong: after it the server refuses whatever else was sent.
    faulty ??= { error, fault, isCommitUnknown: isCommitSent && fault === "connection" };
    throw faulty.error;
  };
  return {
    guarded: (answer) => answer.catch(failed),
    failed,
    commitIsSent: () => {
      isCommitSent = true;
    },
    refuseFaulty: () => {
      if (faulty !== null) {
        throw faulty.error;
      }
    },
    faultOf: (error) => (faulty !== null && faulty.error === error ? faulty : null),
  };
}

/** After a statement that failed the server answers a commit with a rollback, and no error: the statements are asked first. */
async function allOf(answers: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(answers);
  await Promise.all(answers);
}

/** The statements of a store as they are sent. */
export interface Statements {
  of(sql: string): Statement;
  /** Sends every statement whole from now on: the pooler between us and the server keeps none. */
  forget(): void;
}

interface Statement {
  readonly text: string;
  readonly name?: string;
}

/** Names each statement by its text, so that every connection of a pool parses it once, whichever store asks. */
export function createStatements(): Statements {
  const known = new Map<string, Statement>();
  let keepsNone = false;
  return {
    forget: () => {
      keepsNone = true;
      known.clear();
    },
    of: (sql) => {
      const found = known.get(sql);
      if (found !== undefined) {
        return found;
      }
      const text = numberParameters(sql);
      const name = `skein_${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
      const statement = keepsNone ? { text } : { text, name };
      known.set(sql, statement);
      return statement;
    },
  };
}
