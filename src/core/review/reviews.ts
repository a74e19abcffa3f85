import { SkeinError } from "../base/errors.ts";
import type { Actor } from "../base/ids.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import { categories } from "./candidate.ts";
import { reviewErrors } from "./errors.ts";
import type { Finding } from "./finding.ts";
import type { Outcome, Outcomes, ReviewRecord, ReviewSummary } from "./kept.ts";
import { knownOf } from "./known.ts";
import { verdicts } from "./review.ts";
import * as sql from "./tables.ts";
import { judgedBy } from "./track.ts";
import type { TrackRecord } from "./vote/weights.ts";

/** Reviews as they are kept, and what was learned from what people did with them. */
export interface Reviews {
  /** Opens a review and gives it its id, as `R12`: its calls are counted under that. */
  begin(tx: Transaction, request: BeginRequest): Promise<string>;
  /** Keeps a finished review. @throws {SkeinError} SKN-5871 when it was not begun or is finished. */
  finish(tx: Transaction, request: FinishRequest): Promise<void>;
  /** @throws {SkeinError} SKN-5871 */
  get(reader: Reader, id: string): Promise<ReviewSummary>;
  /** @throws {SkeinError} SKN-5871, SKN-4871 while it runs. */
  record(reader: Reader, id: string): Promise<ReviewRecord>;
  outcomes(reader: Reader, id: string): Promise<Outcomes>;
  /** The newest first. */
  list(reader: Reader, limit: number): Promise<readonly ReviewSummary[]>;
  /** The findings that the last review of a subject has left, declined ones too, with what was said since of older ones. */
  previous(reader: Reader, subject: string): Promise<readonly Finding[]>;
  /**
   * Keeps what a person did with a finding, and learns from it. Said again it changes nothing; said otherwise it takes the first back.
   * @throws {SkeinError} SKN-5871, SKN-5872, SKN-4871; SKN-3871 for a session.
   */
  decide(tx: Transaction, request: DecideRequest): Promise<Finding>;
  /** What was learned, by model and category. */
  track(reader: Reader): Promise<readonly TrackRecord[]>;
  /** Forgets what was learned; outcomes stay. @throws {SkeinError} SKN-3871 for a session. */
  forget(tx: Transaction, actor: Actor): Promise<void>;
  /** Deletes reviews that began before a time, except the newest; tells how many went. */
  prune(tx: Transaction, beforeMs: number): Promise<number>;
}

export interface BeginRequest {
  readonly actor: Actor;
  readonly subject: string;
  readonly preset: string;
}

export interface FinishRequest {
  readonly id: string;
  readonly actor: Actor;
  readonly record: ReviewRecord;
}

export interface DecideRequest {
  readonly id: string;
  /** As `F3`. */
  readonly finding: string;
  readonly outcome: Outcome;
  readonly actor: Actor;
}

export function createReviews({ events }: { readonly events: Events }): Reviews {
  return {
    begin: async (tx, request) => begin(events, tx, request),
    finish: async (tx, request) => finish(events, tx, request),
    get,
    record: readRecord,
    outcomes: readOutcomes,
    list,
    previous: knownOf,
    decide: async (tx, request) => decide(events, tx, request),
    track,
    forget: async (tx, actor) => {
      needPerson(actor);
      await tx.put(sql.deleteTrack, [tx.project]);
      await append(events, tx, { kind: "review.weights_reset", actor, data: {} });
    },
    prune: async (tx, beforeMs) => {
      const gone = await tx.run(sql.deleteOld, [tx.project, beforeMs, tx.project]);
      await tx.put(sql.deleteLostOutcomes, [tx.project, tx.project]);
      return gone;
    },
  };
}

async function begin(
  events: Events,
  tx: Transaction,
  { actor, subject, preset }: BeginRequest,
): Promise<string> {
  await events.ensureRoom(tx, "new");
  const last = await tx.get<Pick<sql.ReviewRow, "number">>(sql.selectLastNumber, [tx.project]);
  const number = (last?.number ?? 0) + 1;
  await tx.put(sql.insertReview, [tx.project, number, subject, actor, preset, tx.nowMs]);
  const id = `R${String(number)}`;
  await append(events, tx, {
    kind: "review.started",
    actor,
    data: { review: id, subject, preset },
  });
  return id;
}

async function finish(
  events: Events,
  tx: Transaction,
  { id, actor, record }: FinishRequest,
): Promise<void> {
  const { verdict, findings, cost } = record.result;
  const changed = await tx.run(sql.updateFinished, [
    verdict,
    findings.length,
    cost.microUsd,
    tx.nowMs,
    JSON.stringify(record),
    tx.project,
    numberOf(id),
  ]);
  if (changed === 0) {
    throw noReview(id, "There is no review of this id that goes on.");
  }
  const data = { review: id, verdict, findings: findings.length, micro_usd: cost.microUsd };
  await append(events, tx, { kind: "review.finished", actor, data });
}

