import { SkeinError } from "../base/errors.ts";
import type { Transaction } from "../store/index.ts";
import { messageErrors } from "./errors.ts";
import * as sql from "./tables.ts";

interface Asked {
  /** The most that may be kept; null: no limit. */
  readonly most: number | null;
  /** The number that the last of the new ones will have. */
  readonly last: number;
}

/**
 * Refuses messages to a project that keeps as many as it may. What has expired goes first. Numbers only grow, so the oldest and the newest
 * tell mostly that there is room, and nothing is counted. @throws {SkeinError} SKN-4601.
 */
export async function ensureRoom(tx: Transaction, { most, last }: Asked): Promise<void> {
  if (most === null) {
    return;
  }
  const oldest = await tx.get<{ readonly number: number }>(sql.selectFirstNumber, [tx.project]);
  const first = oldest?.number ?? last;
  if (last - first + 1 <= most) {
    return;
  }
  await tx.put(sql.deleteOld, [tx.project, tx.nowMs, 0, tx.project]);
  const row = await tx.get<{ readonly kept: number; readonly newest: number }>(sql.countKept, [
    tx.project,
    tx.project,
    most,
  ]);
  const coming = last - (row?.newest ?? 0);
  if ((row?.kept ?? 0) + coming > most) {
    throw new SkeinError(messageErrors.tooMany, {
      message: `The project keeps ${String(most)} messages, which is its limit.`,
      facts: { most },
    });
  }
}
