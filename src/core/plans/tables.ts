import type { Migration } from "../store/index.ts";

/** Plans, their tasks, the edges between tasks, and every attempt. */
export const plansMigration: Migration = {
  version: 3,
  name: "plans",
  statements: [
    `CREATE TABLE plans (
      project TEXT NOT NULL,
      id TEXT NOT NULL,
      title TEXT NOT NULL,
      verify TEXT NOT NULL,
      budget_micro_usd BIGINT,
      status TEXT NOT NULL,
      pause_reason TEXT,
      open_tasks BIGINT NOT NULL,
      ended_attempts BIGINT NOT NULL,
      failed_attempts BIGINT NOT NULL,
      last_age BIGINT NOT NULL,
      proposed_by TEXT NOT NULL,
      created_at_ms BIGINT NOT NULL,
      version BIGINT NOT NULL,
      PRIMARY KEY (project, id)
    )`,
    `CREATE TABLE tasks (
      project TEXT NOT NULL,
      plan TEXT NOT NULL,
      id TEXT NOT NULL,
      position BIGINT NOT NULL,
      title TEXT NOT NULL,
      spec TEXT NOT NULL,
      files TEXT NOT NULL,
      depends_on TEXT NOT NULL,
      priority TEXT NOT NULL,
      minutes BIGINT NOT NULL,
      skills TEXT NOT NULL,
      accept TEXT NOT NULL,
      parent TEXT,
      budget_micro_usd BIGINT,
      not_before_ms BIGINT,
      start_ms BIGINT,
      verify TEXT NOT NULL,
      is_container BIGINT NOT NULL,
      is_plan_active BIGINT NOT NULL,
      unmet BIGINT NOT NULL,
      dependents BIGINT NOT NULL,
      rank BIGINT NOT NULL,
      age BIGINT NOT NULL,
      status TEXT NOT NULL,
      session TEXT,
      fence BIGINT,
      claimed_at_ms BIGINT,
      git_dir TEXT,
      branch TEXT,
      percent BIGINT,
      note TEXT,
      summary TEXT,
      commit_id TEXT,
      integrated_commit TEXT,
      reason TEXT,
      cause TEXT,
      blocked_by TEXT,
      is_left_out BIGINT NOT NULL,
      is_dead_letter BIGINT NOT NULL,
      feedback TEXT,
      avoid_session TEXT,
      assigned_to TEXT,
      failures TEXT NOT NULL,
      attempts BIGINT NOT NULL,
      spent_micro_usd BIGINT NOT NULL,
      created_at_ms BIGINT NOT NULL,
      updated_at_ms BIGINT NOT NULL,
      version BIGINT NOT NULL,
      PRIMARY KEY (project, plan, id)
    )`,
    `CREATE INDEX tasks_pick
      ON tasks (project, status, is_plan_active, is_container, unmet, rank, age, start_ms)`,
    `CREATE INDEX tasks_pick_of_plan
      ON tasks (project, plan, status, is_container, unmet, rank, age, start_ms)`,
    "CREATE INDEX tasks_by_id ON tasks (project, id)",
    "CREATE INDEX tasks_by_session ON tasks (project, session, status)",
    `CREATE TABLE task_dependencies (
      project TEXT NOT NULL,
      plan TEXT NOT NULL,
      task TEXT NOT NULL,
      depends_on TEXT NOT NULL,
      PRIMARY KEY (project, plan, task, depends_on)
    )`,
    `CREATE INDEX task_dependencies_back
      ON task_dependencies (project, plan, depends_on, task)`,
    `CREATE TABLE attempts (
      project TEXT NOT NULL,
      plan TEXT NOT NULL,
      task TEXT NOT NULL,
      number BIGINT NOT NULL,
      session TEXT NOT NULL,
      fence BIGINT NOT NULL,
      started_at_ms BIGINT NOT NULL,
      ended_at_ms BIGINT,
      outcome TEXT,
      cause TEXT,
      summary TEXT,
      commit_id TEXT,
      spent_micro_usd BIGINT NOT NULL,
      PRIMARY KEY (project, plan, task, number)
    )`,
  ],
};

/** What an import of a plan fills. */
export const tablesOfPlans = ["tasks", "task_dependencies"] as const;

/** Limits that hold for each plan of the project. */
export const planLimitsMigration: Migration = {
  version: 17,
  name: "plan-limits",
  statements: [
    `CREATE TABLE plan_limits (
      project TEXT NOT NULL,
      name TEXT NOT NULL,
      value BIGINT NOT NULL,
      because TEXT NOT NULL,
      PRIMARY KEY (project, name)
    )`,
  ],
};

