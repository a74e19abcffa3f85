import type { Actor, SessionId } from "../base/ids.ts";
import type { Migration } from "../store/index.ts";
import type { ApprovalState } from "./approval.ts";

/** Questions to people and their answers. */
export const approvalsMigration: Migration = {
  version: 7,
  name: "approvals",
  statements: [
    `CREATE TABLE approvals (
      project TEXT NOT NULL,
      number BIGINT NOT NULL,
      session TEXT NOT NULL,
      plan TEXT,
      task TEXT,
      question TEXT NOT NULL,
      options TEXT NOT NULL,
      asked_at_ms BIGINT NOT NULL,
      deadline_ms BIGINT NOT NULL,
      is_extended BIGINT NOT NULL,
      state TEXT NOT NULL,
      answer TEXT,
      answered_by TEXT,
      answered_at_ms BIGINT,
      PRIMARY KEY (project, number)
    )`,
    `CREATE INDEX approvals_open ON approvals (project, number) WHERE state = 'open'`,
    `CREATE INDEX approvals_by_session ON approvals (project, session, number)`,
  ],
};

export interface ApprovalRow {
  readonly number: number;
  readonly session: SessionId;
  readonly plan: string | null;
  readonly task: string | null;
  readonly question: string;
  /** JSON: texts. */
  readonly options: string;
  readonly asked_at_ms: number;
  readonly deadline_ms: number;
  readonly is_extended: number;
  readonly state: ApprovalState;
  readonly answer: string | null;
  readonly answered_by: Actor | null;
  readonly answered_at_ms: number | null;
}

const columns = `number, session, plan, task, question, options, asked_at_ms, deadline_ms, is_extended, state,
  answer, answered_by, answered_at_ms`;

export const selectLastNumber =
  "SELECT number FROM approvals WHERE project = ? ORDER BY number DESC LIMIT 1";

export const insertApproval = `INSERT INTO approvals (project, ${columns})
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 'open', NULL, NULL, NULL)`;

export const selectApproval = `SELECT ${columns} FROM approvals WHERE project = ? AND number = ?`;

export const selectOpen = `SELECT ${columns} FROM approvals WHERE project = ? AND state = 'open' ORDER BY number`;

export const selectAnyDue = `SELECT number FROM approvals
  WHERE project = ? AND state = 'open' AND deadline_ms <= ? LIMIT 1`;

export const selectOpenOf = `SELECT ${columns} FROM approvals
  WHERE project = ? AND session = ? AND state = 'open' ORDER BY number`;

export const selectOfSession = `SELECT ${columns} FROM approvals
  WHERE project = ? AND session = ? ORDER BY number DESC LIMIT 100`;

/** Deletes closed questions that are too old; the newest keeps the numbering. Parameters: project, the time before which they go, project. */
export const deleteOld = `DELETE FROM approvals
  WHERE project = ? AND state <> 'open' AND COALESCE(answered_at_ms, deadline_ms) < ?
    AND number < (SELECT MAX(number) FROM approvals WHERE project = ?)`;

export const selectNewest = `SELECT ${columns} FROM approvals WHERE project = ? ORDER BY number DESC LIMIT ?`;

/** The first to close a question wins: nobody closes it twice. */
export const updateClosed = `UPDATE approvals SET state = ?, answer = ?, answered_by = ?, answered_at_ms = ?
  WHERE project = ? AND number = ? AND state = 'open'`;

export const updateExtended = `UPDATE approvals SET deadline_ms = ?, is_extended = 1
  WHERE project = ? AND number = ? AND state = 'open' AND is_extended = 0`;
