import type {
  PostgresClient,
  PostgresQuery,
  PostgresResult,
  PostgresStream,
} from "./postgres-driver.ts";

/** Is told how a statement was answered. */
export type Answered = (error: Error | null, result: PostgresResult<never>) => void;

/** Sends a statement on a connection, after those before it. */
export type Ask = (client: DriverClient, query: PostgresQuery, answered: Answered) => void;

/** A connection as `pg` gives it, typed by structure. */
export interface DriverClient {
  query(query: PostgresQuery, answered: Answered): void;
  release(isBroken?: boolean): void;
  readonly connection: { readonly stream: PostgresStream & { destroy(): void } };
}

/** Asks connections, and cuts those that do not answer. */
export interface Answers {
  /** The connection as the store asks it. */
  over(client: DriverClient): PostgresClient;
  /** True while a statement on it has no answer. */
  isAsked(this: void, client: DriverClient): boolean;
  /** Looks no more. */
  stop(): void;
}

/** Tells one who waits that there will be no answer. */
type Fail = (error: Error) => void;

/** What is under way on a connection. */
interface UnderWay {
  /**
   * Those who wait, each at a place of its own until its answer. No `Set`: it makes its table anew every few statements, and each table it leaves, grown old,
   * keeps what stood in it, with its statement and rows, until a full collection.
   */
  readonly fails: (Fail | null)[];
  /** How many wait. */
  count: number;
  /** When the last answer came, or when something was asked after all had been answered. */
  sinceMs: number;
}

/** How many looks fall into the time that an answer may take; there is one a second at least. */
const looksInTime = 8;

/**
 * Makes what asks. One timer looks at all connections, where `pg` would set one for each statement, and questions are asked by callback: over `pg`'s own
 * timers and promises V8's quick collection takes statements and their rows for live ones, and they pile up until a full one.
 */
export function createAnswers(answerMs: number, ask: Ask = askAtOnce): Answers {
  const known = new WeakMap<DriverClient, PostgresClient>();
  /** A look takes out those on which all is answered: with each answer, it would be made anew all the time. */
  const asked = new Map<DriverClient, UnderWay>();
  const everyMs = Math.min(1_000, Math.ceil(answerMs / looksInTime));
  let lookedMs = performance.now();
  const look = (): void => {
    const nowMs = performance.now();
    // A process or machine that stood still judges nobody by that time: what came meanwhile is not taken yet, and its server may have stood still with it.
    const stoodMs = Math.max(0, nowMs - lookedMs - everyMs);
    lookedMs = nowMs;
    for (const [client, underWay] of asked) {
      if (underWay.count === 0) {
        asked.delete(client);
      }
      underWay.sinceMs = Math.min(nowMs, underWay.sinceMs + stoodMs);
      // Whoever is cut off without a word, as by a switch that lost its memory, would wait for ever.
      if (underWay.count > 0 && nowMs - underWay.sinceMs > answerMs) {
        client.connection.stream.destroy();
        failAll(underWay, answerMs);
      }
    }
  };
  const timer = setInterval(look, everyMs).unref();
  return {
    over: (client) => {
      const made = known.get(client) ?? clientOver(client, { asked, ask });
      known.set(client, made);
      return made;
    },
    isAsked: (client) => (asked.get(client)?.count ?? 0) > 0,
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Tells those who wait, whatever the driver makes of the cut: it may have ended the connection before and forgotten them. */
function failAll({ fails }: UnderWay, answerMs: number): void {
  const error = new Error(`The database server gave no answer within ${String(answerMs)} ms.`);
  for (const fail of fails) {
    fail?.(error);
  }
}

const askAtOnce: Ask = (client, query, answered) => {
  client.query(query, answered);
};

interface Asking {
  readonly asked: Map<DriverClient, UnderWay>;
  readonly ask: Ask;
}

function clientOver(client: DriverClient, { asked, ask }: Asking): PostgresClient {
  const underWay: UnderWay = { fails: [], count: 0, sinceMs: 0 };
  const { fails } = underWay;
  const begun = (fail: Fail): number => {
    if (underWay.count === 0) {
      underWay.sinceMs = performance.now();
      asked.set(client, underWay);
    }
    underWay.count += 1;
    const free = fails.indexOf(null);
    const at = free === -1 ? fails.length : free;
    fails[at] = fail;
    return at;
  };
  const ended = (at: number, fail: Fail): void => {
    // A connection that breaks may fail a statement that had failed before.
    if (fails[at] !== fail) {
      return;
    }
    fails[at] = null;
    underWay.count -= 1;
    underWay.sinceMs = performance.now();
  };
  return {
    connection: client.connection,
    query: <Row>(query: PostgresQuery) =>
      new Promise<PostgresResult<Row>>((resolve, reject) => {
        const fail = (error: Error): void => {
          ended(at, fail);
          reject(error);
        };
        const at = begun(fail);
        ask(client, query, (error, result) => {
          if (error === null) {
            ended(at, fail);
            resolve(result);
          } else {
            fail(error);
          }
        });
      }),
    release: (isBroken) => {
      client.release(isBroken);
    },
  };
}
