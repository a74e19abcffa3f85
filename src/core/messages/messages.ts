import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { createInbox } from "./inbox.ts";
import type { Message, Reach } from "./message.ts";
import type { DrainOptions, ListOptions, Recipient, Roster, SendRequest } from "./requests.ts";
import { messageOf, numberOf, threadOf } from "./rows.ts";
import { createSending } from "./sending.ts";
import * as sql from "./tables.ts";

/** Durable text between sessions. */
export interface Messages {
  /**
   * Stores one message and tells whom it reaches; a broadcast is one row.
   * @throws {SkeinError} SKN-5601 when the recipient does not live, with those who do; SKN-16xx when the text is empty or too long;
   * SKN-4601 when the project keeps as many as it may.
   */
  send(tx: Transaction, request: SendRequest): Promise<Reach>;
  /** Stores many messages with one event for up to 200 of them. */
  sendBatch(tx: Transaction, requests: readonly SendRequest[]): Promise<readonly Message[]>;
  /** Reads a session's unread messages in order and marks exactly those as read, in one transaction. */
  drain(tx: Transaction, recipient: Recipient, options?: DrainOptions): Promise<readonly Message[]>;
  /** Reads the unread messages and leaves them unread. */
  peek(reader: Reader, recipient: Recipient, options?: DrainOptions): Promise<readonly Message[]>;
  /** Counts unread messages, up to 100. */
  unread(reader: Reader, recipient: Recipient): Promise<number>;
  /** The messages of these ids that are still kept, in the given order, whoever has read them. */
  named(reader: Reader, ids: readonly string[]): Promise<readonly Message[]>;
  /** All messages of the project, for people, oldest first. */
  list(reader: Reader, options?: ListOptions): Promise<readonly Message[]>;
  /** The messages of one thread, oldest first. @throws {SkeinError} SKN-5603 when there is none. */
  thread(reader: Reader, id: string): Promise<readonly Message[]>;
  /** Deletes messages that expired or were sent before a time, except the newest; tells how many went. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export interface MessagesDeps {
  readonly events: Events;
  readonly roster: Roster;
  /** The most messages that are kept. Default null: no limit. */
  readonly mostMessages?: number | null | undefined;
}

export function createMessages(deps: MessagesDeps): Messages {
  return { ...createSending(deps), ...createInbox(), list, thread, prune };
}

async function list(
  reader: Reader,
  { after = 0, limit = 50 }: ListOptions = {},
): Promise<readonly Message[]> {
  const rows = await reader.all<sql.MessageRow>(sql.selectAfter, [reader.project, after, limit]);
  return rows.map((row) => messageOf(row));
}

async function thread(reader: Reader, id: string): Promise<readonly Message[]> {
  const first = await threadOf(reader, numberOf(id));
  const rows = await reader.all<sql.MessageRow>(sql.selectThread, [reader.project, first]);
  return rows.map((row) => messageOf(row));
}

async function prune(tx: Transaction, beforeMs: number): Promise<number> {
  return tx.run(sql.deleteOld, [tx.project, tx.nowMs, beforeMs, tx.project]);
}
