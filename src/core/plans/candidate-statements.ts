import { createMemo } from "../base/memo.ts";

/** The statements that look for ready tasks. */

const candidateColumns = `plan, id, title, files, skills, priority, minutes, budget_micro_usd, rank, age, attempts, avoid_session,
  assigned_to, version`;

/** Which ready tasks a page of candidates has: of one plan, or of all but so many that are named. */
export interface CandidateSql {
  readonly isOfPlan: boolean;
  readonly without: number;
  /** False for the first page, which begins nowhere. */
  readonly isAfter: boolean;
  readonly limit: number;
}

/**
 * The limit is no parameter and a first page has no bound: else PostgreSQL takes a plan without the values for dear, and plans anew each time.
 * Parameters: project, plan if of one, rank and age if after one, now, the plans without.
 */
export function selectCandidates(page: CandidateSql): string {
  const { isOfPlan, without, isAfter, limit } = page;
  const shape = `${String(isOfPlan)} ${String(without)} ${String(isAfter)} ${String(limit)}`;
  return candidateTexts.of(shape, () => candidatesSql(page));
}

/**
 * The first page, and those tasks among it whose time has not come: all that is known of it before a transaction tells its time. Parameters: project, plan
 * if of one.
 */
export function selectFirst({ isOfPlan, limit }: Pick<CandidateSql, "isOfPlan" | "limit">): string {
  return candidateTexts.of(
    `first ${String(isOfPlan)} ${String(limit)}`,
    () => `SELECT ${candidateColumns}, start_ms FROM tasks WHERE project = ?${isOfPlan ? " AND plan = ?" : ""} AND ${isReady}
  ORDER BY rank, age LIMIT ${String(limit)}`,
  );
}

const isReady = "status = 'pending' AND is_plan_active = 1 AND is_container = 0 AND unmet = 0";

/** A text that is built anew has to be read through to find its prepared statement. */
const candidateTexts = createMemo<string>(64);

function candidatesSql({ isOfPlan, without, isAfter, limit }: CandidateSql): string {
  const names = Array.from({ length: without }, () => "?").join(", ");
  return `SELECT ${candidateColumns} FROM tasks
  WHERE project = ?${isOfPlan ? " AND plan = ?" : ""} AND ${isReady}
    ${isAfter ? "AND (rank, age) > (?, ?) " : ""}AND (start_ms IS NULL OR start_ms <= ?)${without === 0 ? "" : ` AND plan NOT IN (${names})`}
  ORDER BY rank, age LIMIT ${String(limit)}`;
}

/** Which tasks are counted: those of one plan, or of all. */
type CountSql = Pick<CandidateSql, "isOfPlan">;

/**
 * Tasks by state. An index has all that it reads: whoever asks for work in vain counts, under the lock, and a project may have tens of thousands that are
 * done. Parameters: project, plan if of one.
 */
export function selectStates({ isOfPlan }: CountSql): string {
  return `SELECT status, COUNT(*) AS count FROM tasks
  WHERE project = ?${isOfPlan ? " AND plan = ?" : ""} AND is_container = 0 GROUP BY status`;
}

/** How many tasks are ready, in an index as well. Parameters: project, plan if of one, now. */
export function countReady({ isOfPlan }: CountSql): string {
  return `SELECT COUNT(*) AS count FROM tasks
  WHERE project = ?${isOfPlan ? " AND plan = ?" : ""} AND ${isReady} AND (start_ms IS NULL OR start_ms <= ?)`;
}

/** Tasks that wait only for their time: how many, and when the first may start. Parameters: project, now, and the plan if of one. */
export function selectDelayed({ isOfPlan }: Pick<CandidateSql, "isOfPlan">): string {
  return `SELECT COUNT(*) AS count, MIN(start_ms) AS start_ms FROM tasks WHERE project = ? AND ${isReady}
    AND start_ms > ?${isOfPlan ? " AND plan = ?" : ""}`;
}

/** Submitted tasks, those that wait longest first, each with how many of all have landed. Parameters: project, plan if of one, how many. */
export function selectSubmitted({ isOfPlan }: CountSql): string {
  return `SELECT plan, id, integrated_commit, COUNT(integrated_commit) OVER () AS landed_count FROM tasks WHERE project = ?${isOfPlan ? " AND plan = ?" : ""}
    AND status = 'submitted' AND is_container = 0 ORDER BY updated_at_ms, plan, position LIMIT ?`;
}

/** Tasks that failed for good, the first first. Parameters: project, plan if of one, how many. */
export function selectFailed({ isOfPlan }: CountSql): string {
  return `SELECT plan, id FROM tasks WHERE project = ?${isOfPlan ? " AND plan = ?" : ""}
    AND status = 'failed' AND is_container = 0 ORDER BY updated_at_ms, plan, position LIMIT ?`;
}

/** Since when the task that is ready for longest is so: its time came, or what it waited for ended. Parameters: project, now. */
export const selectOldestReady = `SELECT MIN(CASE WHEN start_ms > updated_at_ms THEN start_ms ELSE updated_at_ms END) AS since_ms
  FROM tasks WHERE project = ? AND ${isReady}
    AND (start_ms IS NULL OR start_ms <= ?)`;
