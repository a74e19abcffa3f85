import type { SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { createComparer } from "./comparer.ts";
import type { Effort } from "./effort.ts";
import { leaseRows } from "./holding.ts";
import type { HoldingDeps } from "./holding.ts";
import { isLive, refusalOf, standingOf } from "./lease.ts";
import type { Held, Lease, Refusal } from "./lease.ts";
import { rowsNear } from "./near.ts";
import { createNearby } from "./nearby.ts";
import { patternText } from "./path-pattern.ts";
import type { PathPattern } from "./path-pattern.ts";
import { heldOf, numberOf } from "./rows.ts";
import { selectPaths } from "./tables.ts";
import type { PathRow } from "./tables.ts";

/** A pattern of a scope that meets one of a lease. */
export interface Meeting {
  readonly pattern: PathPattern;
  /** The lease's number. */
  readonly lease: number;
  /** The lease's pattern. */
  readonly held: PathPattern;
}

export interface Found {
  readonly meeting: Meeting;
  readonly refusal: Refusal;
}

/** What a search came to before its effort was spent. */
export interface ScopesFound {
  /** Of each scope in order that was compared to its end: a lease in its way, or null. */
  readonly found: readonly (Found | null)[];
  /** Of how many patterns of the next scope it is known that nothing is in the way. */
  readonly patternsDone: number;
}

/**
 * Looks in one transaction which scopes a session could not have for exclusive work because of leases, its own landing ones too. It writes
 * nothing and sees no queue: who takes a scope asks for conflicts.
 */
export interface ScopeSearch {
  /** Compares scopes one after the other until the effort is spent; a pattern that was begun is compared with all. */
  firstInTheWay(scopes: readonly (readonly PathPattern[])[], effort: Effort): Promise<ScopesFound>;
  /** What earlier meetings come to: null where the lease is no longer in the way, or never had that pattern. */
  still(meetings: readonly Meeting[]): Promise<readonly (Refusal | null)[]>;
}

/** Who wants the scopes. */
export interface Searcher {
  readonly id: SessionId;
  /** From the nearest to the farthest. */
  readonly ancestors: readonly SessionId[];
}

export function createScopeSearch(
  deps: HoldingDeps,
  reader: Reader,
  { id, ancestors }: Searcher,
): ScopeSearch {
  const isMeant = ({ origin, session }: Lease): boolean =>
    origin === "landing" || standingOf({ session: id, ancestors }, session) === "foreign";
  const board = createBoard(deps, reader, isMeant);
  return {
    firstInTheWay: async (scopes, effort) => {
      const near = await rowsNear<PathRow>(reader, selectPaths, {
        patterns: scopes.flat(),
        policy: deps.policy,
      });
      const meet = createMeeter(deps, { near, board, effort });
      const found: (Found | null)[] = [];
      for (const scope of scopes) {
        const { first, patternsDone } = await firstOf(scope, { meet, effort });
        if (first === null && patternsDone < scope.length) {
          return { found, patternsDone };
        }
        found.push(first);
      }
      return { found, patternsDone: 0 };
    },
    still: async (meetings) => {
      await board.read([...new Set(meetings.map(({ lease }) => lease))]);
      return meetings.map((meeting) => {
        const held = board.at(meeting.lease) ?? null;
        return held !== null && hasPattern(held.lease, meeting.held)
          ? refusalOf(patternText(meeting.pattern), held)
          : null;
      });
    },
  };
}

function hasPattern({ patterns }: Lease, { kind, text }: PathPattern): boolean {
  return patterns.some((each) => each.text === text && each.kind === kind);
}

/** Leases that were read in this transaction: undefined was not, null is in nobody's way. */
interface Board {
  at(number: number): Held | null | undefined;
  read(numbers: readonly number[]): Promise<void>;
}

function createBoard(
  { renewedAt }: HoldingDeps,
  reader: Reader,
  isMeant: (lease: Lease) => boolean,
): Board {
  const known = new Map<number, Held | null>();
  return {
    at: (number) => known.get(number),
    read: async (numbers) => {
      const unread = numbers.filter((number) => !known.has(number));
      if (unread.length === 0) {
        return;
      }
      for (const number of unread) {
        known.set(number, null);
      }
      const rows = await leaseRows(reader, unread);
      for (const held of await heldOf(reader, rows, renewedAt)) {
        if (isMeant(held.lease) && isLive(held.lease, reader.nowMs)) {
          known.set(numberOf(held.lease.id) ?? 0, held);
        }
      }
    },
  };
}

/** Finds a lease in the way of one pattern. */
type Meeter = (pattern: PathPattern) => Promise<Found | null>;

interface MeeterParts {
  readonly near: readonly PathRow[];
  readonly board: Board;
  readonly effort: Effort;
}

function createMeeter({ policy }: HoldingDeps, { near, board, effort }: MeeterParts): Meeter {
  const nearby = createNearby(near, policy);
  const compare = createComparer(policy, effort);
  return async (pattern) => {
    const meets = compare(pattern);
    for (const row of nearby(pattern)) {
      if (board.at(row.lease) !== null && meets(row)) {
        await board.read([row.lease]);
        const held = board.at(row.lease) ?? null;
        if (held !== null) {
          const { kind, text } = row;
          const meeting = { pattern, lease: row.lease, held: { kind, text } };
          return { meeting, refusal: refusalOf(patternText(pattern), held) };
        }
      }
    }
    return null;
  };
}

interface First {
  readonly first: Found | null;
  readonly patternsDone: number;
}

async function firstOf(
  scope: readonly PathPattern[],
  { meet, effort }: { readonly meet: Meeter; readonly effort: Effort },
): Promise<First> {
  for (const [at, pattern] of scope.entries()) {
    if (effort.isSpent()) {
      return { first: null, patternsDone: at };
    }
    const first = await meet(pattern);
    if (first !== null) {
      return { first, patternsDone: at };
    }
  }
  return { first: null, patternsDone: scope.length };
}
