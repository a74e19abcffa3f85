import { SkeinError } from "../base/errors.ts";
import { sessionActor } from "../base/ids.ts";
import { byteLength, cleanLine, cleanText } from "../base/text.ts";
import type { Transaction } from "../store/index.ts";
import { longestDeadlineMs, shortestDeadlineMs } from "./approval.ts";
import type { Approval } from "./approval.ts";
import { approvalErrors } from "./errors.ts";
import type { ApprovalsDeps, AskRequest } from "./requests.ts";
import { approvalChange } from "./rows.ts";
import * as sql from "./tables.ts";

const maxOpen = 8;
const maxOptions = 8;
const maxBytes = 4_096;

/** Stores a question and parks its session. */
export async function ask(
  { events, parking }: ApprovalsDeps,
  tx: Transaction,
  request: AskRequest,
): Promise<Approval> {
  const question = questionOf(request.question);
  const options = optionsOf(request.options);
  const waitMs = waitOf(request.deadlineInMs);
  await refuseTooMany(tx, request);
  await events.ensureRoom(tx, "begun");
  const last = await tx.get<{ number: number }>(sql.selectLastNumber, [tx.project]);
  const number = (last?.number ?? 0) + 1;
  const approval: Approval = {
    id: `A${String(number)}`,
    session: request.session,
    plan: request.plan,
    task: request.task,
    question,
    options,
    askedAtMs: tx.nowMs,
    deadlineMs: tx.nowMs + waitMs,
    isExtended: false,
    state: "open",
    answer: null,
    answeredBy: null,
    answeredAtMs: null,
  };
  await insert(tx, approval, number);
  await parking.park(tx, request.session);
  await events.append(tx, {
    kind: "approval.asked",
    actor: sessionActor(request.session),
    cause: null,
    data: {},
    changes: [approvalChange(approval)],
  });
  return approval;
}

async function insert(tx: Transaction, approval: Approval, number: number): Promise<void> {
  await tx.put(sql.insertApproval, [
    tx.project,
    number,
    approval.session,
    approval.plan,
    approval.task,
    approval.question,
    JSON.stringify(approval.options),
    approval.askedAtMs,
    approval.deadlineMs,
  ]);
}

async function refuseTooMany(tx: Transaction, { session }: AskRequest): Promise<void> {
  const open = await tx.all<sql.ApprovalRow>(sql.selectOpenOf, [tx.project, session]);
  if (open.length >= maxOpen) {
    throw new SkeinError(approvalErrors.tooMany, {
      facts: { session, open: open.length, limit: maxOpen },
    });
  }
}

function questionOf(text: string): string {
  const question = text.length > maxBytes ? "" : cleanText(text, maxBytes);
  const bytes = byteLength(question);
  if (bytes === 0 || bytes > maxBytes) {
    throw new SkeinError(approvalErrors.badQuestion, {
      facts: { characters: text.length, limit_bytes: maxBytes },
    });
  }
  return question;
}

function optionsOf(texts: readonly string[]): readonly string[] {
  const options = texts.map((text) => cleanLine(text, 201));
  const isFine =
    options.length <= maxOptions &&
    new Set(options.map((option) => option.toLowerCase())).size === options.length &&
    options.every((option) => option !== "" && option.length <= 200);
  if (!isFine) {
    throw new SkeinError(approvalErrors.badOptions, { facts: { options: texts.length } });
  }
  return options;
}

function waitOf(deadlineInMs: number | null): number {
  const waitMs = deadlineInMs ?? shortestDeadlineMs;
  if (!(waitMs >= shortestDeadlineMs && waitMs <= longestDeadlineMs)) {
    throw new SkeinError(approvalErrors.badDeadline, {
      facts: { deadline_in_ms: waitMs, from: shortestDeadlineMs, to: longestDeadlineMs },
    });
  }
  return Math.ceil(waitMs);
}
