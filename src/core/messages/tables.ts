import type { SessionId } from "../base/ids.ts";
import type { Migration } from "../store/index.ts";
import type { Audience } from "./message.ts";

/** Messages, one row each whoever they are for, and how far each session has read. */
export const messagesMigration: Migration = {
  version: 5,
  name: "messages",
  statements: [
    `CREATE TABLE messages (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      sender TEXT,
      sender_name TEXT NOT NULL,
      to_kind TEXT NOT NULL,
      to_name TEXT NOT NULL,
      thread BIGINT NOT NULL,
      text TEXT NOT NULL,
      sent_at_ms BIGINT NOT NULL,
      expires_at_ms BIGINT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX messages_by_recipient ON messages (project, to_kind, to_name, number)`,
    `CREATE INDEX messages_by_time ON messages (project, sent_at_ms, number)`,
    `CREATE INDEX messages_by_thread ON messages (project, thread, number)`,
    `CREATE TABLE message_cursors (
      project TEXT NOT NULL,
      session TEXT NOT NULL,
      read_to BIGINT NOT NULL,
      PRIMARY KEY (project, session)
    )`,
  ],
};

export interface MessageRow {
  readonly number: number;
  readonly sender: SessionId | null;
  readonly sender_name: string;
  readonly to_kind: Audience["kind"];
  /** A session's id, a role, or an empty text for all. */
  readonly to_name: string;
  readonly thread: number;
  readonly text: string;
  readonly sent_at_ms: number;
  readonly expires_at_ms: number | null;
}

const columns =
  "number, sender, sender_name, to_kind, to_name, thread, text, sent_at_ms, expires_at_ms";

export const selectLastNumber =
  "SELECT number FROM messages WHERE project = ? ORDER BY number DESC LIMIT 1";

export const selectFirstNumber =
  "SELECT number FROM messages WHERE project = ? ORDER BY number LIMIT 1";

/** The newest number, and how many are kept, counted up to a limit. Parameters: the project, the project, the limit. */
export const countKept = `SELECT count(*) AS kept, (SELECT MAX(number) FROM messages WHERE project = ?) AS newest
  FROM (SELECT 1 FROM messages WHERE project = ? LIMIT ?) AS counted`;

export const insertMessage = `INSERT INTO messages (project, ${columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

export const selectThreadOf = "SELECT thread FROM messages WHERE project = ? AND number = ?";

export const selectThread = `SELECT ${columns} FROM messages WHERE project = ? AND thread = ? ORDER BY number`;

export const selectMessage = `SELECT ${columns} FROM messages WHERE project = ? AND number = ?`;

export const selectAfter = `SELECT ${columns} FROM messages WHERE project = ? AND number > ? ORDER BY number LIMIT ?`;

/** Up to where a session has read; who has read nothing yet starts at the last message before it joined. */
export const selectCursor = `SELECT COALESCE(
    (SELECT read_to FROM message_cursors WHERE project = ? AND session = ?),
    (SELECT number FROM messages WHERE project = ? AND sent_at_ms < ? ORDER BY sent_at_ms DESC, number DESC LIMIT 1),
    0) AS read_to`;

export const upsertCursor = `INSERT INTO message_cursors (project, session, read_to) VALUES (?, ?, ?)
  ON CONFLICT (project, session) DO UPDATE SET read_to = excluded.read_to`;

const isWaiting = "number > ? AND (expires_at_ms IS NULL OR expires_at_ms > ?)";
const isOthers = "(sender IS NULL OR sender <> ?)";

const unread = (fields: string): string => `SELECT ${fields} FROM messages
    WHERE project = ? AND to_kind = 'session' AND to_name = ? AND ${isWaiting}
  UNION ALL SELECT ${fields} FROM messages
    WHERE project = ? AND to_kind = 'role' AND to_name = ? AND ${isWaiting} AND ${isOthers}
  UNION ALL SELECT ${fields} FROM messages
    WHERE project = ? AND to_kind = 'all' AND to_name = '' AND ${isWaiting} AND ${isOthers}`;

/** Three walks of one index, merged in order. Parameters: those of `unreadParams`, then the limit. */
export const selectUnread = `${unread(columns)} ORDER BY number LIMIT ?`;

/** The same, counted up to a limit. */
export const countUnread = `SELECT COUNT(*) AS count FROM (${unread("number")} LIMIT ?) AS waiting`;

/** Deletes what expired or is too old. Parameters: project, now, the time before which all go, project. */
export const deleteOld = `DELETE FROM messages
  WHERE project = ? AND (expires_at_ms <= ? OR sent_at_ms < ?)
    AND number < (SELECT MAX(number) FROM messages WHERE project = ?)`;
