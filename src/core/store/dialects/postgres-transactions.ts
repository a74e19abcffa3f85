import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { createHooks } from "../hooks.ts";
import type { Reader } from "../store.ts";
import { commitUnknown, explainPostgres, isTransient } from "./postgres-faults.ts";
import type { PostgresPool } from "./postgres-driver.ts";
import { askEarly } from "./postgres-early.ts";
import { runGroup } from "./postgres-group-run.ts";
import type { Group } from "./postgres-group-run.ts";
import { createStatements, openSession } from "./postgres-link.ts";
import type { Link, Opening, PostgresOutcome, ServerFault, Session } from "./postgres-link.ts";
import { openTransaction } from "./postgres-open.ts";
import type { Facts } from "./postgres-open.ts";

/** Milliseconds of the server's clock. */
const serverMs = "(EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::bigint AS now_ms";

/** How long a transaction of ours may stand still between two statements: a process that stopped must not keep its project locked. */
const idleMs = 30_000;

/**
 * Opens a transaction, sets its limits and tells the time. All of it leaves in one message and has one answer: each round trip counts twice where others wait
 * for the lock. The limits are the transaction's own, since a pooler may hand the connection to another program after it.
 */
function openingOf({
  project,
  lockMs,
  statementMs,
}: PostgresDeps): Readonly<Record<Mode, Opening>> {
  const standing = { idle_in_transaction_session_timeout: String(idleMs) };
  const read = settingsOf({ ...standing, statement_timeout: String(statementMs) });
  const write = settingsOf({
    ...standing,
    // A row that many ask for is waited for several times over, for its line and for each holder, each under a lock_timeout of its own: only the statement's
    // end bounds it, until it is had.
    statement_timeout: String(lockMs),
    lock_timeout: String(lockMs),
    // A connection keeps the plans it made when a table was empty: its index is what every write wants, however few its rows were then. And the plan without
    // the values is the one with them, so that it is made once, and not at each of the first five times.
    enable_seqscan: "off",
    plan_cache_mode: "force_generic_plan",
  });
  return {
    read: [
      { sql: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", params: [] },
      { sql: `SELECT ${serverMs}, ${read.columns}`, params: read.values },
    ],
    write: [
      { sql: "BEGIN ISOLATION LEVEL READ COMMITTED", params: [] },
      { sql: `SELECT ${write.columns}`, params: write.values },
      // The clock is read outside of the locking part: inside, it would tell the time before the wait.
      {
        sql: `WITH held AS MATERIALIZED (SELECT project FROM store_projects WHERE project = ? FOR UPDATE)
      SELECT ${serverMs}, set_config('statement_timeout', ?, true) FROM held`,
        params: [project, String(statementMs)],
      },
    ],
  };
}

type Mode = "read" | "write";

/** Settings of a transaction, as columns of a query. */
function settingsOf(settings: Readonly<Record<string, string>>): {
  readonly columns: string;
  readonly values: readonly string[];
} {
  const columns = Object.keys(settings).map((name) => `set_config('${name}', ?, true) AS ${name}`);
  return { columns: columns.join(", "), values: Object.values(settings) };
}

export interface PostgresDeps {
  readonly pool: PostgresPool;
  readonly project: string;
  /** How long the server may wait for the project's row, in milliseconds. */
  readonly lockMs: number;
  /** How long the server may work on one statement, in milliseconds. */
  readonly statementMs: number;
}

/** Single tries of a transaction. */
export interface PostgresAttempts {
  read<T>(work: (reader: Reader) => Promise<T>): Promise<PostgresOutcome<T>>;
  /** The same a way there and back sooner, with the time from the first answer on. */
  glance<T>(work: (reader: Reader) => Promise<T>): Promise<PostgresOutcome<T>>;
  /** Runs the writers of a group in one transaction; with `again` nothing of them was written. @throws {SkeinError} SKN-9101 and others. */
  write(group: Group): Promise<PostgresOutcome<void>>;
}

/** Makes the attempts on a pool: each takes a connection and gives it back. */
export function createAttempts(deps: PostgresDeps): PostgresAttempts {
  const { project } = deps;
  const opening = openingOf(deps);
  const attempt = createAttempt(deps);
  return {
    read: async (work) =>
      attempt({
        run: async (link) => {
          const nowMs = await openAt(link, project, opening.read);
          return inside(link, { project, nowMs }, work);
        },
        end: (taken) => void endRead(taken),
        opensByLock: false,
      }),
    glance: async (work) =>
      attempt({
        run: async (link) => glanceAt(link, { project, opening: opening.read }, work),
        end: (taken) => void endRead(taken),
        opensByLock: false,
      }),
    write: async (group) =>
      attempt({
        run: async (link) => {
          const opened = openAt(link, project, opening.write);
          const early = askEarly(link, group.members[0]?.first() ?? []);
          await runGroup(link, { project, nowMs: await opened, early }, group);
        },
        end: (taken) => {
          taken.release(false);
        },
        opensByLock: true,
      }),
  };
}

type Attempt = <T>(plan: Plan<T>) => Promise<PostgresOutcome<T>>;

function createAttempt({ pool }: PostgresDeps): Attempt {
  const statements = createStatements();
  return async (plan) => {
    const session = await openSession(pool, statements);
    if (session.kind === "again") {
      return session;
    }
    const { result: taken } = session;
    const { link } = taken;
    try {
      const result = await plan.run(link);
      plan.end(taken);
      return { kind: "done", result };
    } catch (error) {
      const fault = faultIn(plan, link, error);
      if (fault?.fault === "unprepared") {
        statements.forget();
      }
      taken.release(fault?.fault === "connection" || (await undo(link)) === "broken");
      return outcomeOf(error, fault);
    }
  };
}

/** An opening that takes the project's row and lasts too long has waited for it. */
function faultIn({ opensByLock }: Plan<unknown>, link: Link, error: unknown): ServerFault | null {
  const told = link.faultOf(error);
  const isLate = opensByLock && link.openedAtMs() === null;
  return told?.fault === "slow" && isLate ? { ...told, fault: "locked" } : told;
}

/** Opens a transaction and tells its time. */
async function openAt(link: Link, project: string, opening: Opening): Promise<number> {
  const nowMs = await link.open(opening);
  if (nowMs === null) {
    throw new SkeinError(storeErrors.foreign, {
      message: `The project ${project} has no row in store_projects, so no writer can lock it.`,
      fix: "Start Skein again: opening the store adds the row.",
      facts: { project },
    });
  }
  return nowMs;
}

interface Plan<T> {
  /** Opens the transaction and does its work. */
  readonly run: (link: Link) => Promise<T>;
  /** Gives the connection back after work that succeeded. */
  readonly end: (taken: Session) => void;
  /** Whether its opening takes the project's row. */
  readonly opensByLock: boolean;
}

async function inside<T>(
  link: Link,
  facts: Pick<Facts, "project" | "nowMs">,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const lockedAtMs = performance.now();
  const open = openTransaction(link, { ...facts, lockedAtMs, hooks: createHooks() });
  try {
    return await work(open.tx);
  } finally {
    open.end();
  }
}

interface Glance {
  readonly project: string;
  readonly opening: Opening;
}

/** Asks before the opening is answered: the server takes both in order, and what was read outside of a transaction that could not be opened is thrown away. */
async function glanceAt<T>(
  link: Link,
  { project, opening: queries }: Glance,
  work: (reader: Reader) => Promise<T>,
): Promise<T> {
  const opening = link.open(queries);
  opening.catch(() => {});
  const nowMs = (): number => link.openedAtMs() ?? raiseTimeless();
  const result = await inside(link, { project, nowMs }, work);
  await opening;
  return result;
}

function raiseTimeless(): never {
  throw new Error("A glance was asked for the time before its first answer.");
}

/** What was read stays true however its transaction ends, so nobody waits for that: a read costs a round trip less. */
async function endRead(taken: Session): Promise<void> {
  try {
    await taken.link.plain("END");
    taken.release(false);
  } catch {
    taken.release(true);
  }
}

function outcomeOf<T>(error: unknown, fault: ServerFault | null): PostgresOutcome<T> {
  if (fault === null) {
    throw error;
  }
  if (fault.isCommitUnknown) {
    throw commitUnknown(fault.error);
  }
  if (!isTransient(fault.fault)) {
    throw explainPostgres(fault.error, fault.fault);
  }
  return { kind: "again", error: explainPostgres(fault.error, fault.fault) };
}

async function undo(link: Link): Promise<"usable" | "broken"> {
  try {
    await link.plain("ROLLBACK");
    return "usable";
  } catch {
    return "broken";
  }
}
