import { forRows } from "../store/index.ts";

/** Every statement on the tables of `tables.ts`. */

const planColumns = `id, title, verify, budget_micro_usd, status, pause_reason, open_tasks, ended_attempts, failed_attempts,
  last_age, proposed_by, created_at_ms, version`;

const taskColumns = `plan, id, position, title, spec, files, depends_on, priority, minutes, skills, accept, parent,
  budget_micro_usd, not_before_ms, start_ms, verify, is_container, is_plan_active, unmet, dependents, rank, age, status, session, fence,
  claimed_at_ms, git_dir, branch, percent, note, summary, commit_id, integrated_commit, reason, cause, blocked_by, is_left_out,
  is_dead_letter, feedback, avoid_session, assigned_to, failures, attempts, spent_micro_usd, created_at_ms, updated_at_ms, version`;

export const selectPlan = `SELECT ${planColumns} FROM plans WHERE project = ? AND id = ?`;

export const selectPlans = `SELECT ${planColumns} FROM plans WHERE project = ? ORDER BY created_at_ms, id`;

export const insertPlan = `INSERT INTO plans (project, ${planColumns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

/** How many tasks are open in all plans that go on. */
export const sumOpen = `SELECT COALESCE(SUM(open_tasks), 0) AS open FROM plans
  WHERE project = ? AND status IN ('active', 'paused')`;

export const updatePlan = `UPDATE plans SET title = ?, verify = ?, budget_micro_usd = ?, open_tasks = ?, last_age = ?,
  version = version + 1 WHERE project = ? AND id = ?`;

export const updatePlanFields = `UPDATE plans SET title = ?, verify = ?, budget_micro_usd = ?, version = version + 1
  WHERE project = ? AND id = ? AND version = ?`;

/** Resuming also forgets the attempts counted so far, so that old failures do not pause the plan again at once. */
export const updatePlanStatus = `UPDATE plans SET status = ?, pause_reason = ?, ended_attempts = 0, failed_attempts = 0,
  version = version + 1 WHERE project = ? AND id = ?`;

export const countAttempt = `UPDATE plans SET ended_attempts = ended_attempts + ?, failed_attempts = failed_attempts + ?
  WHERE project = ? AND id = ?`;

export const selectOpenOfAll = "SELECT id, open_tasks FROM plans WHERE project = ?";

export const countOpen =
  "UPDATE plans SET open_tasks = open_tasks + ? WHERE project = ? AND id = ?";

export const selectLastAge = "SELECT MAX(last_age) AS last_age FROM plans WHERE project = ?";

export const updateTasksOfPlanActive =
  "UPDATE tasks SET is_plan_active = ? WHERE project = ? AND plan = ?";

export const updateTasksOfPlanVerify = "UPDATE tasks SET verify = ? WHERE project = ? AND plan = ?";

export const selectTask = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND plan = ? AND id = ?`;

export const selectTasksById = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND id = ? ORDER BY age`;

export const selectTasksOfPlan = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND plan = ? ORDER BY position, age`;

export const selectTasks = `SELECT ${taskColumns} FROM tasks WHERE project = ? ORDER BY plan, position, age LIMIT ?`;

export const selectTasksOfSession = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND session = ? ORDER BY age`;

export const selectTasksWithStatus = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND status = ? ORDER BY age LIMIT ?`;

export const selectHeld = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND session = ? AND status = 'claimed'
  ORDER BY claimed_at_ms LIMIT 1`;

export const selectAllHeld = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND session = ? AND status = 'claimed'
  ORDER BY claimed_at_ms`;

/** What a task still waits for. */
export const selectUnmet = `SELECT t.id, t.status, t.integrated_commit FROM task_dependencies d
  JOIN tasks t ON t.project = d.project AND t.plan = d.plan AND t.id = d.depends_on
  WHERE d.project = ? AND d.plan = ? AND d.task = ? AND t.status <> 'done' ORDER BY t.position LIMIT 20`;

export const insertTask = `INSERT INTO tasks (project, ${taskColumns})
  VALUES (?, ${Array.from({ length: 47 }, () => "?").join(", ")})`;

