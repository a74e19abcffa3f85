import { SkeinError } from "../base/errors.ts";
import { sessionActor } from "../base/ids.ts";
import type { Actor, SessionId } from "../base/ids.ts";
import { cleanText } from "../base/text.ts";
import type { Events } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import { extendedDeadlineMs, matchOption } from "./approval.ts";
import type { Approval, ApprovalState } from "./approval.ts";
import { approvalErrors } from "./errors.ts";
import type { AnswerOutcome, AnswerRequest, ApprovalsDeps, ExtendOutcome } from "./requests.ts";
import { approvalChange, approvalNamed, approvalOf, numberOf } from "./rows.ts";
import * as sql from "./tables.ts";

/** Ends questions: by an answer, by taking them back, by their deadline. */
export interface Closing {
  /**
   * Answers an open question, from any face.
   * @throws {SkeinError} SKN-5604 when there is none, SKN-1607 when the answer is not one of its options, SKN-8601 when an agent answers.
   */
  answer(tx: Transaction, id: string, request: AnswerRequest): Promise<AnswerOutcome>;
  /** Puts the deadline off by as long again, once. @throws {SkeinError} SKN-5604, SKN-3601 for another session. */
  extend(tx: Transaction, id: string, by: Actor): Promise<ExtendOutcome>;
  /** Takes an open question back; false when it is not open. @throws {SkeinError} SKN-5604, SKN-3601 for another session. */
  withdraw(tx: Transaction, id: string, by: Actor): Promise<boolean>;
  /** Takes back all open questions of a session that has ended. */
  withdrawAll(tx: Transaction, session: SessionId, end: EndOfAsker): Promise<readonly Approval[]>;
  /** Closes the questions whose deadline has passed. */
  expire(tx: Transaction): Promise<readonly Approval[]>;
}

/** Who ended a session, and the event that says so. */
export interface EndOfAsker {
  readonly actor: Actor;
  readonly cause: number | null;
}

/** How a question is closed. */
interface Close {
  readonly state: Exclude<ApprovalState, "open">;
  readonly answer: string | null;
  readonly by: Actor;
  /** The event that led to it. */
  readonly cause: number | null;
}

export function createClosing(deps: ApprovalsDeps): Closing {
  return {
    answer: async (tx, id, request) => answer(deps, tx, { id, ...request }),
    extend: async (tx, id, by) => extend(deps, tx, { id, by }),
    withdraw: async (tx, id, by) => {
      const approval = await approvalNamed(tx, id);
      refuseForeign(approval, by);
      const isOpen = approval.state === "open";
      if (isOpen) {
        await close(deps, tx, { approval, state: "withdrawn", answer: null, by, cause: null });
      }
      return isOpen;
    },
    withdrawAll: async (tx, session, { actor: by, cause }) => {
      const how = { state: "withdrawn", answer: null, by } as const;
      const open = await storedOpen(tx, session);
      return closeAll(deps, tx, { ...how, closing: open.map((approval) => ({ approval, cause })) });
    },
    expire: async (tx) => {
      const how = { state: "expired", answer: null, by: "system" } as const;
      const over = (await storedOpen(tx, null)).filter(({ state }) => state === "expired");
      const asked = over.length === 0 ? noneAsked : await askedBy(deps, tx);
      const closing = over.map((approval) => ({ approval, cause: asked.get(approval.id) ?? null }));
      return closeAll(deps, tx, { ...how, closing });
    },
  };
}

const noneAsked: ReadonlyMap<string, number> = new Map();

/** The event in which each question was asked, as far as the newest of the log tell. */
async function askedBy(
  { events }: ApprovalsDeps,
  tx: Transaction,
): Promise<ReadonlyMap<string, number>> {
  const asked = await events.newest(tx, "approval.asked");
  return new Map(asked.flatMap(({ seq, changes }) => changes.map(({ id }) => [id, seq] as const)));
}

async function answer(
  deps: ApprovalsDeps,
  tx: Transaction,
  { id, answer: text, by }: AnswerRequest & { readonly id: string },
): Promise<AnswerOutcome> {
  refuseAgents(by);
  const approval = await approvalNamed(tx, id);
  if (approval.state !== "open") {
    return { kind: "over", approval };
  }
  const meant = allowedAnswer(approval, text);
  const how = { state: "answered", answer: meant, by, cause: null } as const;
  const closed = await close(deps, tx, { approval, ...how });
  return { kind: "answered", approval: closed };
}

