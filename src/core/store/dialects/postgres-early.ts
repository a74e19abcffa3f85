import type { Query, SqlValue } from "../store.ts";
import type { PostgresResult } from "./postgres-driver.ts";
import type { Link } from "./postgres-link.ts";

/** Queries that went out with the opening of their transaction. */
export interface Early {
  /** The answer for a statement that asks just one of them; null for any other, and from then on for all: it may have changed what they tell. */
  of(sql: string, params: readonly SqlValue[]): Promise<PostgresResult<never>> | null;
  /** Makes them good for nothing: something was written. */
  end(): void;
}

interface AskedEarly extends Query {
  readonly answer: Promise<PostgresResult<never>>;
}

/** Asks. The server takes them once it has given the project's row to the opening before them, so that they see what all earlier writers have left. */
export function askEarly(link: Pick<Link, "query">, queries: readonly Query[]): Early {
  let asked: readonly AskedEarly[] = queries.map(({ sql, params }) => {
    const answer = link.query<never>(sql, params);
    // Where the transaction could not be opened, its opening says so.
    answer.catch(() => {});
    return { sql, params, answer };
  });
  return {
    of: (sql, params) => {
      const same = asked.find((each) => isSame(each, { sql, params }));
      if (same === undefined) {
        asked = [];
      }
      return same?.answer ?? null;
    },
    end: () => {
      asked = [];
    },
  };
}

function isSame(asked: Query, { sql, params }: Query): boolean {
  return (
    asked.sql === sql &&
    asked.params.length === params.length &&
    asked.params.every((value, at) => value === params[at])
  );
}
