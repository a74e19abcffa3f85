import { inOrder } from "../store/index.ts";
import type { Probe } from "../store/index.ts";
import * as sql from "./tables.ts";

const newestTo = (kind: "all" | "role" | "session", name: string): string =>
  `SELECT number FROM messages WHERE project = ? AND to_kind = '${kind}' AND ${inOrder("to_name", name)}
    ORDER BY to_name DESC, number DESC LIMIT 1`;

/** How far a session has read and the newest message of each kind that may be for it: what it has not read yet lies between. */
export const messageProbes = {
  readTo: { sql: sql.selectCursor, about: ["project", "id", "project", "joinedAtMs"] },
  newestToSession: { sql: newestTo("session", "?"), about: ["project", "id", "id"] },
  newestToRole: { sql: newestTo("role", "?"), about: ["project", "role", "role"] },
  newestToAll: { sql: newestTo("all", "''"), about: ["project"] },
} as const satisfies Readonly<Record<string, Probe<"id" | "role" | "joinedAtMs">>>;
