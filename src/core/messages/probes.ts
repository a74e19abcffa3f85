import type { Probe } from "../store/index.ts";
import type { Recipient } from "./requests.ts";
import * as sql from "./tables.ts";

const newestTo = (kind: "all" | "role" | "session"): string =>
  `SELECT MAX(number) FROM messages WHERE project = ? AND to_kind = '${kind}' AND to_name = ?`;

/** How far a session has read and the newest message of each kind that may be for it: what it has not read yet lies between. */
export const messageProbes = {
  readTo: {
    sql: sql.selectCursor,
    bind: (params, { project }, { id, joinedAtMs }) => {
      params.push(project, id, project, joinedAtMs);
    },
  },
  newestToSession: {
    sql: newestTo("session"),
    bind: (params, { project }, { id }) => {
      params.push(project, id);
    },
  },
  newestToRole: {
    sql: newestTo("role"),
    bind: (params, { project }, { role }) => {
      params.push(project, role);
    },
  },
  newestToAll: {
    sql: newestTo("all"),
    bind: (params, { project }) => {
      params.push(project, "");
    },
  },
} as const satisfies Readonly<Record<string, Probe<Recipient>>>;
