import type { FailureCause } from "../../../src/core/plans/index.ts";

/**
 * What Skein should do, told a second time and in another way: paths are sets of names, states are plain fields, nothing is stored. It shares
 * no code with the core.
 */
export interface Model {
  nowMs: number;
  lookedAtMs: number;
  /** How many keys were made. */
  keys: number;
  readonly verify: "none" | "merge";
  isPaused: boolean;
  ended: number;
  failed: number;
  /** What second and later attempts have cost. */
  retrySpent: number;
  readonly tasks: Map<string, ModelTask>;
  readonly sessions: Map<string, ModelSession>;
  readonly agents: Map<string, ModelAgent>;
  leases: ModelLease[];
  readonly budgets: Map<string, ModelBudget>;
  /** Every grant of a task so far. */
  readonly grants: { readonly task: string; readonly fence: number; readonly session: string }[];
}

export interface ModelTask {
  readonly id: string;
  readonly scope: readonly string[];
  readonly dependsOn: readonly string[];
  readonly estimate: number;
  status: "pending" | "claimed" | "submitted" | "done" | "failed";
  session: string | null;
  fence: number | null;
  attempts: number;
  avoid: string | null;
  /** After a failure that waits before its retry: not at this very time. */
  notAtMs: number | null;
  reserved: number;
  readonly failures: Map<FailureCause, number>;
}

export interface ModelSession {
  readonly id: string;
  readonly agent: string;
  readonly process: number;
  renewedAtMs: number;
}

/** A name under which sessions come and go. */
export interface ModelAgent {
  readonly name: string;
  process: number;
  session: string | null;
}

export interface ModelLease {
  readonly session: string;
  readonly task: string | null;
  readonly paths: readonly string[];
  readonly mode: "exclusive" | "shared";
  kind: "claim" | "files" | "edit" | "landing";
  /** Asking for the same again renews it. */
  readonly same?: string;
  readonly takenAtMs: number;
  readonly durationMs: number;
}

interface ModelBudget {
  readonly limit: number;
  spent: number;
  reserved: number;
}

/** Every path there is, and what each pattern means. */
export const world: Readonly<Record<string, readonly string[]>> = {
  "src/**": ["src/a.ts", "src/b.ts"],
  "src/a.ts": ["src/a.ts"],
  "src/*.ts": ["src/a.ts", "src/b.ts"],
  "docs/*.md": ["docs/x.md"],
  "docs/": ["docs/x.md", "docs/y.txt"],
  "web/": ["web/p.ts", "web/q/r.ts"],
  "web/q/**": ["web/q/r.ts"],
  c: ["c"],
};

export const silenceMs = 1_800_000;

/** When retries have cost this much, nothing is tried again by itself. */
const retryLimit = 2_000_000;

const retries: Readonly<Record<string, number>> = {
  validation_failed: 2,
  file_locked: 10,
  git_conflict: 1,
  session_lost: 3,
  timeout: 3,
};

export function pathsOf(patterns: readonly string[]): readonly string[] {
  return patterns.flatMap((pattern) => world[pattern] ?? []);
}

export function liveLeases(model: Model): readonly ModelLease[] {
  return model.leases.filter((lease) => endOf(model, lease) > model.nowMs);
}

function endOf(model: Model, lease: ModelLease): number {
  if (lease.kind === "landing") {
    return Number.POSITIVE_INFINITY;
  }
  const session = model.sessions.get(lease.session);
  if (session === undefined) {
    return 0;
  }
  const sinceMs =
    lease.kind === "edit" ? lease.takenAtMs : Math.max(lease.takenAtMs, session.renewedAtMs);
  return sinceMs + lease.durationMs;
}

/** True when nobody else holds one of the paths in a mode that excludes. */
export function isFree(
  model: Model,
  session: string | null,
  ask: { readonly paths: readonly string[]; readonly mode: "exclusive" | "shared" },
): boolean {
  return !liveLeases(model).some(
    (lease) =>
      lease.session !== session &&
      (lease.mode === "exclusive" || ask.mode === "exclusive") &&
      lease.paths.some((path) => ask.paths.includes(path)),
  );
}

/** True when submitted work on one of the paths is not integrated yet: no base has it, not even its author's next one. */
function awaitsLanding(model: Model, paths: readonly string[]): boolean {
  return model.leases.some(
    (lease) => lease.kind === "landing" && lease.paths.some((path) => paths.includes(path)),
  );
}

/** Tasks that may be given to a session now, whoever should have them first. */
export function eligible(model: Model, session: string | null): readonly ModelTask[] {
  return [...model.tasks.values()].filter(
    (task) =>
      task.status === "pending" &&
      !model.isPaused &&
      task.notAtMs !== model.nowMs &&
      task.dependsOn.every((id) => model.tasks.get(id)?.status === "done") &&
      isFree(model, session, { paths: task.scope, mode: "exclusive" }) &&
      !awaitsLanding(model, task.scope) &&
      budgetsOf(model, task.id).every((b) => b.spent + b.reserved + task.estimate <= b.limit),
  );
}

/** How a task is shown: one that waits for a failed one is blocked. */
export function statusOf(model: Model, task: ModelTask): string {
  return task.status === "pending" && dependsOnFailed(model, task) ? "blocked" : task.status;
}