/** An import: what the file says, and what follows from it. */
export const updateTaskFromFile = `UPDATE tasks SET position = ?, title = ?, spec = ?, files = ?, depends_on = ?, priority = ?,
  minutes = ?, skills = ?, accept = ?, parent = ?, budget_micro_usd = ?, not_before_ms = ?, start_ms = ?, verify = ?, is_container = ?, unmet = ?,
  dependents = ?, rank = ?, status = ?, reason = ?, cause = ?, blocked_by = ?, is_left_out = ?, updated_at_ms = ?,
  version = version + 1
  WHERE project = ? AND plan = ? AND id = ?`;

/** An import whose file no longer has the task. */
export const leaveOutTask = `UPDATE tasks SET status = 'canceled', reason = ?, cause = 'canceled', blocked_by = NULL,
  is_left_out = 1, is_dead_letter = 0, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ?`;

/** The same for a task that was canceled before; a person's word stands when a later file has it again. */
export const forgetTask = `UPDATE tasks SET is_left_out = 2, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ?`;

const asNewlyClaimed = `percent = NULL, note = NULL, assigned_to = NULL, start_ms = NULL, reason = NULL, cause = NULL,
  attempts = attempts + 1, version = version + 1`;

const mayBeClaimed = "status = 'pending' AND unmet = 0 AND is_container = 0 AND is_plan_active = 1";

export const claimTask = `UPDATE tasks SET status = 'claimed', session = ?, fence = ?, claimed_at_ms = ?, git_dir = ?, branch = ?,
  updated_at_ms = ?, ${asNewlyClaimed}
  WHERE project = ? AND plan = ? AND id = ? AND version = ? AND ${mayBeClaimed}
  RETURNING ${taskColumns}`;

/**
 * The same for some tasks. Parameters: now twice, for each task its plan, id and version with the session, fence, git directory and branch, then
 * the project.
 */
export const claimTasks = forRows(
  "(?, ?, CAST(? AS BIGINT), ?, CAST(? AS BIGINT), ?, ?)",
  (
    rows,
  ) => `UPDATE tasks SET status = 'claimed', session = claims.column4, fence = claims.column5, claimed_at_ms = ?,
  git_dir = claims.column6, branch = claims.column7, updated_at_ms = ?, ${asNewlyClaimed}
  FROM (VALUES ${rows}) AS claims
  WHERE project = ? AND plan = claims.column1 AND id = claims.column2 AND version = claims.column3 AND ${mayBeClaimed}
  RETURNING ${taskColumns}`,
);

export const progressTask = `UPDATE tasks SET percent = COALESCE(?, percent), note = COALESCE(?, note), updated_at_ms = ?,
  version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = 'claimed' AND session = ? AND fence = ?`;

export const submitTask = `UPDATE tasks SET status = 'submitted', summary = ?, commit_id = ?, branch = COALESCE(?, branch),
  percent = 100, feedback = NULL, avoid_session = NULL, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = 'claimed' AND session = ? AND fence = ?`;

/** Ends a claim that leads to no submission, under its fence. */
export const endClaim = `UPDATE tasks SET status = ?, session = NULL, fence = NULL, claimed_at_ms = NULL, git_dir = NULL,
  branch = NULL, percent = NULL, commit_id = NULL, integrated_commit = NULL, reason = ?, cause = ?, blocked_by = ?, is_dead_letter = ?, feedback = ?,
  avoid_session = ?, assigned_to = ?, start_ms = ?, failures = ?, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = ? AND fence = ?`;

export const integrateTask = `UPDATE tasks SET integrated_commit = ?, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = 'submitted'`;

export const finishTask = `UPDATE tasks SET status = 'done', reason = NULL, cause = NULL, blocked_by = NULL, updated_at_ms = ?,
  version = version + 1 WHERE project = ? AND plan = ? AND id = ? AND status = ?`;

/** Moves a task that nobody holds. */
export const moveTask = `UPDATE tasks SET status = ?, reason = ?, cause = ?, blocked_by = ?, is_dead_letter = 0,
  updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = ?`;

