import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";

/** What a failure means for the transaction in which it came. */
export type PostgresFault =
  /** Another transaction was in the way: the same work may succeed at once. */
  | "conflict"
  /** The connection is gone or cannot be had. */
  | "connection"
  /** The server has no room. */
  | "full"
  | "read-only"
  /** The row of the project stayed locked. */
  | "locked"
  | "other";

/** Sorts a failure by its SQLSTATE, or by the system's code where the server never answered. */
export function faultOf(error: unknown): PostgresFault {
  if (!(error instanceof Error)) {
    return "other";
  }
  const code = "code" in error ? String(error.code) : null;
  // `pg` gives no code at all to a connection that ended under a query.
  if (code === null || !/^[0-9A-Z]{5}$/u.test(code)) {
    return "connection";
  }
  return faultOfState(code);
}

const faultsOfStates: ReadonlyMap<string, PostgresFault> = new Map([
  ["40001", "conflict"],
  ["40P01", "conflict"],
  ["55P03", "locked"],
  ["25006", "read-only"],
  ["57P01", "connection"],
  ["57P02", "connection"],
  ["57P03", "connection"],
  ["53300", "connection"],
  ["53100", "full"],
  ["53200", "full"],
]);

function faultOfState(state: string): PostgresFault {
  return faultsOfStates.get(state) ?? (state.startsWith("08") ? "connection" : "other");
}

/** Puts a failure of the server into Skein's words; anything else comes back as it is. */
export function explainPostgres(error: unknown, fault: PostgresFault): unknown {
  const cause = error;
  if (fault === "conflict" || fault === "locked") {
    return new SkeinError(storeErrors.busy, { retryAfterMs: 250, cause });
  }
  if (fault === "connection") {
    return new SkeinError(storeErrors.unreachable, { retryAfterMs: 1_000, cause });
  }
  if (fault === "full") {
    return new SkeinError(storeErrors.full, { cause });
  }
  return fault === "read-only" ? standby(cause) : error;
}

function standby(cause: unknown): SkeinError {
  return new SkeinError(storeErrors.readOnly, {
    message: "The database server accepts no writes; it may be a standby.",
    fix: "Point Skein at the primary server.",
    cause,
  });
}

/** The answer when the connection broke between the commit's sending and its confirmation. */
export function commitUnknown(cause: unknown): SkeinError {
  return new SkeinError(storeErrors.commitUnknown, { cause });
}
