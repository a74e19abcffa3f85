import { SkeinError } from "../base/errors.ts";
import { together } from "../base/together.ts";
import { groupsOf } from "../store/index.ts";
import type { Reader, TimelessReader, Transaction } from "../store/index.ts";
import { genesisHash, hashAfter } from "./chain.ts";
import type { ChainPoint } from "./chain.ts";
import { archivedTo, archive, check, readHead } from "./keeping.ts";
import type { LogCheck } from "./keeping.ts";
import type { Doorbell } from "./doorbell.ts";
import { eventErrors } from "./errors.ts";
import { createLogRoom } from "./log-room.ts";
import type { Work } from "./log-room.ts";
import type { Event, EventDraft, EventOrigin } from "./event.ts";
import { parseEvent, textOf } from "./stored-text.ts";
import * as sql from "./tables.ts";

export interface EventsDeps {
  readonly doorbell: Doorbell;
  /** The most events in the live log; see `Work`. Default null: no limit. */
  readonly mostEvents?: number | null | undefined;
}

/** The project's log: one gap-free, hash-chained sequence, appended in the transaction of the change itself. */
export interface Events {
  /** Appends an event and tells its sequence number; rings the doorbell after the commit. */
  append(tx: Transaction, draft: EventDraft): Promise<number>;
  /** Appends events of several callers, each with whoever asked for it; tells the number of the first. */
  appendAll(tx: Transaction, signed: readonly SignedDraft[]): Promise<number>;
  /** Says who asked for what this transaction does: its events from now on carry it. */
  setOrigin(tx: Transaction, origin: EventOrigin | null): void;
  /** The number that the next `append` of this transaction returns: a grant's fence, known before its event is written. */
  nextSeq(tx: Transaction): Promise<number>;
  /** Refuses what a full log has no room for, where so many events come before it. Default: none. @throws {SkeinError} SKN-4201. */
  ensureRoom(tx: Transaction, work: Work, ahead?: number): Promise<void>;
  /** True when `ensureRoom` would refuse. */
  isFull(tx: Transaction, work: Work): Promise<boolean>;
  /**
   * Says where the log stands before this transaction, as `eventProbes` found it; what the transaction knows already stays. Tells the number of the last
   * event, with those that the transaction has appended.
   */
  startAt(tx: Transaction, head: ChainPoint | null): number;
  /** The last event, or seq 0 with the genesis hash. */
  head(reader: TimelessReader): Promise<ChainPoint>;
  /** Events after `seq`, oldest first. @throws {SkeinError} SKN-5201 when some of them were archived. */
  after(reader: TimelessReader, seq: number, limit: number): Promise<readonly Event[]>;
  /**
   * Events after one that was told before, oldest first. @throws {SkeinError} SKN-5201; SKN-5202 when the log does not hold that one: what comes after it
   * may have numbers that were told, too.
   */
  afterTold(reader: TimelessReader, told: ChainPoint, limit: number): Promise<readonly Event[]>;
  /** Refuses a place behind the end of the log: who waits there misses what comes before it. @throws {SkeinError} SKN-5202. */
  ensureReached(reader: TimelessReader, seq: number): Promise<void>;
  /** The newest events of a kind, the newest first, as far as the last ten thousand of the log hold some. */
  newest(reader: Reader, kind: string): Promise<readonly Event[]>;
  /** The stored hash of an event; null when it is not in the live log. */
  hashOf(reader: TimelessReader, seq: number): Promise<string | null>;
  /** Checks numbers, texts and hashes from the archive's end to the head. */
  check(reader: Reader): Promise<LogCheck>;
  /** The first number that is still in the live log, minus one, with its hash. */
  archivedTo(reader: TimelessReader): Promise<ChainPoint>;
  /** Removes events older than a time, leaving the checkpoint from which the chain still verifies; tells how many went. */
  archive(tx: Transaction, beforeMs: number): Promise<number>;
  /** Calls back after the log has grown, in this or another process; the caller then reads the log. */
  watch(onChange: () => void): () => void;
}

