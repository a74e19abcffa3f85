import { SkeinError } from "../base/errors.ts";
import type { EntityChange } from "../events/index.ts";
import type { Reader } from "../store/index.ts";
import type { Approval } from "./approval.ts";
import { stateAt } from "./approval.ts";
import { approvalErrors } from "./errors.ts";
import * as sql from "./tables.ts";

/** Reads a stored question; one whose deadline has passed is expired, whether or not somebody has written that down. */
export function approvalOf(row: sql.ApprovalRow, nowMs: number): Approval {
  const options: readonly string[] = JSON.parse(row.options);
  return {
    id: `A${String(row.number)}`,
    session: row.session,
    plan: row.plan,
    task: row.task,
    question: row.question,
    options,
    askedAtMs: row.asked_at_ms,
    deadlineMs: row.deadline_ms,
    isExtended: row.is_extended === 1,
    state: stateAt(row.state, row.deadline_ms, nowMs),
    answer: row.answer,
    answeredBy: row.answered_by,
    answeredAtMs: row.answered_at_ms,
  };
}

/** The place of a question's id; 0, which none has, when the text is none. */
export function numberOf(id: string): number {
  const digits = /^A(?<number>[1-9]\d{0,14})$/u.exec(id)?.groups?.["number"];
  return Number(digits ?? "0");
}

export async function findApproval(reader: Reader, id: string): Promise<Approval | null> {
  const row = await reader.get<sql.ApprovalRow>(sql.selectApproval, [reader.project, numberOf(id)]);
  return row === null ? null : approvalOf(row, reader.nowMs);
}

/** @throws {SkeinError} SKN-5604 when there is none. */
export async function approvalNamed(reader: Reader, id: string): Promise<Approval> {
  const approval = await findApproval(reader, id);
  if (approval === null) {
    throw new SkeinError(approvalErrors.noApproval, {
      message: `There is no question ${JSON.stringify(id.slice(0, 40))}.`,
      facts: { approval: id.slice(0, 40) },
    });
  }
  return approval;
}

/** The change of a question as events carry it. */
export function approvalChange(approval: Approval): EntityChange {
  return {
    entity: "approval",
    id: approval.id,
    set: {
      session: approval.session,
      plan: approval.plan,
      task: approval.task,
      question: approval.question,
      options: approval.options,
      asked_at: approval.askedAtMs,
      deadline: approval.deadlineMs,
      is_extended: approval.isExtended,
      state: approval.state,
      answer: approval.answer,
      answered_by: approval.answeredBy,
      answered_at: approval.answeredAtMs,
    },
  };
}
