import { createProcessProbe } from "../adapters/process/probe.ts";
import type { Approval } from "../core/approvals/index.ts";
import { isCurrentScope, warningsOf } from "../core/costs/index.ts";
import type { Budget } from "../core/costs/index.ts";
import { readAlerts } from "../core/index.ts";
import type { Skein } from "../core/index.ts";
import type { Lease } from "../core/leases/index.ts";
import type { Kpi } from "../core/metrics/index.ts";
import type { Plan, Task, TaskCounts } from "../core/plans/index.ts";
import { kpiTarget, kpiValue } from "./kpi-words.ts";
import { deriveState } from "../core/sessions/index.ts";
import type { Session, SessionState } from "../core/sessions/index.ts";
import type { Reader } from "../core/store/index.ts";

/** A session and what it does. */
export interface SessionRow {
  readonly session: Session;
  readonly state: SessionState;
}

/** Everything that the status shows, read in one snapshot. */
export interface Board {
  readonly nowMs: number;
  readonly plans: readonly { readonly plan: Plan; readonly counts: TaskCounts }[];
  readonly sessions: readonly SessionRow[];
  readonly claimed: readonly Task[];
  readonly submitted: readonly Task[];
  /** Failed tasks that wait for a person. */
  readonly deadLetters: readonly Task[];
  readonly blocked: readonly Task[];
  /** Pending tasks without unmet dependencies, the first few. */
  readonly ready: readonly Task[];
  readonly leases: readonly Lease[];
  readonly questions: readonly Approval[];
  readonly spentMicroUsd: number;
  readonly budgets: readonly Budget[];
  /** Critical KPIs of the last day. */
  readonly alerts: readonly Kpi[];
  readonly lastSeq: number;
}

/** Reads the board. */
export async function readBoard(skein: Skein): Promise<Board> {
  return skein.store.read(async (reader) => {
    const plans = [];
    for (const plan of await skein.plans.listPlans(reader)) {
      plans.push({ plan, counts: await skein.plans.counts(reader, plan.id) });
    }
    const pending = await skein.plans.listTasks(reader, { status: "pending", limit: 2_000 });
    const failed = await skein.plans.listTasks(reader, { status: "failed", limit: 200 });
    const head = await skein.events.head(reader);
    const total = await skein.costs.total(reader);
    return {
      nowMs: reader.nowMs,
      plans,
      sessions: await readSessions(skein, reader, "living"),
      claimed: await skein.plans.listTasks(reader, { status: "claimed", limit: 200 }),
      submitted: await skein.plans.listTasks(reader, { status: "submitted", limit: 200 }),
      deadLetters: failed.filter(({ isDeadLetter }) => isDeadLetter),
      blocked: await skein.plans.listTasks(reader, { status: "blocked", limit: 200 }),
      ready: pending.filter(({ unmet, isContainer }) => unmet === 0 && !isContainer).slice(0, 20),
      leases: await skein.leases.list(reader),
      questions: await skein.approvals.open(reader),
      spentMicroUsd: total.microUsd,
      budgets: await skein.costs.budgets(reader),
      alerts: await readAlerts(skein, reader, reader.nowMs - dayMs),
      lastSeq: head.seq,
    };
  });
}

const dayMs = 86_400_000;

/** Sessions with their states, as this process can tell them. */
export async function readSessions(
  { sessions, plans }: Pick<Skein, "sessions" | "plans">,
  reader: Reader,
  which: "living" | "all",
): Promise<readonly SessionRow[]> {
  const probe = createProcessProbe();
  const rows: SessionRow[] = [];
  for (const session of await sessions.list(reader, which)) {
    const holdsWork = (await plans.tasksHeldBy(reader, session.id)).length > 0;
    const isAlive = session.process === null ? null : probe.isAlive(session.process);
    const facts = { nowMs: reader.nowMs, self: probe.self(), isAlive, holdsWork };
    rows.push({ session, state: deriveState(session, facts) });
  }
  return rows;
}

/** Something that wants a person, worst first. */
export interface RedItem {
  readonly text: string;
  readonly next: string;
}

/** What wants a person. */
export function redItems(board: Board): readonly RedItem[] {
  return [
    ...board.questions.map(({ id, session, question, options }) => ({
      text: `${session} asks: ${question}${options.length === 0 ? "" : ` (${options.join(" / ")})`}`,
      next: `skein approve ${id} --answer TEXT`,
    })),
    ...board.plans
      .filter(({ plan }) => plan.status === "paused")
      .map(({ plan }) => ({
        text: `Plan ${plan.id} is paused${plan.pauseReason === null ? "" : `: ${plan.pauseReason}`}`,
        next: `skein plan resume ${plan.id}`,
      })),
    ...board.deadLetters.map((task) => ({
      text: `${task.plan}/${task.id} failed for good: ${task.reason ?? task.cause ?? "no reason given"}`,
      next: `skein task retry ${task.plan}/${task.id}`,
    })),
    ...board.submitted
      .filter(({ integratedCommit }) => integratedCommit !== null)
      .map(({ plan, id, title }) => ({
        text: `${plan}/${id} is integrated and to be accepted: ${title}`,
        next: `skein task verify ${plan}/${id}`,
      })),
    ...warningsOf(currentBudgets(board)).map((text) => ({
      text,
      next: "raise it in the plan file and import it again",
    })),
    ...board.alerts.map((kpi) => ({
      text: `${kpi.title} is ${kpiValue(kpi)}: the target is ${kpiTarget(kpi)}`,
      next: "skein kpi --since 24h",
    })),
  ];
}

/** True when a session went and left work, which comes back by itself and so wants nobody. A landing lease belongs to the integration. */
export function hasLeftWork(
  { claimed, leases }: Pick<Board, "claimed" | "leases">,
  { session: { id }, state }: SessionRow,
): boolean {
  const isSilent = state === "stale" || state === "dead";
  return (
    isSilent &&
    (claimed.some(({ session }) => session === id) ||
      leases.some(({ session, origin }) => session === id && origin !== "landing"))
  );
}

/** A run that is over, or a day of last week, wants nobody. */
function currentBudgets({ budgets, nowMs }: Board): readonly Budget[] {
  return budgets.filter(({ scope }) => isCurrentScope(scope, nowMs));
}

/** Leases that end within this time are named: 10 minutes. */
const soonMs = 600_000;

export function endingSoon({ leases, nowMs }: Board): readonly Lease[] {
  return leases
    .filter(({ untilMs }) => untilMs !== null && untilMs - nowMs <= soonMs)
    .toSorted((one, other) => (one.untilMs ?? 0) - (other.untilMs ?? 0));
}
