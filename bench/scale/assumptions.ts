/**
 * What nobody has measured here: how agents behave at that scale, what machines are bought, and what they cost. Change them and run
 * `npm run bench -- scale` again.
 */
export const assumptions = {
  sessions: 1_000_000,
  /** A session that works makes so many calls a minute. Renewals reach the store at most once a minute. */
  callsPerMinute: { renewal: 1, claim: 0.05, finish: 0.05, read: 0.5, message: 0.1 },
  /** Sizes of projects are Pareto: most are small, a few are large. */
  project: { leastSessions: 10, shape: 1.5, mostSessions: 2_000 },
  /** Between a server and its database, there and back, in the same zone. */
  networkRoundTripMs: 0.3,
  /** From a commit to the disk's word, with a battery or a flash log; commits of one moment share it. */
  flushMs: 1,
  /** One database and the servers in front of it. */
  shard: { databaseCores: 16, servers: 16, connectionsPerServer: 20 },
  /** US dollars, as clouds list them: change them for yours. */
  prices: {
    serverCoreHour: 0.04,
    databaseCoreHour: 0.1,
    storageGigabyteMonth: 0.12,
    hoursPerMonth: 730,
  },
  /** So much of what is bought may be used. */
  headroom: 0.6,
  /** Of an event with its index, and how long it is kept. */
  storage: { bytesPerEvent: 1_200, days: 90 },
} as const satisfies Assumptions;

export interface Assumptions {
  readonly sessions: number;
  readonly callsPerMinute: Readonly<
    Record<"claim" | "finish" | "message" | "read" | "renewal", number>
  >;
  readonly project: {
    readonly leastSessions: number;
    readonly shape: number;
    readonly mostSessions: number;
  };
  readonly networkRoundTripMs: number;
  readonly flushMs: number;
  readonly shard: {
    readonly databaseCores: number;
    readonly servers: number;
    readonly connectionsPerServer: number;
  };
  readonly prices: {
    readonly serverCoreHour: number;
    readonly databaseCoreHour: number;
    readonly storageGigabyteMonth: number;
    readonly hoursPerMonth: number;
  };
  /** From 0 to 1: the share of a core that may be used. */
  readonly headroom: number;
  readonly storage: { readonly bytesPerEvent: number; readonly days: number };
}