/** An event, and who asked for it. */
export interface SignedDraft {
  readonly draft: EventDraft;
  readonly by: EventOrigin | null;
}

interface OpenHead {
  seq: number;
  hash: string;
  readonly isNew: boolean;
}

type EventRowValues = readonly [string, number, number, string, string, string];

const reads = {
  head: readHead,
  after,
  afterTold,
  ensureReached,
  newest,
  hashOf,
  check,
  archivedTo,
};

/** Where the log stands in each transaction that asked. */
interface Heads {
  of(tx: Transaction): OpenHead | undefined;
  keep(tx: Transaction, head: ChainPoint | null): OpenHead;
  /** For a transaction that does not know it. */
  read(tx: Transaction): Promise<OpenHead>;
}

function createHeads(): Heads {
  const heads = new WeakMap<Transaction, OpenHead>();
  const keep = (tx: Transaction, head: ChainPoint | null): OpenHead => {
    const open = { seq: head?.seq ?? 0, hash: head?.hash ?? genesisHash, isNew: head === null };
    heads.set(tx, open);
    return open;
  };
  return {
    of: (tx) => heads.get(tx),
    keep,
    read: async (tx) => {
      const row = await tx.get<sql.HeadRow>(sql.selectHead, [tx.project]);
      return keep(tx, row === null ? null : { seq: row.last_seq, hash: row.last_hash });
    },
  };
}

export function createEvents({ doorbell, mostEvents = null }: EventsDeps): Events {
  const heads = createHeads();
  const room = createLogRoom(mostEvents);
  const appending = createAppending(heads, doorbell);
  const lastSeq = async (tx: Transaction): Promise<number> =>
    (heads.of(tx) ?? (await heads.read(tx))).seq;
  return {
    ...appending,
    nextSeq: async (tx) => (heads.of(tx) ?? (await heads.read(tx))).seq + 1,
    ensureRoom: async (tx, work, ahead = 0) => {
      if (room.isLimited) {
        await room.ensure(tx, { work, seq: (await lastSeq(tx)) + ahead });
      }
    },
    isFull: async (tx, work) => room.isLimited && room.isFull(tx, { work, seq: await lastSeq(tx) }),
    startAt: (tx, head) => (heads.of(tx) ?? heads.keep(tx, head)).seq,
    ...reads,
    archive: (tx, beforeMs) => archive(tx, beforeMs, appending.append),
    watch: (onChange) => doorbell.watch(onChange),
  };
}

type Appending = Pick<Events, "append" | "appendAll" | "setOrigin">;

function createAppending(heads: Heads, doorbell: Doorbell): Appending {
  const origins = new WeakMap<Transaction, EventOrigin | null>();
  const willEnd = (tx: Transaction, open: OpenHead): void => {
    tx.beforeCommit(open, () => flush(tx, open));
    tx.afterCommit(doorbell, () => {
      doorbell.ring();
    });
  };
  return {
    append: async (tx, draft) => {
      const open = heads.of(tx) ?? (await heads.read(tx));
      const row = rowOf(tx, open, { draft, by: origins.get(tx) ?? null });
      const { seq } = open;
      await tx.put(sql.insertEvents(1), row);
      willEnd(tx, open);
      return seq;
    },
    appendAll: async (tx, signed) => {
      const open = heads.of(tx) ?? (await heads.read(tx));
      const first = open.seq + 1;
      // All are numbered before anything is waited for.
      const groups = groupsOf(signed.map((each) => rowOf(tx, open, each)));
      await together(groups.map((group) => tx.put(sql.insertEvents(group.length), group.flat())));
      willEnd(tx, open);
      return first;
    },
    setOrigin: (tx, origin) => {
      origins.set(tx, origin);
    },
  };
}