export interface PlanRow {
  readonly id: string;
  readonly title: string;
  readonly verify: string;
  readonly budget_micro_usd: number | null;
  readonly status: string;
  readonly pause_reason: string | null;
  /** Tasks, containers not counted, that are neither done nor failed nor canceled. */
  readonly open_tasks: number;
  /** Ended attempts since the plan was last resumed, and how many of them failed. */
  readonly ended_attempts: number;
  readonly failed_attempts: number;
  readonly last_age: number;
  readonly proposed_by: string;
  readonly created_at_ms: number;
  readonly version: number;
}

export interface TaskRow {
  readonly plan: string;
  readonly id: string;
  /** Its place in the file, from 0. */
  readonly position: number;
  readonly title: string;
  readonly spec: string;
  /** JSON list, as are `depends_on`, `skills` and `accept`. */
  readonly files: string;
  /** As declared; the table of edges also holds what containers add. */
  readonly depends_on: string;
  readonly priority: string;
  readonly minutes: number;
  readonly skills: string;
  readonly accept: string;
  readonly parent: string | null;
  readonly budget_micro_usd: number | null;
  /** As the file says it. */
  readonly not_before_ms: number | null;
  /** The later of that and of a retry's delay: before it, nobody gets the task. Null for none. */
  readonly start_ms: number | null;
  readonly verify: string;
  readonly is_container: number;
  /** The plan's state, copied so that the pick is one walk of one index. */
  readonly is_plan_active: number;
  readonly unmet: number;
  readonly dependents: number;
  /** The score in tenths without the part for leased paths, negated: the least rank goes first. */
  readonly rank: number;
  /** Grows with each task that enters the project; decides between equal ranks. */
  readonly age: number;
  readonly status: string;
  readonly session: string | null;
  readonly fence: number | null;
  readonly claimed_at_ms: number | null;
  readonly git_dir: string | null;
  readonly branch: string | null;
  readonly percent: number | null;
  readonly note: string | null;
  readonly summary: string | null;
  readonly commit_id: string | null;
  readonly integrated_commit: string | null;
  readonly reason: string | null;
  readonly cause: string | null;
  /** The failed or canceled task whose mending brings this one back. */
  readonly blocked_by: string | null;
  /** 1 when an import canceled it because the file no longer has it, 2 when it was canceled already; 0 while the file has it. */
  readonly is_left_out: number;
  readonly is_dead_letter: number;
  readonly feedback: string | null;
  readonly avoid_session: string | null;
  readonly assigned_to: string | null;
  /** JSON object: failures by cause since the last manual retry. */
  readonly failures: string;
  readonly attempts: number;
  readonly spent_micro_usd: number;
  readonly created_at_ms: number;
  readonly updated_at_ms: number;
  readonly version: number;
}

export interface EdgeRow {
  readonly task: string;
  readonly depends_on: string;
}

/** What a task's place in the order of its plan is told from. */
export type WaitsRow = Pick<
  TaskRow,
  | "plan"
  | "id"
  | "status"
  | "depends_on"
  | "parent"
  | "is_container"
  | "is_plan_active"
  | "is_left_out"
  | "blocked_by"
  | "unmet"
>;

export interface AttemptRow {
  readonly task: string;
  readonly number: number;
  readonly session: string;
  readonly fence: number;
  readonly started_at_ms: number;
  readonly ended_at_ms: number | null;
  readonly outcome: string | null;
  readonly cause: string | null;
  readonly summary: string | null;
  readonly commit_id: string | null;
  readonly spent_micro_usd: number;
}

/** The columns of a candidate: small, without spec and history. */
export interface CandidateRow {
  readonly plan: string;
  readonly id: string;
  readonly title: string;
  readonly files: string;
  readonly skills: string;
  readonly priority: string;
  readonly minutes: number;
  readonly budget_micro_usd: number | null;
  readonly rank: number;
  readonly age: number;
  readonly attempts: number;
  readonly avoid_session: string | null;
  readonly assigned_to: string | null;
  readonly version: number;
}

/** A ready task whose time may not have come. */
export interface SoonRow extends CandidateRow {
  readonly start_ms: number | null;
}

export interface UnmetRow {
  readonly id: string;
  readonly status: string;
  readonly integrated_commit: string | null;
}

export interface SubmittedRow {
  readonly plan: string;
  readonly id: string;
  readonly integrated_commit: string | null;
  readonly landed_count: number;
}

export interface StateRow {
  readonly status: string;
  readonly count: number;
}

export interface EndsRow {
  /** Days since 1970, in UTC. */
  readonly day: number;
  readonly status: string;
  readonly count: number;
}
