import type { Reader, SqlValue, Transaction } from "../store/index.ts";
import type { Message } from "./message.ts";
import type { DrainOptions, Recipient } from "./requests.ts";
import { messageOf, numberOf } from "./rows.ts";
import * as sql from "./tables.ts";

/** The reading side: what waits for a session. */
export interface Inbox {
  drain(tx: Transaction, recipient: Recipient, options?: DrainOptions): Promise<readonly Message[]>;
  peek(reader: Reader, recipient: Recipient, options?: DrainOptions): Promise<readonly Message[]>;
  unread(reader: Reader, recipient: Recipient): Promise<number>;
  /** The messages of these ids that are still kept, in the given order, whoever has read them. */
  named(reader: Reader, ids: readonly string[]): Promise<readonly Message[]>;
}

const defaultLimit = 20;
const countLimit = 100;

export function createInbox(): Inbox {
  return { drain, peek, unread, named };
}

async function drain(
  tx: Transaction,
  recipient: Recipient,
  options: DrainOptions = {},
): Promise<readonly Message[]> {
  const messages = await peek(tx, recipient, options);
  const last = messages.at(-1);
  if (last !== undefined) {
    await tx.put(sql.upsertCursor, [tx.project, recipient.id, last.order]);
  }
  return messages;
}

async function peek(
  reader: Reader,
  recipient: Recipient,
  { limit = defaultLimit }: DrainOptions = {},
): Promise<readonly Message[]> {
  const params = await unreadParams(reader, recipient);
  const rows = await reader.all<sql.MessageRow>(sql.selectUnread, [...params, limit]);
  return rows.map((row) => messageOf(row));
}

async function unread(reader: Reader, recipient: Recipient): Promise<number> {
  const params = await unreadParams(reader, recipient);
  const row = await reader.get<{ count: number }>(sql.countUnread, [...params, countLimit]);
  return row?.count ?? 0;
}

async function named(reader: Reader, ids: readonly string[]): Promise<readonly Message[]> {
  const found: Message[] = [];
  for (const id of ids) {
    const params = [reader.project, numberOf(id)];
    const row = await reader.get<sql.MessageRow>(sql.selectMessage, params);
    found.push(...(row === null ? [] : [messageOf(row)]));
  }
  return found;
}

async function unreadParams(
  reader: Reader,
  { id, role, joinedAtMs }: Recipient,
): Promise<readonly SqlValue[]> {
  const { project } = reader;
  const cursor = await reader.get<{ readonly read_to: number }>(sql.selectCursor, [
    project,
    id,
    project,
    joinedAtMs,
  ]);
  // A glance knows the time by now.
  const { nowMs } = reader;
  const from = cursor?.read_to ?? 0;
  const bySession = [project, id, from, nowMs];
  const byRole = [project, role, from, nowMs, id];
  const toAll = [project, from, nowMs, id];
  return [...bySession, ...byRole, ...toAll];
}
