/** One row of `docs/testing.md`: where it is proved, and what it is told. */
export interface ProofRow {
  /** As in the table, `R1`. */
  readonly name: string;
  /** Parts of the paths of its tests, as vitest filters them. */
  readonly files: readonly string[];
  /** The full counts, by what follows `SKEIN_PROOF_`. */
  readonly full: Readonly<Record<string, number>>;
  /** By how much `--nightly` multiplies them. */
  readonly nightly: number;
}

/** All rows, cheap ones and dear ones, in the order of the table. */
export const proofRows: readonly ProofRow[] = [
  {
    name: "R1",
    files: ["test/property/histories", "test/property/leases-histories"],
    full: { R1: 10_000, R1_POSTGRES: 1_000, HISTORIES: 2_000 },
    nightly: 20,
  },
  {
    name: "R2",
    files: ["test/property/interleavings", "test/property/batches"],
    full: { R2: 2_000, R2_POSTGRES: 200, R2_BATCHES: 1_000, R2_BATCHES_POSTGRES: 100 },
    nightly: 25,
  },
  {
    name: "R3",
    files: ["test/chaos/linearizability"],
    full: { R3: 100, R3_POSTGRES: 10, CALLS: 200 },
    nightly: 50,
  },
  {
    name: "R4",
    files: ["test/chaos/claim-race"],
    full: { R4: 10_000, PROCESSES: 64 },
    nightly: 1,
  },
  { name: "R5", files: ["test/property/leases-overlap"], full: { PAIRS: 100_000 }, nightly: 50 },
  {
    name: "R6",
    files: ["test/chaos/fences"],
    full: { R6: 1_000, R6_POSTGRES: 250, PAUSES: 5 },
    nightly: 10,
  },
  { name: "R7", files: ["test/chaos/kills"], full: { R7: 50 }, nightly: 20 },
  {
    name: "R8",
    files: ["test/chaos/postgres-server"],
    full: { R8: 20, R9: 50, R12_POSTGRES: 30 },
    nightly: 5,
  },
  {
    name: "R10",
    files: ["test/chaos/postgres-network"],
    full: { R10: 1_000, R11: 1_000 },
    nightly: 5,
  },
  {
    name: "R12",
    files: ["test/property/clocks"],
    full: { R12: 1_000, CLOCKS_POSTGRES: 100 },
    nightly: 50,
  },
  { name: "R13", files: ["test/chaos/store-full"], full: {}, nightly: 1 },
  { name: "R14", files: ["test/chaos/store-storm"], full: { R14: 15, WRITERS: 32 }, nightly: 40 },
  { name: "R15", files: ["test/chaos/store-broken-files"], full: {}, nightly: 1 },
  {
    name: "R17",
    files: ["test/mcp/stdio/frames", "test/security/serve-frames"],
    full: { R17: 20_000 },
    nightly: 50,
  },
  {
    name: "R18",
    files: ["test/bot/app/door", "test/bot/app/reconcile"],
    full: { R18: 2_000 },
    nightly: 5,
  },
  { name: "R19", files: ["test/property/garbage-replies"], full: { R19: 2_000 }, nightly: 5 },
  {
    name: "R20",
    files: ["test/property/budgets", "test/property/call-ledger"],
    full: { R20: 1_000, R20_POSTGRES: 200 },
    nightly: 20,
  },
  {
    name: "R22",
    files: ["test/property/messages"],
    full: { R22: 10_000, R22_POSTGRES: 2_000 },
    nightly: 100,
  },
  {
    name: "R23",
    files: ["test/chaos/event-streams", "test/http/events"],
    full: { R23: 1_000 },
    nightly: 50,
  },
  { name: "R24", files: ["test/chaos/bus"], full: { R24: 100 }, nightly: 10 },
  { name: "R25", files: ["test/chaos/store-migrations"], full: {}, nightly: 1 },
  { name: "R26", files: ["test/chaos/store-backup"], full: {}, nightly: 1 },
  { name: "R27", files: ["test/chaos/serve-overload"], full: { R27: 300 }, nightly: 1 },
  { name: "R28", files: ["test/chaos/serve-wedge"], full: { R28: 50 }, nightly: 5 },
  { name: "R30", files: ["test/chaos/planted-bugs"], full: {}, nightly: 1 },
  {
    name: "FLEET",
    files: ["test/e2e/team-fleet"],
    full: { FLEET: 1_000 },
    nightly: 5,
  },
  { name: "T1", files: ["test/security/obedient-model"], full: { T1: 300 }, nightly: 3 },
  {
    name: "T2",
    files: [
      "test/security/git-arguments",
      "test/security/init-links",
      "test/security/demo-links",
      "test/mcp/paths",
      "test/adapters/git/repo-path",
    ],
    full: {},
    nightly: 1,
  },
  {
    name: "T3",
    files: ["test/bot/app/app", "test/adapters/github/app", "test/security/action-secrets"],
    full: {},
    nightly: 1,
  },
  { name: "T9", files: ["test/security/redaction"], full: { T9: 5_100 }, nightly: 4 },
  { name: "T10", files: ["test/security/review-markdown"], full: {}, nightly: 1 },
  { name: "T11", files: ["test/security/spoofs"], full: {}, nightly: 1 },
  {
    name: "T12",
    files: [
      "test/property/vote-tables",
      "test/core/review/vote/put-to-vote",
      "test/core/review/needs-person",
    ],
    full: {},
    nightly: 1,
  },
  {
    name: "T15",
    files: ["test/security/http-names", "test/http/auth-settings"],
    full: {},
    nightly: 1,
  },
  {
    name: "T16",
    files: ["test/security/http-tokens", "test/adapters/identity"],
    full: {},
    nightly: 1,
  },
  {
    name: "T17",
    files: ["test/security/permission-matrix", "test/house/permissions"],
    full: {},
    nightly: 1,
  },
  {
    name: "T18",
    files: [
      "test/security/cross-agent",
      "test/security/principals",
      "test/security/speakers",
      "test/security/words-of-others",
      "test/security/guard-evasion",
    ],
    full: {},
    nightly: 1,
  },
  { name: "T19", files: ["test/mcp/catalog"], full: {}, nightly: 1 },
  { name: "T20", files: ["test/security/paths"], full: { FUZZ: 100_000 }, nightly: 10 },
  { name: "T21", files: ["test/contract/audit"], full: {}, nightly: 1 },
  {
    name: "T23",
    files: [
      "test/security/http-quotas",
      "test/security/http-bodies",
      "test/http/project-share",
      "test/contract/project-limits",
    ],
    full: {},
    nightly: 1,
  },
  { name: "T24", files: ["test/security/addresses"], full: {}, nightly: 1 },
  { name: "T25", files: ["test/security/injection"], full: { T25: 10_000 }, nightly: 10 },
  { name: "T26", files: ["test/security/secrets"], full: {}, nightly: 1 },
];

/** The longest that one case of a row may take, in milliseconds: a night. It wins over the limits of `vitest.config.ts`. */
export const longestMs = 12 * 3_600_000;

/** Counts that say how wide a run is, not how often it runs. */
const widths: ReadonlySet<string> = new Set(["CALLS", "PROCESSES", "WRITERS"]);

/** What a row runs, by the name of its count. */
export function countsOf(row: ProofRow, isNightly: boolean): ReadonlyMap<string, number> {
  const factor = isNightly ? row.nightly : 1;
  return new Map(
    Object.entries(row.full).map(([name, count]) => [
      name,
      widths.has(name) ? count : count * factor,
    ]),
  );
}

/** The counts that no test says it ran, as `R1=10000`: a proof names its counts in its title, so that a run cannot fall short in silence. */
export function untoldCounts(
  counts: ReadonlyMap<string, number>,
  titles: readonly string[],
): readonly string[] {
  return [...counts]
    .filter(
      ([, count]) => !titles.some((title) => new RegExp(`\\b${String(count)}\\b`).test(title)),
    )
    .map(([name, count]) => `${name}=${String(count)}`);
}
