import { SkeinError } from "../../base/errors.ts";
import { storeErrors } from "../errors.ts";
import { memberOf } from "../member.ts";
import type { Member } from "../member.ts";
import type { FirstQueries, Transaction } from "../store.ts";
import { queueFull, waitedTooLong } from "../turn.ts";
import { untilDone } from "./postgres-patience.ts";
import type { Patience } from "./postgres-patience.ts";
import type { PostgresAttempts } from "./postgres-transactions.ts";

/** How many writers share one transaction at most: their savepoints fit into what the server keeps of them at hand. */
const mostMembers = 32;

/** The writers of one process to one project. */
export interface PostgresWriters {
  /** Runs work in its turn. @throws {SkeinError} SKN-7102 when the queue is full, SKN-7101 when it stood still for too long. */
  write<T>(work: (tx: Transaction) => Promise<T>, first?: FirstQueries): Promise<T>;
  /** Those waiting and those that run. */
  queued(): number;
  /** Ends when all that was asked for has ended. */
  idle(): Promise<void>;
}

export interface WritersOptions {
  readonly patience: Patience;
  /** How many may wait. */
  readonly limit: number;
}

/** One who waits, and the end of the time that it may. */
interface Waiting {
  readonly member: Member;
  timer: NodeJS.Timeout;
}

interface Line {
  readonly waiting: Waiting[];
  inWork: number;
  leading: Promise<void> | null;
  /** When writers of the line were last served. */
  servedMs: number;
}

/** How many times `waitMs` one waits at most while the line moves: callers give up after a minute. */
const longestWaits = 6;

/**
 * Makes writers that wait at the same time share one transaction: one way there and back for the project's lock, one commit, one flush. Each is undone
 * alone when its work throws, and nobody is answered before the commit of all. When the server refuses a statement of one, each runs by itself.
 */
export function createPostgresWriters(
  attempts: PostgresAttempts,
  { patience, limit }: WritersOptions,
): PostgresWriters {
  const line: Line = { waiting: [], inWork: 0, leading: null, servedMs: 0 };
  const queued = (): number => line.waiting.length + line.inWork;
  const lead = async (): Promise<void> => {
    for (let first = line.waiting.shift(); first !== undefined; first = line.waiting.shift()) {
      clearTimeout(first.timer);
      await serve(attempts, { patience, line, first: first.member });
      line.inWork = 0;
    }
    line.leading = null;
  };
  return {
    write: async (work, first) => {
      if (queued() >= limit) {
        throw queueFull(queued(), limit);
      }
      return new Promise((resolve, reject) => {
        enter(line, memberOf(work, { resolve, reject }, first), patience.waitMs);
        line.leading ??= lead();
      });
    },
    queued,
    idle: async () => line.leading ?? undefined,
  };
}

/**
 * Waits as long as others are served: who is sent away from a line that moves comes back at its end, and under load never arrives. It is sent away
 * when nobody was served for `waitMs`.
 */
function enter(line: Line, member: Member, waitMs: number): void {
  const { waiting } = line;
  const untilMs = member.sinceMs + longestWaits * waitMs;
  const look = (): void => {
    const nowMs = performance.now();
    const leftMs = Math.min(line.servedMs + waitMs, untilMs) - nowMs;
    if (leftMs > 0) {
      entry.timer = setTimeout(look, leftMs);
      return;
    }
    waiting.splice(waiting.indexOf(entry), 1);
    member.fail(waitedTooLong(nowMs - member.sinceMs));
  };
  const entry = { member, timer: setTimeout(look, waitMs) };
  waiting.push(entry);
}

interface Serving {
  readonly patience: Patience;
  readonly line: Line;
  readonly first: Member;
}

/** Runs one group, and tells each of it how that ended. Never throws. */
async function serve(attempts: PostgresAttempts, serving: Serving): Promise<void> {
  const { patience, line, first } = serving;
  const members = [first];
  line.inWork = 1;
  const group = {
    members,
    hasNext: () => line.waiting.length > 0,
    next: () => {
      const come = members.length < mostMembers ? line.waiting.shift() : undefined;
      clearTimeout(come?.timer);
      line.inWork += come === undefined ? 0 : 1;
      return come?.member ?? null;
    },
  };
  try {
    await untilDone(patience, async () => attempts.write(group));
    settle(line, members);
  } catch (error) {
    if (members.length > 1 && isOfOne(error)) {
      await eachAlone(attempts, serving, members);
    } else {
      failed(members, error);
    }
  }
}

function settle(line: Line, members: readonly Member[]): void {
  line.servedMs = performance.now();
  for (const member of members) {
    member.settle(null);
  }
}

/** Whose fault it is cannot be said of a group: by itself, each gets what is its own. */
async function eachAlone(
  attempts: PostgresAttempts,
  { patience, line }: Serving,
  members: readonly Member[],
): Promise<void> {
  for (const member of members) {
    const group = { members: [member], hasNext: () => false, next: () => null };
    try {
      await untilDone(patience, async () => attempts.write(group));
      settle(line, [member]);
    } catch (error) {
      failed([member], error);
    }
  }
}

/** True for a failure that a statement of one member may have caused; the others are those of the server or the way to it. */
function isOfOne(error: unknown): boolean {
  return !(error instanceof SkeinError) || error.code === storeErrors.slow.code;
}

function failed(members: readonly Member[], error: unknown): void {
  for (const member of members) {
    if (error instanceof SkeinError && error.code === storeErrors.commitUnknown.code) {
      member.lose(error);
    } else {
      member.fail(error);
    }
  }
}
