import { inOrder } from "../store/index.ts";
import type { Probe } from "../store/index.ts";

/** What a claim asks of leases before it reads any. */
export const leaseProbes = {
  /** 1 when the session has or had a lease. */
  hasTouched: {
    sql: `SELECT 1 FROM leases WHERE project = ? AND ${inOrder("session")} ORDER BY session LIMIT 1`,
    about: ["project", "id", "id"],
  },
  /** 1 when some session stands in the queue for paths. */
  hasQueue: {
    sql: "SELECT 1 FROM lease_waits WHERE project = ? LIMIT 1",
    about: ["project"],
  },
  /** 1 when the work of some task has landed. */
  hasLanded: {
    sql: "SELECT 1 FROM landed_paths WHERE project = ? LIMIT 1",
    about: ["project"],
  },
} as const satisfies Readonly<Record<string, Probe<"id">>>;

/** The number of the last lease, for `Leases.grantAll`; null before the first. */
export const lastLeaseProbe: Probe = {
  sql: "SELECT number FROM leases WHERE project = ? ORDER BY number DESC LIMIT 1",
  about: ["project"],
};