/** Makes the row of an event, and moves the head on to it. */
function rowOf(tx: Transaction, open: OpenHead, { draft, by }: SignedDraft): EventRowValues {
  const seq = open.seq + 1;
  const text = textOf(draft, { seq, atMs: tx.nowMs, by });
  open.hash = hashAfter(open.hash, text);
  open.seq = seq;
  return [tx.project, seq, tx.nowMs, draft.kind, text, open.hash];
}

function flush(tx: Transaction, { isNew, seq, hash }: OpenHead): Promise<void> {
  return isNew
    ? tx.put(sql.upsertHead, [tx.project, seq, hash, 0, genesisHash])
    : tx.put(sql.updateHead, [seq, hash, tx.project]);
}

async function after(
  reader: TimelessReader,
  seq: number,
  limit: number,
): Promise<readonly Event[]> {
  const { hash, rows } = await rowsAfter(reader, seq, limit);
  return eventsOf(rows, hash ?? genesisHash);
}

async function afterTold(
  reader: TimelessReader,
  { seq, hash }: ChainPoint,
  limit: number,
): Promise<readonly Event[]> {
  const found = await rowsAfter(reader, seq, limit);
  if (found.hash !== hash) {
    const last = (await readHead(reader)).seq;
    throw new SkeinError(eventErrors.ahead, {
      message: `The log no longer holds event ${String(seq)} as it was told; the newest event is ${String(last)}.`,
      facts: { last_seq: last },
    });
  }
  return eventsOf(found.rows, hash);
}

interface RowsAfter {
  /** The hash of the event before them; null when there is no such event. */
  readonly hash: string | null;
  readonly rows: readonly sql.EventRow[];
}

/** With the event itself comes the hash that the next one goes on from: who follows the log asks nothing else. */
async function rowsAfter(reader: TimelessReader, seq: number, limit: number): Promise<RowsAfter> {
  const found = await reader.all<sql.EventRow>(sql.selectFrom, [reader.project, seq, limit + 1]);
  const [first] = found;
  return first?.seq === seq
    ? { hash: first.hash, rows: found.slice(1) }
    : { hash: await hashAtStart(reader, seq), rows: found.slice(0, limit) };
}

function eventsOf(rows: readonly sql.EventRow[], hash: string): readonly Event[] {
  let prevHash = hash;
  return rows.map((row) => {
    const event = parseEvent(row, prevHash);
    prevHash = row.hash;
    return event;
  });
}

/** The hash before the first event that there is; null for a place that no event has. @throws {SkeinError} SKN-5201 when events after a number were archived. */
async function hashAtStart(reader: TimelessReader, seq: number): Promise<string | null> {
  const archived = await archivedTo(reader);
  if (seq < archived.seq) {
    throw new SkeinError(eventErrors.archived, {
      message: `Events up to ${String(archived.seq)} were archived; asked for those after ${String(seq)}.`,
      facts: { archived_seq: archived.seq },
    });
  }
  return seq === archived.seq ? archived.hash : null;
}

async function ensureReached(reader: TimelessReader, seq: number): Promise<void> {
  const last = (await readHead(reader)).seq;
  if (seq > last) {
    throw new SkeinError(eventErrors.ahead, {
      message: `The newest event is ${String(last)}; asked for those after ${String(seq)}.`,
      facts: { last_seq: last },
    });
  }
}

/** How far back is looked, and for how many: enough for what happened lately, and never a walk through a whole log. */
const lately = { events: 10_000, found: 100 };

async function newest(reader: Reader, kind: string): Promise<readonly Event[]> {
  const { seq } = await readHead(reader);
  const rows = await reader.all<sql.EventRow & { readonly prev_hash: string | null }>(
    sql.selectNewest,
    [reader.project, seq - lately.events, kind, lately.found],
  );
  return rows.map((row) => parseEvent(row, row.prev_hash ?? genesisHash));
}

async function hashOf(reader: TimelessReader, seq: number): Promise<string | null> {
  const row = await reader.get<sql.EventRow>(sql.selectHashAt, [reader.project, seq]);
  return row?.hash ?? null;
}
