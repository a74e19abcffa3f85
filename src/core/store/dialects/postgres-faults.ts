import { SkeinError } from "../../base/errors.ts";
import type { ErrorEntry } from "../../base/errors.ts";
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
  /** A statement ran longer than it may. */
  | "slow"
  /** A pooler between us and the server has given the connection another session, which does not know our prepared statements. */
  | "unprepared"
  /** The server does not know the user, or the password is wrong. */
  | "refused"
  | "no-rights"
  | "no-database"
  | "other";

/** Sorts a failure by its SQLSTATE, or by the system's code where the server never answered. */
export function faultOf(error: unknown): PostgresFault {
  if (!(error instanceof Error)) {
    return "other";
  }
  if (error.message.startsWith("SASL: ")) {
    // `pg` itself: the server asks for a password, and none was given or the answer was not its own.
    return "refused";
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
  ["25P03", "connection"],
  ["53300", "connection"],
  ["53100", "full"],
  ["53200", "full"],
  ["57014", "slow"],
  ["26000", "unprepared"],
  ["42P05", "unprepared"],
  ["28000", "refused"],
  ["28P01", "refused"],
  ["42501", "no-rights"],
  ["3D000", "no-database"],
]);

function faultOfState(state: string): PostgresFault {
  return faultsOfStates.get(state) ?? (state.startsWith("08") ? "connection" : "other");
}

interface Words {
  readonly entry: ErrorEntry;
  readonly retryAfterMs?: number;
}

const words: Readonly<Record<Exclude<PostgresFault, "read-only" | "other">, Words>> = {
  conflict: { entry: storeErrors.busy, retryAfterMs: 250 },
  locked: { entry: storeErrors.busy, retryAfterMs: 250 },
  unprepared: { entry: storeErrors.busy, retryAfterMs: 250 },
  connection: { entry: storeErrors.unreachable, retryAfterMs: 1_000 },
  full: { entry: storeErrors.full },
  slow: { entry: storeErrors.slow, retryAfterMs: 1_000 },
  refused: { entry: storeErrors.refusedUser },
  "no-rights": { entry: storeErrors.noRights },
  "no-database": { entry: storeErrors.noDatabase },
};

/** Puts a failure of the server into Skein's words; a fault of our own statements comes back as it is. */
export function explainPostgres(error: unknown, fault: PostgresFault): unknown {
  if (fault === "other") {
    return error;
  }
  if (fault === "read-only") {
    return standby(error);
  }
  const { entry, retryAfterMs } = words[fault];
  const reason = fault === "connection" ? reasonOf(error) : null;
  const message = reason === null ? undefined : `The database server cannot be reached: ${reason}.`;
  return new SkeinError(entry, { message, retryAfterMs, cause: error });
}

/** Sentences of the driver that have no code, in words of ours. */
const saidByDriver: readonly (readonly [string, string])[] = [
  ["The server does not support SSL", "it speaks no TLS, which `sslmode` in the address asks for"],
  ["timeout exceeded when trying to connect", "it did not answer in time"],
];

/** Why there is no connection: the code of the system, of TLS or of the server, as `ENOTFOUND`; null: nobody said. */
function reasonOf(error: unknown): string | null {
  if (!(error instanceof Error)) {
    return null;
  }
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (/^[0-9A-Z_]{4,60}$/u.test(code)) {
    return code;
  }
  return saidByDriver.find(([start]) => error.message.startsWith(start))?.[1] ?? null;
}

/** True for a fault after which the same work may succeed in a moment. */
export function isTransient(fault: PostgresFault): boolean {
  return ["conflict", "connection", "locked", "unprepared"].includes(fault);
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
