import type { Query, SqlValue } from "../store.ts";
import type { PostgresResult } from "./postgres-driver.ts";
import type { Link } from "./postgres-link.ts";

/** A query that went out with the opening of its transaction. */
export interface Early {
  /** Its answer for a statement that asks just that; null for any other. */
  of(sql: string, params: readonly SqlValue[]): Promise<PostgresResult<never>> | null;
}

/** Asks. The server takes it once it has given the project's row to the opening before it, so that it sees what all earlier writers have left. */
export function askEarly(link: Pick<Link, "query">, { sql, params }: Query): Early {
  const answer = link.query<never>(sql, params);
  // Where the transaction could not be opened, its opening says so.
  answer.catch(() => {});
  return {
    of: (asked, values) => {
      const isSame = asked === sql && values.length === params.length;
      return isSame && values.every((value, at) => value === params[at]) ? answer : null;
    },
  };
}
