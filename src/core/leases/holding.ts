import type { SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import type { PathPolicy } from "./glob.ts";
import { createComparer } from "./comparer.ts";
import type { Effort } from "./effort.ts";
import { countGlobs } from "./glob-bounds.ts";
import { isLive, judgePath, modesConflict, refusalOf, standingOf } from "./lease.ts";
import type { Asker, Held, Lease, LeaseMode, LeaseVerdict, Refusal } from "./lease.ts";
import { rowsNear } from "./near.ts";
import { createNearby } from "./nearby.ts";
import { literalPath, patternText } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";
import { heldOf, numberOf } from "./rows.ts";
import type { FindHolders } from "./rows.ts";
import * as sql from "./tables.ts";
import { together } from "../base/together.ts";

/** Paths that a session asks for. */
export interface PathAsk extends Asker {
  readonly patterns: readonly PathPattern[];
  readonly mode: LeaseMode;
  /**
   * Whose landing leases refuse it. `others`: the session may build on what it submitted itself. `all`: a new task waits until that work
   * is integrated, too, since its base would lack it. Default `others`.
   */
  readonly landing?: "others" | "all" | undefined;
  /** How many leases in the way are enough to know: what is left is not read, nor ended when its time is over. Default all. */
  readonly enough?: number | undefined;
  /** Is told what was compared; it bounds nothing. Default none. */
  readonly effort?: Effort | undefined;
}

/** Paths about to be written, or already written. */
export interface PathCheck extends Asker {
  /** Root-relative paths, as git and the hooks name them; never globs. */
  readonly paths: readonly string[];
}

/** What was found in the way of an ask. */
export interface InTheWay {
  /** At most five a pattern. */
  readonly refusals: readonly Refusal[];
  /** Leases that would refuse it, had their time not run out or their session not ended. */
  readonly stale: readonly Held[];
  /** How many globs lie around what is asked for, whether they meet it or not. */
  readonly globsNear: number;
}

/** Reads which leases hold which paths. */
export interface Holding {
  inTheWay(reader: Reader, ask: PathAsk): Promise<InTheWay>;
  check(reader: Reader, check: PathCheck): Promise<ReadonlyMap<string, LeaseVerdict>>;
}

export interface HoldingDeps {
  readonly policy: PathPolicy;
  readonly renewedAt: FindHolders;
}

export function createHolding(deps: HoldingDeps): Holding {
  return {
    inTheWay: async (reader, ask) => {
      const near = await nearOf(deps, reader, ask.patterns);
      if (near.length === 0) {
        return nothingInTheWay;
      }
      const isForeign = (session: SessionId): boolean => standingOf(ask, session) === "foreign";
      const found = await meetings(deps, reader, {
        patterns: ask.patterns,
        near,
        isMeant: (row) =>
          modesConflict(row.mode, ask.mode) && (ask.landing === "all" || isForeign(row.session)),
        isMeantLease: ({ origin, session }) => origin === "landing" || isForeign(session),
        enough: ask.enough,
        effort: ask.effort,
      });
      return {
        refusals: refusalsOf(found, reader.nowMs),
        stale: [...found.held.values()].filter(({ lease }) => !isLive(lease, reader.nowMs)),
        globsNear: found.globsNear,
      };
    },
    check: async (reader, { session, ancestors, paths }) => {
      const patterns = paths.map(literalPath);
      const near = await nearOf(deps, reader, patterns);
      const { byPattern, held } = await meetings(deps, reader, {
        patterns,
        near,
        isMeant: () => true,
      });
      const verdictOf = (path: string, leases: readonly number[]): LeaseVerdict =>
        judgePath(
          path,
          { session, ancestors },
          { held: liveOf(leases, held, reader.nowMs), nowMs: reader.nowMs },
        );
      return new Map(paths.map((path, at) => [path, verdictOf(path, byPattern[at]?.leases ?? [])]));
    },
  };
}

const nothingInTheWay: InTheWay = { refusals: [], stale: [], globsNear: 0 };

/** The stored patterns that may meet some patterns. */
function nearOf(
  { policy }: HoldingDeps,
  reader: Reader,
  patterns: readonly PathPattern[],
): Promise<readonly sql.PathRow[]> {
  return rowsNear<sql.PathRow>(reader, sql.selectPaths, { patterns, policy });
}

interface Search {
  readonly patterns: readonly PathPattern[];
  /** What `nearOf` them was found. */
  readonly near: readonly sql.PathRow[];
  /** Which of the stored patterns count, before they are compared. */
  readonly isMeant: (row: sql.PathRow) => boolean;
  /** Which leases count once they are read. Default all. */
  readonly isMeantLease?: ((lease: Lease) => boolean) | undefined;
  /** How many live leases are enough. Default all. */
  readonly enough?: number | undefined;
  readonly effort?: Effort | undefined;
}

/** The leases that hold paths of some patterns. */
async function meetings(deps: HoldingDeps, reader: Reader, search: Search): Promise<Meetings> {
  const { policy } = deps;
  const { patterns, near, isMeant, effort } = search;
  const globsNear = countGlobs(near);
  const meant = near.filter(isMeant);
  if (meant.length === 0) {
    return { byPattern: [], held: new Map(), globsNear };
  }
  const nearby = createNearby(meant, policy);
  const meets = createComparer(policy, effort);
  const byPattern = patterns.map((pattern) => ({
    pattern,
    leases: numbersOf(nearby(pattern).filter(meets(pattern))),
  }));
  const numbers = [...new Set(byPattern.flatMap(({ leases }) => leases))];
  return { byPattern, held: await readHeld(deps, reader, { ...search, numbers }), globsNear };
}

/** Reads leases in order until enough of them are live. */
async function readHeld(
  { renewedAt }: HoldingDeps,
  reader: Reader,
  {
    numbers,
    isMeantLease = () => true,
    enough = numbers.length,
  }: Search & { readonly numbers: readonly number[] },
): Promise<ReadonlyMap<number, Held>> {
  const held = new Map<number, Held>();
  let live = 0;
  for (let from = 0; from < numbers.length && live < enough; from += enough) {
    const rows = await leaseRows(reader, numbers.slice(from, from + enough));
    for (const each of await heldOf(reader, rows, renewedAt)) {
      if (isMeantLease(each.lease)) {
        held.set(numberOf(each.lease.id) ?? 0, each);
        live += isLive(each.lease, reader.nowMs) ? 1 : 0;
      }
    }
  }
  return held;
}

/** Mostly it is one; many are read some at a time. */
export async function leaseRows(
  reader: Reader,
  numbers: readonly number[],
): Promise<readonly sql.LeaseRow[]> {
  const [first = 0] = numbers;
  if (numbers.length < 2) {
    return reader.all<sql.LeaseRow>(sql.selectLease, [reader.project, first]);
  }
  const pages = Array.from({ length: Math.ceil(numbers.length / sql.leasesAtOnce) }, (_, at) =>
    numbers.slice(at * sql.leasesAtOnce, (at + 1) * sql.leasesAtOnce),
  );
  const rows = await together(
    pages.map(async (page) => {
      const filled = Array.from({ length: sql.leasesAtOnce }, (_, at) => page[at] ?? first);
      return reader.all<sql.LeaseRow>(sql.selectLeases, [reader.project, ...filled]);
    }),
  );
  return [...new Map(rows.flat().map((row) => [row.number, row])).values()];
}

function numbersOf(rows: readonly sql.PathRow[]): readonly number[] {
  return [...new Set(rows.map((row) => row.lease))].toSorted((one, other) => one - other);
}

interface Meetings {
  /** In the order of the patterns; empty when nothing is near any of them. */
  readonly byPattern: readonly {
    readonly pattern: PathPattern;
    readonly leases: readonly number[];
  }[];
  readonly held: ReadonlyMap<number, Held>;
  readonly globsNear: number;
}

/** How many leases in the way of one pattern are named at most. */
export const refusalsAPattern = 5;

function refusalsOf({ byPattern, held }: Meetings, nowMs: number): readonly Refusal[] {
  return byPattern.flatMap(({ pattern, leases }) =>
    liveOf(leases, held, nowMs)
      .slice(0, refusalsAPattern)
      .map((each) => refusalOf(patternText(pattern), each)),
  );
}

function liveOf(
  numbers: readonly number[],
  held: ReadonlyMap<number, Held>,
  nowMs: number,
): readonly Held[] {
  return numbers
    .map((number) => held.get(number))
    .filter((each) => each !== undefined)
    .filter(({ lease }) => isLive(lease, nowMs));
}