async function extend(
  { events }: ApprovalsDeps,
  tx: Transaction,
  { id, by }: { readonly id: string; readonly by: Actor },
): Promise<ExtendOutcome> {
  const approval = await approvalNamed(tx, id);
  refuseForeign(approval, by);
  if (approval.state !== "open" || approval.isExtended) {
    return { kind: "refused", approval };
  }
  const deadlineMs = extendedDeadlineMs(approval);
  await tx.put(sql.updateExtended, [deadlineMs, tx.project, numberOf(id)]);
  const extended: Approval = { ...approval, deadlineMs, isExtended: true };
  await append(events, tx, { kind: "approval.extended", approval: extended, by, cause: null });
  return { kind: "extended", approval: extended };
}

async function closeAll(
  deps: ApprovalsDeps,
  tx: Transaction,
  {
    closing,
    ...how
  }: Omit<Close, "cause"> & {
    readonly closing: readonly (Pick<Close, "cause"> & { readonly approval: Approval })[];
  },
): Promise<readonly Approval[]> {
  const closed: Approval[] = [];
  for (const each of closing) {
    closed.push(await close(deps, tx, { ...how, ...each }));
  }
  return closed;
}

async function close(
  { events, parking }: ApprovalsDeps,
  tx: Transaction,
  { approval, state, answer: text, by, cause }: Close & { readonly approval: Approval },
): Promise<Approval> {
  const isAnswered = state === "answered";
  const closed: Approval = {
    ...approval,
    state,
    answer: text,
    answeredBy: isAnswered ? by : null,
    answeredAtMs: isAnswered ? tx.nowMs : null,
  };
  await tx.put(sql.updateClosed, [
    state,
    text,
    closed.answeredBy,
    closed.answeredAtMs,
    tx.project,
    numberOf(approval.id),
  ]);
  await parking.unpark(tx, approval.session);
  await append(events, tx, { kind: `approval.${state}`, approval: closed, by, cause });
  return closed;
}

async function append(
  events: Events,
  tx: Transaction,
  { kind, approval, by, cause }: Told,
): Promise<void> {
  const changes = [approvalChange(approval)];
  await events.append(tx, { kind, actor: by, cause, data: {}, changes });
}

interface Told {
  readonly kind: string;
  readonly approval: Approval;
  readonly by: Actor;
  readonly cause: number | null;
}

/** Questions that nobody has closed yet, those whose deadline has passed included. */
async function storedOpen(
  tx: Transaction,
  session: SessionId | null,
): Promise<readonly Approval[]> {
  const rows =
    session === null
      ? await tx.all<sql.ApprovalRow>(sql.selectOpen, [tx.project])
      : await tx.all<sql.ApprovalRow>(sql.selectOpenOf, [tx.project, session]);
  return rows.map((row) => approvalOf(row, tx.nowMs));
}

/**
 * The answer that would be kept, with no store asked.
 *
 * @throws {SkeinError} What the answer itself would be refused with: SKN-1607 or SKN-8601.
 */
export function keptAnswer(approval: Approval, { answer: text, by }: AnswerRequest): string {
  refuseAgents(by);
  return allowedAnswer(approval, text);
}

function refuseAgents(by: Actor): void {
  if (!by.startsWith("person:")) {
    throw new SkeinError(approvalErrors.notAPerson, { facts: { by } });
  }
}

function refuseForeign(approval: Approval, by: Actor): void {
  if (by.startsWith("session:") && by !== sessionActor(approval.session)) {
    throw new SkeinError(approvalErrors.notYours, {
      facts: { approval: approval.id, session: approval.session, by },
    });
  }
}

function allowedAnswer(approval: Approval, text: string): string {
  const meant = matchOption(approval.options, cleanText(text, 4_096));
  if (meant === null) {
    throw new SkeinError(approvalErrors.badAnswer, {
      message:
        approval.options.length === 0
          ? "The answer is empty."
          : `The answer is none of: ${approval.options.join(", ")}.`,
      facts: { approval: approval.id, options: approval.options },
    });
  }
  return meant;
}
