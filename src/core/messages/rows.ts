import { SkeinError } from "../base/errors.ts";
import { isSessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import { messageErrors } from "./errors.ts";
import type { Audience, Message } from "./message.ts";
import * as sql from "./tables.ts";

/** Reads a stored message. */
export function messageOf(row: sql.MessageRow): Message {
  return {
    id: `M${String(row.number)}`,
    order: row.number,
    from: row.sender,
    fromName: row.sender_name,
    to: audienceOf(row),
    thread: `M${String(row.thread)}`,
    text: row.text,
    sentAtMs: row.sent_at_ms,
    expiresAtMs: row.expires_at_ms,
  };
}

function audienceOf({ to_kind: kind, to_name: name }: sql.MessageRow): Audience {
  if (kind === "session" && isSessionId(name)) {
    return { kind, session: name };
  }
  return kind === "role" ? { kind, role: name } : { kind: "all" };
}

/** The place of a message's id; 0, which no message has, when the text is none. */
export function numberOf(id: string): number {
  const digits = /^M(?<number>[1-9]\d{0,14})$/u.exec(id)?.groups?.["number"];
  return Number(digits ?? "0");
}

/** The first message of the thread that a message belongs to. @throws {SkeinError} SKN-5603 */
export async function threadOf(reader: Reader, number: number): Promise<number> {
  const row = await reader.get<Pick<sql.MessageRow, "thread">>(sql.selectThreadOf, [
    reader.project,
    number,
  ]);
  if (row === null) {
    throw new SkeinError(messageErrors.noThread);
  }
  return row.thread;
}
