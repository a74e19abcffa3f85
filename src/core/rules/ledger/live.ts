import type { SessionId } from "../../base/ids.ts";
import { cleanLine } from "../../base/text.ts";
import { readHead } from "../../events/index.ts";
import type { Lease, Leases, PathPattern } from "../../leases/index.ts";
import type { Attempt, Plans, Task, TaskStatus } from "../../plans/index.ts";
import type { Renewal, Sessions } from "../../sessions/index.ts";
import type { Reader, Store } from "../../store/index.ts";
import type { LedgerLease, LedgerTask, Publication } from "./ledger.ts";
import { ledgerLimits } from "./parse.ts";

/** Whose state it is. */
export interface LedgerStore {
  readonly store: Store;
  readonly leases: Leases;
  readonly plans: Plans;
  readonly sessions: Sessions;
  parsePath(text: string): PathPattern;
}

/** What the store does not know of itself. */
export interface PublicationHead {
  readonly publisher: string;
  readonly repository: string | null;
  readonly caseInsensitive: boolean;
}

/** States in which a task may have commits under way, the most telling first. */
const states: readonly TaskStatus[] = [
  "claimed",
  "submitted",
  "pending",
  "failed",
  "blocked",
  "canceled",
  "done",
];

/** Reads who holds what, and which fences count, at one moment: one read transaction. */
export async function readPublication(
  skein: LedgerStore,
  head: PublicationHead,
): Promise<Publication> {
  return skein.store.read(async (reader) => {
    const leases = await skein.leases.list(reader);
    const begun = await begunTasks(skein, reader);
    const shown = leases.slice(0, ledgerLimits.leases);
    const tasks = begun.slice(0, ledgerLimits.tasks);
    const ids = [...shown, ...tasks].flatMap(({ session }) => session ?? []);
    const holders = await skein.sessions.renewals(reader, [...new Set(ids)]);
    return {
      ...head,
      publishedAtMs: reader.nowMs,
      headSeq: (await readHead(reader)).seq,
      leases: shown.map((lease) => leaseOf(lease, holders)),
      tasks: await tasksOf(tasks, { skein, reader, holders }),
      omitted: leases.length - shown.length + begun.length - tasks.length,
    };
  });
}

async function begunTasks({ plans }: LedgerStore, reader: Reader): Promise<readonly Task[]> {
  const all: Task[] = [];
  for (const status of states) {
    const tasks = await plans.listTasks(reader, { status, limit: 10_000 });
    all.push(...tasks.filter(({ attempts }) => attempts > 0).toSorted(newestFirst));
  }
  return all;
}

function newestFirst(one: Task, other: Task): number {
  return other.updatedAtMs - one.updatedAtMs;
}

type Holders = ReadonlyMap<SessionId, Renewal>;

function leaseOf(lease: Lease, holders: Holders): LedgerLease {
  const holder = holders.get(lease.session);
  return {
    id: lease.id,
    session: lease.session,
    name: cleanLine(holder?.name ?? lease.session, 40),
    ancestors: (holder?.ancestors ?? []).slice(0, ledgerLimits.names),
    task: lease.task === null ? null : `${lease.plan ?? ""}/${lease.task}`,
    patterns: lease.patterns,
    mode: lease.mode,
    fence: lease.fence,
    untilMs: lease.untilMs,
    isLanding: lease.origin === "landing",
    branch: lease.branch,
    reason: cleanLine(lease.reason, 120),
  };
}

interface Around {
  readonly skein: LedgerStore;
  readonly reader: Reader;
  readonly holders: Holders;
}

async function tasksOf(tasks: readonly Task[], around: Around): Promise<readonly LedgerTask[]> {
  const { skein, reader } = around;
  const attempts = new Map<string, ReadonlyMap<string, readonly Attempt[]>>();
  for (const plan of new Set(tasks.map((task) => task.plan))) {
    attempts.set(plan, await skein.plans.attemptsOfPlan(reader, plan));
  }
  const ledgerTasks: LedgerTask[] = [];
  for (const task of tasks) {
    const tries = attempts.get(task.plan)?.get(task.id) ?? [];
    ledgerTasks.push(await taskOf(task, tries, around));
  }
  return ledgerTasks;
}

async function taskOf(
  task: Task,
  attempts: readonly Attempt[],
  { skein, reader, holders }: Around,
): Promise<LedgerTask> {
  const { session } = task;
  const isStanding = ["claimed", "submitted", "done"].includes(task.status);
  const more =
    session === null || !isStanding ? [] : await skein.leases.touchedBy(reader, session, 50);
  return {
    task: `${task.plan}/${task.id}`,
    state: task.status,
    fence: isStanding ? task.fence : null,
    session,
    ancestors: session === null ? [] : [...(holders.get(session)?.ancestors ?? [])],
    accepted: attempts
      .filter(({ outcome }) => outcome === "submitted")
      .map(({ fence }) => fence)
      .slice(-ledgerLimits.names),
    scope: scopeOf(task, more, skein),
  };
}

/** The task's own files, and what its session leased beyond them. A task without files may touch everything. */
function scopeOf(
  { files }: Task,
  more: readonly PathPattern[],
  skein: LedgerStore,
): readonly PathPattern[] | null {
  const patterns = [...files.map((text) => skein.parsePath(text)), ...more];
  return files.length === 0 || patterns.length > ledgerLimits.patterns ? null : patterns;
}
