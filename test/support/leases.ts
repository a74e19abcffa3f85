import { createEvents, eventsMigration } from "../../src/core/events/index.ts";
import type { Events } from "../../src/core/events/index.ts";
import { createLeases, leasesMigration, parsePathPattern } from "../../src/core/leases/index.ts";
import type {
  Holder,
  LeaseOutcome,
  Leases,
  PathPattern,
  PathRequest,
} from "../../src/core/leases/index.ts";
import type { SessionId } from "../../src/core/base/ids.ts";
import type { Store, Transaction } from "../../src/core/store/index.ts";

/** The migrations that leases need, numbered without a gap. */
export const leaseMigrations = [eventsMigration, { ...leasesMigration, version: 2 }];

/** Leases over a store, with sessions that a test makes and changes by hand. */
export interface LeaseStand {
  readonly leases: Leases;
  readonly events: Events;
  readonly holders: Map<SessionId, Holder>;
  /** Adds a session, or changes what is known of one. */
  readonly join: (session: SessionId, holder?: Partial<Holder>) => void;
  /** Asks for paths in a transaction of its own. */
  readonly ask: (
    session: SessionId,
    paths: string,
    odd?: Partial<PathRequest>,
  ) => Promise<LeaseOutcome>;
  readonly write: <T>(work: (tx: Transaction) => Promise<T>) => Promise<T>;
}

const silentDoorbell = { ring: () => {}, watch: () => () => {}, close: () => {} };

export function createLeaseStand(store: Store, caseInsensitive = false): LeaseStand {
  const holders = new Map<SessionId, Holder>();
  const events = createEvents({ doorbell: silentDoorbell });
  const leases = createLeases({
    events,
    policy: { caseInsensitive },
    renewedAt: async (_, sessions) =>
      new Map(
        sessions.flatMap((session) => {
          const holder = holders.get(session);
          return holder === undefined ? [] : [[session, holder] as const];
        }),
      ),
  });
  return {
    leases,
    events,
    holders,
    join: (session, holder = {}) => {
      const known = holders.get(session) ?? aHolder({ name: `name of ${session}` });
      holders.set(session, { ...known, ...holder });
    },
    ask: async (session, paths, odd = {}) =>
      store.write(async (tx) =>
        leases.request(tx, {
          ...aRequest(session, paths),
          ancestors: holders.get(session)?.ancestors ?? [],
          ...odd,
        }),
      ),
    write: async (work) => store.write(work),
  };
}

export function aHolder(odd: Partial<Holder> = {}): Holder {
  return {
    name: "ada",
    ancestors: [],
    renewedAtMs: 0,
    callUntilMs: null,
    parked: false,
    ended: false,
    ...odd,
  };
}

/** A request for half an hour; `paths` are separated by spaces. */
export function aRequest(session: SessionId, paths: string): PathRequest {
  return {
    session,
    ancestors: [],
    patterns: patternsOf(paths),
    mode: "exclusive",
    origin: "files",
    reason: `the work of ${session}`,
    durationMs: 1_800_000,
    plan: null,
    task: null,
    branch: null,
    queue: false,
  };
}

export function patternsOf(paths: string): readonly PathPattern[] {
  return paths.split(" ").map((path) => parsePathPattern(path));
}

/** The actor of tests that do not care who acts. */
export const because = { actor: "system", cause: null } as const;
