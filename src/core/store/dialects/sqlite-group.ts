import { memberOf } from "../member.ts";
import type { Member } from "../member.ts";
import type { Transaction } from "../store.ts";
import { queueFull } from "../turn.ts";
import { keepUndoInMemory } from "./sqlite-connection.ts";
import { createCommit } from "./sqlite-group-commit.ts";
import type { CommitGroup, CommittedGroup, GroupDeps } from "./sqlite-group-commit.ts";

/** How far writers may be put together. */
export interface GroupLimits {
  /** How many share one transaction at most. */
  readonly members: number;
  /** How many may wait in this process. */
  readonly queue: number;
}

/** Writes of one process that share transactions. */
export interface GroupWriting {
  write<T>(work: (tx: Transaction) => Promise<T>): Promise<T>;
  /** Runs work when those who asked before have written, and lets nobody write meanwhile. */
  alone<T>(work: () => Promise<T>): Promise<T>;
  /** Writers that wait, and those of the group under way. */
  queued(): number;
}

/** The line of those who want to write. */
interface Line {
  readonly pending: Member[];
  /** How many are in the group under way. */
  inWork: number;
  /** Runs while there is somebody to lead. */
  leading: Promise<void> | null;
  /** Who came after this waits, for somebody wants to be alone; null: nobody does. */
  heldAfterMs: number | null;
  /** Ends with the last who wants to be alone. */
  lonely: Promise<unknown>;
}

/**
 * Makes writers that wait at the same time share one transaction, one commit and one flush. Each has a savepoint of its own: one that throws is
 * undone alone. Nobody is answered, and nothing rings, before the commit of all is on the disk; when that fails, all are told.
 */
export function createGroupWriting(deps: GroupDeps, limits: GroupLimits): GroupWriting {
  const line: Line = {
    pending: [],
    inWork: 0,
    leading: null,
    heldAfterMs: null,
    lonely: Promise.resolve(),
  };
  keepUndoInMemory(deps.connection.driver);
  const commit = createCommit(deps, { pending: line.pending, most: limits.members });
  const begin = (): void => {
    if (line.leading === null && mayLead(line)) {
      line.leading = lead(deps, { line, commit });
    }
  };
  const queued = (): number => line.pending.length + line.inWork;

  return {
    write: async (work) => {
      if (queued() >= limits.queue) {
        throw queueFull(queued(), limits.queue);
      }
      return new Promise((resolve, reject) => {
        line.pending.push(memberOf(work, { resolve, reject }));
        begin();
      });
    },
    alone: async (work) => {
      const turn = line.lonely.then(async () => whileHeld(line, { work, begin }));
      line.lonely = turn.catch(() => undefined);
      return turn;
    },
    queued,
  };
}

function mayLead({ pending, heldAfterMs }: Line): boolean {
  const [first] = pending;
  return first !== undefined && (heldAfterMs === null || first.sinceMs <= heldAfterMs);
}

interface Leading {
  readonly line: Line;
  readonly commit: CommitGroup;
}

/** Commits group after group while there is somebody who may write. */
async function lead(deps: GroupDeps, { line, commit }: Leading): Promise<void> {
  while (mayLead(line)) {
    // Whoever is about to ask gets into this group, not into the next one.
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
    const group: Member[] = [];
    try {
      const committed = await commit(group, (count) => {
        line.inWork = count;
      });
      const isCrowd = group.length + line.pending.length > 1;
      // The next group need not wait for the disk, only this one's callers do.
      void finish(deps.flush.start(isCrowd ? "many" : "alone"), group, committed);
    } catch (error) {
      // The lock did not come in time, or the transaction broke: nothing of this group is there.
      failAll(group.length === 0 ? lateIn(line.pending, deps.waiting.waitMs) : group, error);
    }
    line.inWork = 0;
  }
  line.leading = null;
}

interface Lonely<T> {
  readonly work: () => Promise<T>;
  readonly begin: () => void;
}

async function whileHeld<T>(line: Line, { work, begin }: Lonely<T>): Promise<T> {
  line.heldAfterMs = performance.now();
  try {
    await line.leading;
    return await work();
  } finally {
    line.heldAfterMs = null;
    begin();
  }
}

async function finish(
  flushed: Promise<void>,
  group: readonly Member[],
  { announce }: CommittedGroup,
): Promise<void> {
  let fault: unknown = null;
  try {
    await flushed;
  } catch (error) {
    // It is committed and others may see it, but the disk did not confirm it.
    fault = error;
  }
  announce();
  for (const member of group) {
    member.settle(fault);
  }
}

/** Takes those out of the line who have waited as long as anybody may: at least the first. */
function lateIn(pending: Member[], waitMs: number): readonly Member[] {
  const latestMs = performance.now() - waitMs;
  const punctual = pending.findIndex(({ sinceMs }) => sinceMs > latestMs);
  return pending.splice(0, punctual < 0 ? pending.length : Math.max(1, punctual));
}

function failAll(group: readonly Member[], error: unknown): void {
  for (const member of group) {
    member.fail(error);
  }
}
