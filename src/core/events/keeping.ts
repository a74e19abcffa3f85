import type { Reader, TimelessReader, Transaction } from "../store/index.ts";
import { checkChain, genesisHash } from "./chain.ts";
import type { ChainFault, ChainPoint } from "./chain.ts";
import type { EventDraft } from "./event.ts";
import { parseEvent } from "./stored-text.ts";
import type { StoredEvent } from "./stored-text.ts";
import * as sql from "./tables.ts";

/** The result of a check of the whole log. */
export interface LogCheck {
  readonly events: number;
  readonly head: ChainPoint;
  readonly faults: readonly ChainFault[];
}

/** The last event of the log, or seq 0 with the genesis hash. */
export async function readHead(reader: TimelessReader): Promise<ChainPoint> {
  const row = await reader.get<sql.HeadRow>(sql.selectHead, [reader.project]);
  return { seq: row?.last_seq ?? 0, hash: row?.last_hash ?? genesisHash };
}

/** The end of what was archived, or seq 0 with the genesis hash. */
export async function archivedTo(reader: TimelessReader): Promise<ChainPoint> {
  const row = await reader.get<sql.HeadRow>(sql.selectHead, [reader.project]);
  return { seq: row?.archived_seq ?? 0, hash: row?.archived_hash ?? genesisHash };
}

const pageSize = 1_000;

/** The event that tells of an archiving: the checkpoint stands in the chain itself, so that nobody can move it unseen. */
const archivedKind = "log.archived";

/** Checks numbers, texts and hashes from the archive's end to the head, and that the log itself tells of that end. */
export async function check(reader: Reader): Promise<LogCheck> {
  const start = await archivedTo(reader);
  const faults: ChainFault[] = [...(await faultsBefore(reader, start))];
  let point = start;
  let told: ChainPoint | null = null;
  let events = 0;
  for (;;) {
    const rows: readonly StoredEvent[] = await reader.all<sql.EventRow>(sql.selectAfter, [
      reader.project,
      point.seq,
      pageSize,
    ]);
    const page = checkChain(rows, point);
    faults.push(...page.faults);
    told =
      rows
        .filter(({ kind }) => kind === archivedKind)
        .map(checkpointOf)
        .at(-1) ?? told;
    events += rows.length;
    point = page.end;
    if (rows.length < pageSize) {
      break;
    }
  }
  const head = await readHead(reader);
  faults.push(...checkpointFaults(start, told), ...headFaults(head, point));
  return { events, head, faults };
}

/** An event that somebody put before the beginning: what was archived is gone with the checkpoint's own transaction. */
async function faultsBefore(reader: Reader, start: ChainPoint): Promise<readonly ChainFault[]> {
  const left = await reader.get<sql.EventRow>(sql.selectUpTo, [reader.project, start.seq]);
  const detail = `stands before the live log, which begins after ${String(start.seq)}`;
  return left === null ? [] : [{ seq: left.seq, fault: "gap", detail }];
}

/** Null when the event cannot be read, which is a fault of its own. */
function checkpointOf(row: StoredEvent): ChainPoint | null {
  try {
    const { to, hash } = parseEvent(row, "").data;
    return typeof to === "number" && typeof hash === "string" ? { seq: to, hash } : null;
  } catch {
    return null;
  }
}

function checkpointFaults(start: ChainPoint, told: ChainPoint | null): readonly ChainFault[] {
  const isTold = start.seq === (told?.seq ?? 0) && start.hash === (told?.hash ?? genesisHash);
  const detail = `the live log begins after ${String(start.seq)}, and no event tells of that`;
  return isTold ? [] : [{ seq: start.seq, fault: "checkpoint", detail }];
}

function headFaults(head: ChainPoint, end: ChainPoint): readonly ChainFault[] {
  const isEnd = head.seq === end.seq && head.hash === end.hash;
  const detail = `the log ends at ${String(end.seq)}, its head says ${String(head.seq)}`;
  return isEnd ? [] : [{ seq: head.seq, fault: "head", detail }];
}

/** Removes events older than a time, and writes the event that tells of it; tells how many went. */
export async function archive(
  tx: Transaction,
  beforeMs: number,
  append: (tx: Transaction, draft: EventDraft) => Promise<number>,
): Promise<number> {
  const last = await tx.get<sql.EventRow>(sql.selectLastBefore, [tx.project, beforeMs]);
  const now = await readHead(tx);
  if (last === null) {
    return 0;
  }
  await tx.put(sql.upsertHead, [tx.project, now.seq, now.hash, last.seq, last.hash]);
  const count = await tx.run(sql.deleteUpTo, [tx.project, last.seq]);
  await append(tx, {
    kind: archivedKind,
    actor: "system",
    cause: null,
    data: { to: last.seq, hash: last.hash, events: count },
    changes: [],
  });
  return count;
}