/** A manual retry: as new, its history kept. */
export const retryTask = `UPDATE tasks SET status = 'pending', session = NULL, fence = NULL, reason = NULL, cause = NULL,
  blocked_by = NULL, is_dead_letter = 0, is_left_out = 0, start_ms = NULL, avoid_session = NULL, failures = '{}',
  updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = ?`;

/** Brings back what a mended task had stopped. */
export const reviveTask = `UPDATE tasks SET status = 'pending', session = NULL, fence = NULL, reason = NULL, cause = NULL,
  blocked_by = NULL, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = ?`;

export const assignTask = `UPDATE tasks SET assigned_to = ?, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status = 'pending'`;

export const clearAssignments =
  "UPDATE tasks SET assigned_to = NULL WHERE project = ? AND assigned_to = ? AND status = 'pending'";

export const addTaskSpend = `UPDATE tasks SET spent_micro_usd = spent_micro_usd + ? WHERE project = ? AND plan = ? AND id = ?`;

export const addAttemptSpend = `UPDATE attempts SET spent_micro_usd = spent_micro_usd + ?
  WHERE project = ? AND plan = ? AND task = ? AND fence = ?`;

/** One dependency fewer for each task that waits for this one. */
export const meetDependency = `UPDATE tasks SET unmet = unmet - 1, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id IN
    (SELECT task FROM task_dependencies WHERE project = ? AND plan = ? AND depends_on = ?)`;

/** Tasks that wait for a task, with what is needed to tell which of them can start or are complete. */
export const selectWaiters = `SELECT t.id, t.status, t.unmet, t.is_container FROM task_dependencies d
  JOIN tasks t ON t.project = d.project AND t.plan = d.plan AND t.id = d.task
  WHERE d.project = ? AND d.plan = ? AND d.depends_on = ? ORDER BY t.position`;

/** One child fewer (or, with 1, more) that a container waits for. */
export const adjustContainer = `UPDATE tasks SET unmet = unmet + ?, updated_at_ms = ?, version = version + 1
  WHERE project = ? AND plan = ? AND id = ? AND status <> 'done'`;

export const selectChildren = `SELECT id, status FROM tasks WHERE project = ? AND plan = ? AND parent = ?`;

export const selectEdges =
  "SELECT task, depends_on FROM task_dependencies WHERE project = ? AND plan = ?";

export const selectEdgesOfAll =
  "SELECT plan, task, depends_on FROM task_dependencies WHERE project = ? ORDER BY plan, task, depends_on";

/** What all tasks say of each other. */
export const selectWaitsOfAll = `SELECT plan, id, status, depends_on, parent, is_container, is_plan_active, is_left_out, blocked_by, unmet
  FROM tasks WHERE project = ? ORDER BY plan, position, age`;

export const insertEdge =
  "INSERT INTO task_dependencies (project, plan, task, depends_on) VALUES (?, ?, ?, ?)";

export const deleteEdge =
  "DELETE FROM task_dependencies WHERE project = ? AND plan = ? AND task = ? AND depends_on = ?";

/**
 * Queued and running tasks that wait for a task, directly or through others that are queued, running or blocked. The one task that may be left out at the start is the
 * container of a canceled task, which it does not block. The cross join keeps SQLite from walking all edges for each task found.
 */
export const selectReach = `WITH RECURSIVE reach(id) AS (
    SELECT d.task FROM task_dependencies d
      JOIN tasks t ON t.project = d.project AND t.plan = d.plan AND t.id = d.task
      WHERE d.project = ? AND d.plan = ? AND d.depends_on = ? AND d.task <> ?
        AND t.status IN ('pending', 'claimed', 'blocked')
    UNION
    SELECT d.task FROM reach r CROSS JOIN task_dependencies d CROSS JOIN tasks t
      WHERE d.project = ? AND d.plan = ? AND d.depends_on = r.id
        AND t.project = d.project AND t.plan = d.plan AND t.id = d.task
        AND t.status IN ('pending', 'claimed', 'blocked')
  )
  SELECT ${taskColumns} FROM tasks WHERE project = ? AND plan = ? AND status IN ('pending', 'claimed')
    AND id IN (SELECT id FROM reach) ORDER BY position`;

