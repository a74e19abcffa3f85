import { together } from "../base/together.ts";
import type { Query, Reader } from "../store/index.ts";
import {
  countReady,
  selectCandidates,
  selectDelayed,
  selectFailed,
  selectFirst,
  selectOldestReady,
  selectStates,
  selectSubmitted,
} from "./candidate-statements.ts";
import { candidateOf, taskStatusOf } from "./records.ts";
import type {
  Candidate,
  CandidatePage,
  Delayed,
  SubmittedWork,
  TaskCounts,
  TaskKey,
} from "./requests.ts";
import type { CandidateRow, SoonRow, StateRow, SubmittedRow } from "./tables.ts";
import type { TaskStatus } from "./task.ts";

/** A page of ready tasks, the highest score first, the oldest first among equals. */
export async function readCandidates(
  reader: Reader,
  { plan, after, limit, without = [] }: CandidatePage,
): Promise<readonly Candidate[]> {
  // Of one plan all are wanted, whether or not it is full.
  const named = plan === null ? without : [];
  const text = selectCandidates({
    isOfPlan: plan !== null,
    without: named.length,
    isAfter: after !== null,
    limit,
  });
  const rows = await reader.all<CandidateRow>(text, [
    reader.project,
    ...(plan === null ? [] : [plan]),
    ...(after === null ? [] : [-after.scoreTenths, after.age]),
    reader.nowMs,
    ...named,
  ]);
  return rows.map((row) => candidateOf(row));
}

type FirstPage = Pick<CandidatePage, "plan" | "limit">;

/** What `readFirstCandidates` asks. */
export function firstCandidatesQuery(project: string, { plan, limit }: FirstPage): Query {
  return {
    sql: selectFirst({ isOfPlan: plan !== null, limit }),
    params: plan === null ? [project] : [project, plan],
  };
}

/** The first page, asked for in words that are known before the transaction tells its time. */
export async function readFirstCandidates(
  reader: Reader,
  page: FirstPage,
): Promise<readonly Candidate[]> {
  const asked = firstCandidatesQuery(reader.project, page);
  const rows = await reader.all<SoonRow>(asked.sql, asked.params);
  const { nowMs } = reader;
  // Those whose time has not come stand in the place of others, which come behind the page.
  return rows.some(({ start_ms: startMs }) => startMs !== null && startMs > nowMs)
    ? readCandidates(reader, { ...page, after: null })
    : rows.map((row) => candidateOf(row));
}

/** Tasks that wait for nothing but their time, of one plan or of all. */
export async function readDelayed(reader: Reader, plan: string | null): Promise<Delayed> {
  const row = await reader.get<DelayedRow>(selectDelayed({ isOfPlan: plan !== null }), [
    reader.project,
    reader.nowMs,
    ...(plan === null ? [] : [plan]),
  ]);
  return { count: row?.count ?? 0, nextMs: row?.start_ms ?? null };
}

interface DelayedRow {
  readonly count: number;
  readonly start_ms: number | null;
}

/** Since when the task that is ready for longest is so; null when none is ready. */
export async function readOldestReady(reader: Reader): Promise<number | null> {
  const row = await reader.get<{ readonly since_ms: number | null }>(selectOldestReady, [
    reader.project,
    reader.nowMs,
  ]);
  return row?.since_ms ?? null;
}

/** What was submitted of one plan or of all. */
export async function readSubmitted(
  reader: Reader,
  { plan, limit }: FirstPage,
): Promise<SubmittedWork> {
  const rows = await reader.all<SubmittedRow>(selectSubmitted({ isOfPlan: plan !== null }), [
    reader.project,
    ...(plan === null ? [] : [plan]),
    limit,
  ]);
  const tasks = rows.map((row) => ({
    plan: row.plan,
    id: row.id,
    isLanded: row.integrated_commit !== null,
  }));
  return { tasks, landedCount: rows[0]?.landed_count ?? 0 };
}

/** The first tasks that failed for good, of one plan or of all. */
export async function readFailed(
  reader: Reader,
  { plan, limit }: FirstPage,
): Promise<readonly TaskKey[]> {
  return reader.all<TaskKey>(selectFailed({ isOfPlan: plan !== null }), [
    reader.project,
    ...(plan === null ? [] : [plan]),
    limit,
  ]);
}

/** Tasks by state, of one plan or of all. */
export async function countTasks(reader: Reader, plan: string | null): Promise<TaskCounts> {
  const isOfPlan = plan !== null;
  const params = isOfPlan ? [reader.project, plan] : [reader.project];
  const [states, found] = await together([
    reader.all<StateRow>(selectStates({ isOfPlan }), params),
    reader.get<{ readonly count: number }>(countReady({ isOfPlan }), [...params, reader.nowMs]),
  ]);
  const { pending, ...others } = byState(states);
  const ready = found?.count ?? 0;
  return { ready, waiting: pending - ready, ...others };
}

function byState(rows: readonly StateRow[]): Record<TaskStatus, number> {
  const counts = {
    pending: 0,
    claimed: 0,
    submitted: 0,
    done: 0,
    failed: 0,
    blocked: 0,
    canceled: 0,
  };
  for (const { status, count } of rows) {
    counts[taskStatusOf(status)] += count;
  }
  return counts;
}
