import type { Random } from "./base/clock.ts";
import { noLimits } from "./base/project-limits.ts";
import type { ProjectLimits } from "./base/project-limits.ts";
import type { Timer } from "./base/timer.ts";
import { accessMigration, createAccess } from "./access/index.ts";
import type { Access } from "./access/index.ts";
import { approvalsMigration, createApprovals } from "./approvals/index.ts";
import type { Approvals } from "./approvals/index.ts";
import {
  callsMigration,
  costsMigration,
  createCosts,
  measuredMigration,
  outcomesMigration,
} from "./costs/index.ts";
import type { Costs } from "./costs/index.ts";
import {
  createComparedScopes,
  createDispatch,
  createNothingFound,
  readGiven,
} from "./dispatch/index.ts";
import type { Dispatch, Room } from "./dispatch/index.ts";
import { createEvents, eventsMigration, storeOfCallers } from "./events/index.ts";
import type { Doorbell, EventOrigin, Events } from "./events/index.ts";
import { integrationMigration } from "./integration/index.ts";
import {
  createLeases,
  leasesMigration,
  createTextIntersector,
  parsePathPattern,
} from "./leases/index.ts";
import type { Leases, PathPattern, PathPolicy } from "./leases/index.ts";
import { createMessages, messagesMigration } from "./messages/index.ts";
import type { Messages } from "./messages/index.ts";
import { createMetrics, metricsMigration } from "./metrics/index.ts";
import type { Metrics } from "./metrics/index.ts";
import { plannerMigration } from "./planner/index.ts";
import { createPlans, planLimitsMigration, plansMigration } from "./plans/index.ts";
import type { Plans } from "./plans/index.ts";
import { reviewMigration } from "./review/index.ts";
import { createSessions, sessionPrincipalsMigration, sessionsMigration } from "./sessions/index.ts";
import type { ProcessProbe, Sessions } from "./sessions/index.ts";
import type { Migration, Store } from "./store/index.ts";

/** The schema of this version: the steps of all modules. */
export const migrations: readonly Migration[] = [
  eventsMigration,
  sessionsMigration,
  plansMigration,
  leasesMigration,
  messagesMigration,
  costsMigration,
  approvalsMigration,
  integrationMigration,
  reviewMigration,
  callsMigration,
  plannerMigration,
  measuredMigration,
  metricsMigration,
  accessMigration,
  sessionPrincipalsMigration,
  outcomesMigration,
  planLimitsMigration,
];

/** What coordination needs from outside. */
export interface CoordinationDeps {
  readonly store: Store;
  readonly doorbell: Doorbell;
  readonly random: Random;
  readonly timer: Timer;
  /** Null where processes cannot be looked at. */
  readonly probe: ProcessProbe | null;
  readonly policy: PathPolicy;
  /** What a path of the worktree is, root-relative; null when there is nothing. */
  readonly pathKind: (path: string) => "file" | "directory" | null;
  /** Looks at what is left of this machine before work is handed out. Default: nobody looks. */
  readonly room?: (() => Room | null) | undefined;
  /** Whose call is under way: the events of its writes carry it. Default: nobody asked a server for anything. */
  readonly caller?: (() => EventOrigin | null) | undefined;
  /** False: a fault in choosing a task is told and not gone around. Default true. */
  readonly mayDegrade?: boolean | undefined;
  /** How long a lease beside those of tasks lasts after its last renewal, or what tells it at each. Default 1 800 000. */
  readonly leaseMs?: number | (() => number) | undefined;
  /** What the project may hold. Default: no limits. */
  readonly limits?: ProjectLimits | undefined;
}

/** The nouns with their operations inside a transaction, and the hand-out of work over them. */
export interface Coordination {
  readonly store: Store;
  readonly events: Events;
  readonly sessions: Sessions;
  readonly plans: Plans;
  readonly leases: Leases;
  readonly messages: Messages;
  readonly costs: Costs;
  readonly approvals: Approvals;
  readonly metrics: Metrics;
  readonly access: Access;
  readonly dispatch: Dispatch;
  /** Reads a path or glob as a caller wrote it. @throws {SkeinError} SKN-15xx. */
  parsePath(text: string): PathPattern;
}

const defaultLeaseMs = 1_800_000;

/** How paths are read: those that are stored, and those that a caller gives. */
function readingOf({ pathKind }: CoordinationDeps) {
  const parse = (text: string): PathPattern => parsePathPattern(text, { pathExists: pathKind });
  return { parse, parsePath: (text: string): PathPattern => readGiven({ parse }, text) };
}

/** Puts the core together over an open store. */
export function createCoordination(deps: CoordinationDeps): Coordination {
  const { random, timer, policy, probe, caller, leaseMs = defaultLeaseMs } = deps;
  const most = deps.limits ?? noLimits;
  const { parse, parsePath } = readingOf(deps);
  const events = createEvents({ doorbell: deps.doorbell, mostEvents: most.events });
  const store = caller === undefined ? deps.store : storeOfCallers(deps.store, events, caller);
  const sessions = createSessions({ events, random, clock: timer, mostSessions: most.sessions });
  const nouns = {
    plans: createPlans({
      events,
      random,
      overlaps: () => createTextIntersector(parse, policy),
      mostOpenTasks: most.openTasks,
    }),
    leases: createLeases({
      events,
      policy,
      renewedAt: (reader, ids) => sessions.renewals(reader, ids),
      mostLeases: most.leases,
    }),
    messages: createMessages({ events, roster: sessions, mostMessages: most.messages }),
    costs: createCosts({ events }),
    approvals: createApprovals({ events, parking: sessions }),
  };
  const dispatch = createDispatch(
    {
      store,
      events,
      sessions,
      ...nouns,
      paths: { parse },
      timer,
      random,
      leaseMs: typeof leaseMs === "function" ? leaseMs : () => leaseMs,
      room: deps.room ?? (() => null),
      caller: caller ?? (() => null),
      mayDegrade: deps.mayDegrade ?? true,
      policy,
      nothing: createNothingFound(timer),
      compared: createComparedScopes(),
    },
    probe,
  );
  const metrics = createMetrics();
  const access = createAccess({ events, random });
  return { store, events, sessions, ...nouns, metrics, access, dispatch, parsePath };
}
