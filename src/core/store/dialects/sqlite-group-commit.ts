import type { Member, Savepoint } from "../member.ts";
import { storeTimeMs } from "../time.ts";
import type { TimeAnchor, TimeSource } from "../time.ts";
import { waitedTooLong } from "../turn.ts";
import type { Turn } from "../turn.ts";
import { around } from "./sqlite-around.ts";
import type { Around } from "./sqlite-around.ts";
import { createBeat, undo } from "./sqlite-beat.ts";
import type { Beat, BeatDeps } from "./sqlite-beat.ts";
import { openTransaction } from "./sqlite-connection.ts";
import type { SqliteStatement } from "./sqlite-driver.ts";
import type { Flush } from "./sqlite-flush.ts";
import { isBusy } from "./sqlite-faults.ts";
import { inTurn, longestWaits } from "./sqlite-waiting.ts";
import type { Waiting } from "./sqlite-waiting.ts";

export interface GroupDeps extends BeatDeps {
  readonly project: string;
  readonly time: TimeSource;
  readonly anchor: TimeAnchor;
  readonly waiting: Waiting;
  /** Who uses the connection: one transaction at a time. */
  readonly gate: Turn;
  readonly flush: Flush;
}

/** A group that is committed; others may see it. */
export interface CommittedGroup {
  /** Runs what waits for the commit, apart from the members' own. */
  readonly announce: () => void;
}

export interface Intake {
  readonly pending: Member[];
  readonly most: number;
}

/** Runs a group's members in one transaction; those of it stand in `group` also when it throws. */
export type CommitGroup = (
  group: Member[],
  onSize: (count: number) => void,
) => Promise<CommittedGroup>;

export function createCommit(deps: GroupDeps, { pending, most }: Intake): CommitGroup {
  const { connection, waiting, gate } = deps;
  const begin = connection.prepare("BEGIN IMMEDIATE");
  const commit = connection.prepare("COMMIT");
  const rollback = connection.prepare("ROLLBACK");
  const beat = createBeat(deps);

  const attempt = async (
    group: Member[],
    onSize: (count: number) => void,
  ): Promise<CommittedGroup> => {
    begin.run();
    const savepoint = createSavepoint(deps, performance.now());
    try {
      // Those come in who asked while the lock was waited for; a group that is tried again keeps its members.
      group.push(...inTime(pending.splice(0, most - group.length), waiting.waitMs * longestWaits));
      onSize(group.length);
      for (const member of group) {
        await member.run(savepoint);
      }
      return end(commit, beat, storeTimeMs(deps.anchor, deps.time));
    } catch (error) {
      undo(rollback);
      throw error;
    }
  };

  return async (group, onSize) =>
    inTurn(waiting, async () => {
      const committed = await gate.take(async () => attempt(group, onSize));
      waiting.turns.callNext();
      return committed;
    });
}

function end(commit: SqliteStatement, beat: Beat, nowMs: number): CommittedGroup {
  const hasBeat = beat.record(nowMs);
  commit.run();
  return {
    announce: () => {
      if (hasBeat) {
        beat.confirm(nowMs);
      }
    },
  };
}

/** Those who have waited too long are told so, and do not take part. */
function inTime(members: readonly Member[], longestMs: number): readonly Member[] {
  const nowMs = performance.now();
  return members.filter((member) => {
    const waitedMs = nowMs - member.sinceMs;
    if (waitedMs > longestMs) {
      member.fail(waitedTooLong(waitedMs));
    }
    return waitedMs <= longestMs;
  });
}

function createSavepoint(
  { connection, project, anchor, time }: GroupDeps,
  lockedAtMs: number,
): Savepoint {
  const enter = connection.prepare("SAVEPOINT member");
  const release = connection.prepare("RELEASE member");
  const back = connection.prepare("ROLLBACK TO member");
  return {
    inside: async (work) => {
      enter.run();
      const nowMs = storeTimeMs(anchor, time);
      const open = openTransaction(connection, { project, nowMs, lockedAtMs });
      const here: Around = { connection, isOpen: true };
      try {
        const result = await around.run(here, async () => work(open.tx, open.hooks));
        release.run();
        return { kind: "done", result, hooks: open.hooks };
      } catch (error) {
        if (isBusy(error)) {
          throw error;
        }
        // Where SQLite has rolled back everything by itself, as with a full disk, this throws: then all are told.
        undoMember(error, () => {
          back.run();
          release.run();
        });
        return { kind: "threw", error };
      } finally {
        here.isOpen = false;
        open.end();
      }
    },
  };
}

/** @throws the member's own error when the savepoint is gone. */
function undoMember(error: unknown, goBack: () => void): void {
  try {
    goBack();
  } catch {
    throw error;
  }
}
