import type { SessionId } from "../base/ids.ts";
import type { Reader, Transaction } from "../store/index.ts";
import type { Approval } from "./approval.ts";
import { ask } from "./asking.ts";
import { createClosing } from "./closing.ts";
import type { Closing } from "./closing.ts";
import type { ApprovalsDeps, AskRequest } from "./requests.ts";
import { approvalOf, findApproval } from "./rows.ts";
import * as sql from "./tables.ts";

/** Questions to people. */
export interface Approvals extends Closing {
  /** Asks, and keeps the session from expiring until the question is closed. @throws {SkeinError} SKN-16xx, SKN-7601 when 8 are open. */
  ask(tx: Transaction, request: AskRequest): Promise<Approval>;
  get(reader: Reader, id: string): Promise<Approval | null>;
  /** True when the deadline of a stored question has passed and `expire` has work to do. */
  isAnyDue(reader: Reader): Promise<boolean>;
  /** Open ones, the oldest first. */
  open(reader: Reader): Promise<readonly Approval[]>;
  /** All of one session, the newest first. */
  ofSession(reader: Reader, session: SessionId): Promise<readonly Approval[]>;
  /** All, the newest first. */
  list(reader: Reader, limit: number): Promise<readonly Approval[]>;
  /** Deletes questions that were closed before a time, and tells how many. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export function createApprovals(deps: ApprovalsDeps): Approvals {
  return {
    ask: async (tx, request) => ask(deps, tx, request),
    ...createClosing(deps),
    get: findApproval,
    isAnyDue,
    open: readOpen,
    ofSession,
    list,
    prune,
  };
}

async function prune(tx: Transaction, beforeMs: number): Promise<number> {
  return tx.run(sql.deleteOld, [tx.project, beforeMs, tx.project]);
}

async function isAnyDue(reader: Reader): Promise<boolean> {
  const params = [reader.project, reader.nowMs];
  return (await reader.get<{ number: number }>(sql.selectAnyDue, params)) !== null;
}

async function readOpen(reader: Reader): Promise<readonly Approval[]> {
  const rows = await reader.all<sql.ApprovalRow>(sql.selectOpen, [reader.project]);
  return approvalsOf(reader, rows).filter(({ state }) => state === "open");
}

async function ofSession(reader: Reader, session: SessionId): Promise<readonly Approval[]> {
  const params = [reader.project, session];
  return approvalsOf(reader, await reader.all<sql.ApprovalRow>(sql.selectOfSession, params));
}

async function list(reader: Reader, limit: number): Promise<readonly Approval[]> {
  const params = [reader.project, limit];
  return approvalsOf(reader, await reader.all<sql.ApprovalRow>(sql.selectNewest, params));
}

function approvalsOf(reader: Reader, rows: readonly sql.ApprovalRow[]): readonly Approval[] {
  return rows.map((row) => approvalOf(row, reader.nowMs));
}
