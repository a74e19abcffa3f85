import type { SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import type { PathPolicy } from "./glob.ts";
import { meet } from "./wait-queue.ts";
import { endChange, endLogged, writeEnd, writeGrant, writeLanding } from "./granting.ts";
import type { Because, GrantingDeps } from "./granting.ts";
import { leaseChange } from "./lease.ts";
import type { Lease } from "./lease.ts";
import { rowsNear } from "./near.ts";
import type { PathPattern } from "./path-pattern.ts";
import { indexKey } from "./reach.ts";
import * as sql from "./tables.ts";

/** The newest commit by which a task's work on some paths reached the integration branch. */
export interface LandedCommit {
  readonly commit: string;
  readonly plan: string;
  readonly task: string;
  readonly landedAtMs: number;
}

/** A task whose leases change together. */
export interface TaskOfLeases extends Because {
  readonly plan: string;
  readonly task: string;
}

/** Work lands on one branch, so a newer commit contains the older ones; a few more than the newest survive a rewritten branch. */
const maxLanded = 8;

/** The commits that landed, as one transaction after the other looks at them. */
export interface Landed {
  /** Notes whether any has landed, as far as a transaction knows; without it the table is read. */
  noteSeen(tx: Transaction, hasLanded: boolean): void;
  commits(reader: Reader, patterns: readonly PathPattern[]): Promise<readonly LandedCommit[]>;
}

export function createLanded(policy: PathPolicy): Landed {
  const without = new WeakSet<Reader>();
  return {
    noteSeen: (tx, hasLanded) => {
      if (hasLanded) {
        without.delete(tx);
      } else {
        without.add(tx);
      }
    },
    commits: (reader, patterns) =>
      without.has(reader) ? none : landedCommits(policy, reader, patterns),
  };
}

const none: Promise<readonly never[]> = Promise.resolve([]);

/** The newest commits that a worktree must contain before work on some paths begins there, newest first. */
async function landedCommits(
  policy: PathPolicy,
  reader: Reader,
  patterns: readonly PathPattern[],
): Promise<readonly LandedCommit[]> {
  const rows = await rowsNear<sql.LandedRow>(reader, sql.selectLanded, { patterns, policy });
  if (rows.length === 0) {
    return [];
  }
  const byCommit = new Map<string, LandedCommit>();
  for (const row of rows) {
    if (!byCommit.has(row.commit_id) && meet(patterns, [row], policy)) {
      byCommit.set(row.commit_id, {
        commit: row.commit_id,
        plan: row.plan,
        task: row.task,
        landedAtMs: row.landed_at_ms,
      });
    }
  }
  return [...byCommit.values()]
    .toSorted((one, other) => other.landedAtMs - one.landedAtMs)
    .slice(0, maxLanded);
}

/** Turns a submitted task's leases into landing leases: fences and paths stay, time no longer ends them. */
export async function landLogged(
  { events }: GrantingDeps,
  tx: Transaction,
  { leases, because }: { readonly leases: readonly Lease[]; readonly because: Because },
): Promise<readonly Lease[]> {
  const landing = await writeLanding(tx, leases);
  if (landing.length > 0) {
    await events.append(tx, {
      kind: "lease.landing",
      actor: because.actor,
      cause: because.cause,
      data: {},
      changes: landing.map(({ id }) => ({
        entity: "lease",
        id,
        set: { origin: "landing", until: null },
      })),
    });
  }
  return landing;
}

/** Ends a task's leases because its work is integrated, and remembers the commit for each of their patterns. */
export async function integrateLogged(
  deps: GrantingDeps,
  tx: Transaction,
  landed: TaskOfLeases & { readonly commit: string; readonly leases: readonly Lease[] },
): Promise<readonly Lease[]> {
  const { plan, task, commit } = landed;
  for (const pattern of landed.leases.flatMap(({ patterns }) => patterns)) {
    await tx.put(sql.upsertLanded, [
      tx.project,
      indexKey(pattern, deps.policy),
      pattern.kind,
      pattern.text,
      plan,
      task,
      commit,
      tx.nowMs,
    ]);
  }
  const ending = { actor: landed.actor, cause: landed.cause, reason: "integrated" };
  return endLogged(deps, tx, { leases: landed.leases, ending });
}

/** Ends a lease and grants the same paths to another session under a new fence, in one event. */
export async function handOverLogged(
  { events, policy }: GrantingDeps,
  tx: Transaction,
  handOver: { readonly from: Lease; readonly to: SessionId; readonly because: Because },
): Promise<Lease> {
  const { from, to, because } = handOver;
  const fence = await events.nextSeq(tx);
  const ended = await writeEnd(policy, tx, { leases: [from], reason: "handed-over" });
  const lease = await writeGrant(policy, tx, { request: { ...from, session: to }, fence });
  await events.append(tx, {
    kind: "lease.handed_over",
    ...because,
    data: { from: from.id, to: lease.id },
    changes: [...ended.map(endChange), leaseChange(lease)],
  });
  return lease;
}