export const selectStopped = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND plan = ?
  AND status IN ('blocked', 'canceled') AND blocked_by = ? ORDER BY position`;

/** Failed and canceled tasks of a plan: what may block others. */
export const selectRoots = `SELECT ${taskColumns} FROM tasks WHERE project = ? AND plan = ?
  AND status IN ('failed', 'canceled')`;

const attemptColumns = `task, number, session, fence, started_at_ms, ended_at_ms, outcome, cause, summary, commit_id,
  spent_micro_usd`;

export const insertAttempts = forRows(
  "(?, ?, ?, ?, ?, ?, ?, 0)",
  (rows) =>
    `INSERT INTO attempts (project, plan, task, number, session, fence, started_at_ms, spent_micro_usd) VALUES ${rows}`,
);

export const endAttempt = `UPDATE attempts SET ended_at_ms = ?, outcome = ?, cause = ?, summary = ?, commit_id = ?
  WHERE project = ? AND plan = ? AND task = ? AND fence = ? AND ended_at_ms IS NULL`;

/** A submitted attempt whose commit could not be integrated. */
export const failSubmittedAttempt = `UPDATE attempts SET outcome = 'failed', cause = ?
  WHERE project = ? AND plan = ? AND task = ? AND fence = ?`;

export const selectAttempts = `SELECT ${attemptColumns} FROM attempts WHERE project = ? AND plan = ? AND task = ? ORDER BY number`;

/** Of one session, in the order in which they began. */
export const selectAttemptsBy = `SELECT plan, ${attemptColumns} FROM attempts
  WHERE project = ? AND session = ? ORDER BY started_at_ms, fence`;

/** Those that ended at a time or later, or have not ended, in the order in which they began. */
export const selectAttemptsSince = `SELECT plan, ${attemptColumns} FROM attempts
  WHERE project = ? AND (ended_at_ms IS NULL OR ended_at_ms >= ?) ORDER BY started_at_ms, fence`;

/** How many tasks reached an end on each day since a time, a day told as the number of days since 1970, in UTC. */
export const selectEndsByDay = `SELECT updated_at_ms / 86400000 AS day, status, COUNT(*) AS count FROM tasks
  WHERE project = ? AND status IN ('done', 'failed', 'blocked') AND is_container = 0 AND updated_at_ms >= ?
  GROUP BY 1, 2 ORDER BY 1, 2`;

export const selectAttemptsOfPlan = `SELECT ${attemptColumns} FROM attempts WHERE project = ? AND plan = ? ORDER BY task, number`;

/** Finished or canceled plans whose last change is older than a time. */
export const selectFinishedPlans = `SELECT p.id FROM plans p WHERE p.project = ? AND p.open_tasks = 0
  AND NOT EXISTS (SELECT 1 FROM tasks t WHERE t.project = ? AND t.plan = p.id AND t.updated_at_ms >= ?)
  AND p.created_at_ms < ? ORDER BY p.id`;

export const deleteAttemptsOfPlan = "DELETE FROM attempts WHERE project = ? AND plan = ?";
export const deleteEdgesOfPlan = "DELETE FROM task_dependencies WHERE project = ? AND plan = ?";
export const deleteTasksOfPlan = "DELETE FROM tasks WHERE project = ? AND plan = ?";
export const deletePlan = "DELETE FROM plans WHERE project = ? AND id = ?";

export const selectLimit = "SELECT value, because FROM plan_limits WHERE project = ? AND name = ?";
export const deleteLimit = "DELETE FROM plan_limits WHERE project = ? AND name = ?";
export const insertLimit =
  "INSERT INTO plan_limits (project, name, value, because) VALUES (?, ?, ?, ?)";

/** Plans with as many claimed tasks as a limit allows; one statement, since each claim asks. */
export const selectFull = `SELECT t.plan, COUNT(*) AS claimed, l.value, l.because FROM plan_limits l
  JOIN tasks t ON t.project = l.project AND t.status = 'claimed'
  WHERE l.project = ? AND l.name = ?
  GROUP BY t.plan, l.value, l.because HAVING COUNT(*) >= l.value ORDER BY t.plan`;