function dependsOnFailed(model: Model, task: ModelTask): boolean {
  return task.dependsOn.some((id) => {
    const before = model.tasks.get(id);
    return before !== undefined && (before.status === "failed" || dependsOnFailed(model, before));
  });
}

export function budgetsOf(model: Model, task: string): readonly ModelBudget[] {
  return ["plan:demo", `task:demo/${task}`].flatMap((scope) => model.budgets.get(scope) ?? []);
}

export function heldBy(model: Model, session: string | null): ModelTask | null {
  const isHeld = (task: ModelTask): boolean =>
    task.status === "claimed" && task.session === session;
  return [...model.tasks.values()].find(isHeld) ?? null;
}

/** A task is given: claim, lease and reservation at once. */
export function give(model: Model, task: ModelTask, to: { session: string; fence: number }): void {
  const attempts = task.attempts + 1;
  Object.assign(task, { status: "claimed", ...to, notAtMs: null, attempts });
  model.grants.push({ task: task.id, ...to });
  const budgets = budgetsOf(model, task.id);
  task.reserved = budgets.length === 0 ? 0 : task.estimate;
  for (const budget of budgets) {
    budget.reserved += task.estimate;
  }
  if (task.scope.length > 0) {
    const { session } = to;
    take(model, { session, task: task.id, paths: task.scope, mode: "exclusive", kind: "claim" });
  }
}

export function take(
  model: Model,
  lease: Omit<ModelLease, "durationMs" | "takenAtMs">,
  durationMs = silenceMs,
): void {
  model.leases.push({ ...lease, takenAtMs: model.nowMs, durationMs });
}

export function spend(model: Model, task: ModelTask, amount: number): void {
  const drawn = Math.min(task.reserved, amount);
  task.reserved -= drawn;
  model.retrySpent += task.attempts > 1 ? amount : 0;
  for (const budget of budgetsOf(model, task.id)) {
    budget.spent += amount;
    budget.reserved -= drawn;
  }
}

function settle(model: Model, task: ModelTask): void {
  for (const budget of budgetsOf(model, task.id)) {
    budget.reserved -= task.reserved;
  }
  task.reserved = 0;
}

export function dropLeases(model: Model, which: (lease: ModelLease) => boolean): void {
  model.leases = model.leases.filter((lease) => !which(lease));
}

export function submit(model: Model, task: ModelTask): void {
  settle(model, task);
  model.ended += 1;
  task.avoid = null;
  task.status = model.verify === "none" ? "done" : "submitted";
  for (const lease of model.leases.filter((each) => each.task === task.id)) {
    lease.kind = "landing";
  }
  if (model.verify === "none") {
    dropLeases(model, (lease) => lease.task === task.id);
  }
}

/** A claim or submission goes back to the queue, its holder being the last to get it again. */
export function putBack(model: Model, task: ModelTask, avoid: string | null): void {
  settle(model, task);
  dropLeases(model, (lease) => lease.task === task.id);
  Object.assign(task, { status: "pending", session: null, fence: null, avoid });
}

export function fail(model: Model, task: ModelTask, cause: FailureCause): void {
  const isLost = cause === "session_lost" || cause === "timeout";
  const wasSubmitted = task.status === "submitted";
  const count = (task.failures.get(cause) ?? 0) + 1;
  task.failures.set(cause, count);
  putBack(model, task, cause === "timeout" ? task.session : null);
  task.notAtMs = cause === "file_locked" ? model.nowMs : null;
  if (count > (retries[cause] ?? 0) || model.retrySpent >= retryLimit) {
    task.status = "failed";
  }
  if (!isLost && cause !== "file_locked") {
    model.ended += wasSubmitted ? 0 : 1;
    model.failed += 1;
  }
  if (!model.isPaused && model.ended >= 7 && model.failed * 100 > model.ended * 15) {
    pause(model, true);
  }
}

export function pause(model: Model, isPaused: boolean): void {
  Object.assign(model, { isPaused, ended: 0, failed: 0 });
}

/** Ends a session: what it holds comes back, but for what it has submitted. */
export function endSession(model: Model, id: string, cause: "session_lost" | "timeout"): void {
  for (const task of [...model.tasks.values()].filter((each) => each.session === id)) {
    if (task.status === "claimed") {
      fail(model, task, cause);
    }
  }
  dropLeases(model, (lease) => lease.session === id && lease.kind !== "landing");
  model.sessions.delete(id);
}

/** What anyone who looks brings back. */
export function recover(model: Model): void {
  model.lookedAtMs = model.nowMs;
  for (const session of model.sessions.values()) {
    const isGone = model.agents.get(session.agent)?.process !== session.process;
    if (isGone) {
      endSession(model, session.id, "session_lost");
    } else if (session.renewedAtMs + silenceMs <= model.nowMs) {
      endSession(model, session.id, "timeout");
    }
  }
  const live = new Set(liveLeases(model));
  dropLeases(model, (lease) => !live.has(lease));
}

/** The same as a side effect of a call, at most once a second. */
export function recoverSometimes(model: Model): void {
  if (model.nowMs - model.lookedAtMs >= 1_000) {
    recover(model);
  }
}