async function get(reader: Reader, id: string): Promise<ReviewSummary> {
  const row = await reader.get<sql.ReviewRow>(sql.selectReview, [reader.project, numberOf(id)]);
  if (row === null) {
    throw noReview(id);
  }
  return summaryOf(row);
}

async function list(reader: Reader, limit: number): Promise<readonly ReviewSummary[]> {
  const rows = await reader.all<sql.ReviewRow>(sql.selectReviews, [reader.project, limit]);
  return rows.map((row) => summaryOf(row));
}

async function readRecord(reader: Reader, id: string): Promise<ReviewRecord> {
  const row = await reader.get<sql.RecordRow>(sql.selectRecord, [reader.project, numberOf(id)]);
  if (row === null) {
    throw noReview(id);
  }
  if (row.record === null) {
    throw new SkeinError(reviewErrors.unfinished, {
      message: `${id} is not finished.`,
      facts: { review: id },
    });
  }
  const record: ReviewRecord = JSON.parse(row.record);
  // Reviews that were kept by older versions have none of these.
  const later = { fixed: [], declined: record.silent, wasStopped: false };
  return { ...record, result: { ...later, ...record.result, id } };
}

async function readOutcomes(reader: Reader, id: string): Promise<Outcomes> {
  const rows = await reader.all<sql.OutcomeRow>(sql.selectOutcomes, [reader.project, numberOf(id)]);
  return Object.fromEntries(rows.map(({ finding, outcome }) => [finding, outcome]));
}

async function decide(
  events: Events,
  tx: Transaction,
  { id, finding: name, outcome, actor }: DecideRequest,
): Promise<Finding> {
  needPerson(actor);
  const { result, basis } = await readRecord(tx, id);
  const finding = [...result.findings, ...result.unconfirmed].find((each) => each.id === name);
  if (finding === undefined) {
    throw new SkeinError(reviewErrors.noFinding, {
      message: `${id} has no finding ${name}.`,
      facts: { review: id, finding: name },
    });
  }
  const before = (await readOutcomes(tx, id))[name];
  if (before === outcome) {
    return finding;
  }
  if (before !== undefined) {
    await learn(tx, judgedBy(finding, basis, before), -1);
  }
  await learn(tx, judgedBy(finding, basis, outcome), 1);
  await tx.put(sql.upsertOutcome, [tx.project, numberOf(id), name, outcome, actor, tx.nowMs]);
  await append(events, tx, {
    kind: "review.decided",
    actor,
    data: { review: id, finding: name, outcome },
  });
  return finding;
}

function needPerson(actor: Actor): void {
  if (actor.startsWith("session:")) {
    throw new SkeinError(reviewErrors.notAPerson, { facts: { actor } });
  }
}

async function learn(
  tx: Transaction,
  judged: ReturnType<typeof judgedBy>,
  step: 1 | -1,
): Promise<void> {
  for (const { model, category, isRight } of judged) {
    const counts = isRight ? [step, 0] : [0, step];
    await tx.put(sql.upsertTrack, [tx.project, model, category, ...counts]);
  }
}

async function track(reader: Reader): Promise<readonly TrackRecord[]> {
  const rows = await reader.all<sql.TrackRow>(sql.selectTrack, [reader.project]);
  return rows.flatMap(({ model, category: name, right_count: right, wrong_count: wrong }) => {
    const category = categories.find((each) => each === name);
    // After the weights were reset, an outcome that is taken back may leave less than nothing.
    return category === undefined
      ? []
      : [{ model, category, right: Math.max(0, right), wrong: Math.max(0, wrong) }];
  });
}

interface ReviewEvent {
  readonly kind: string;
  readonly actor: Actor;
  readonly data: Readonly<Record<string, string | number>>;
}

async function append(events: Events, tx: Transaction, event: ReviewEvent): Promise<void> {
  await events.append(tx, { ...event, cause: null, changes: [] });
}

function summaryOf(row: sql.ReviewRow): ReviewSummary {
  return {
    id: `R${String(row.number)}`,
    subject: row.subject,
    preset: row.preset,
    state: row.state,
    verdict: verdicts.find((verdict) => verdict === row.verdict) ?? null,
    findings: row.findings,
    microUsd: row.micro_usd,
    startedAtMs: row.started_at_ms,
    finishedAtMs: row.finished_at_ms,
  };
}

/** The place of a review's id; 0, which no review has, when the text is none. */
function numberOf(id: string): number {
  return Number(/^R(?<number>[1-9]\d{0,14})$/u.exec(id)?.groups?.["number"] ?? "0");
}

function noReview(id: string, message = `There is no review ${id}.`): SkeinError {
  return new SkeinError(reviewErrors.noReview, {
    message,
    facts: { review: id },
  });
}
