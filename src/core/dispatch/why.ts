import { minuteText } from "../base/iso.ts";
import { quotedWords, wordOfOthers } from "../base/text.ts";
import { shortfallOf } from "../costs/index.ts";
import type { PathPattern } from "../leases/index.ts";
import type { Obstacle, Task, TaskKey } from "../plans/index.ts";
import { fullPlanText, scoreOf } from "../plans/index.ts";
import type { Session } from "../sessions/index.ts";
import type { Reader } from "../store/index.ts";
import { countSkills } from "./affinity.ts";
import { acceptsIt, landsIt } from "./awaited.ts";
import type { DispatchDeps } from "./deps.ts";
import { estimateOf } from "./reserve.ts";
import { pausedPlans } from "./paused-plans.ts";
import type { Why, WhyReason } from "./request.ts";
import { SchedulerFault } from "./scheduler-fault.ts";
import { scopeOf } from "./scope.ts";

/** Explains what keeps a task from being given, to a session or to anyone. Reads only. */
export async function whyOf(
  deps: DispatchDeps,
  reader: Reader,
  { task, session }: { readonly task: Task; readonly session: Session | null },
): Promise<Why> {
  const obstacles = await deps.plans.obstacles(reader, task);
  const pause = await pauseReasons(deps, reader, { task, obstacles });
  const reasons = obstacles
    .filter((obstacle) => !isForIt(obstacle, session) && !(pause.length > 0 && isPause(obstacle)))
    .map((obstacle) => reasonOf(obstacle, { plan: task.plan, id: task.id, nowMs: reader.nowMs }));
  const paths = task.status === "pending" ? await pathReasons(deps, reader, { task, session }) : [];
  const skills = skillReasons(task, session);
  const budget = await budgetReasons(deps, reader, task);
  const limit = await limitReasons(deps, reader, task);
  const hard = [...pause, ...reasons, ...paths, ...limit, ...budget];
  return {
    task,
    isReady: hard.length === 0,
    score: scoreOf({
      priority: task.priority,
      hasDependencies: task.dependsOn.length > 0,
      dependents: task.dependents,
      minutes: task.minutes,
      isPathLeased: paths.length > 0,
    }),
    reasons: [...hard, ...affinityReasons(task, session), ...skills],
  };
}

function isForIt(obstacle: Obstacle, session: Session | null): boolean {
  return obstacle.kind === "assigned" && obstacle.session === session?.id;
}

function isPause(obstacle: Obstacle): boolean {
  return obstacle.kind === "plan" && obstacle.status === "paused";
}

/** Who paused its plan, since when and why. */
async function pauseReasons(
  deps: DispatchDeps,
  reader: Reader,
  { task, obstacles }: { readonly task: Task; readonly obstacles: readonly Obstacle[] },
): Promise<readonly WhyReason[]> {
  const paused = obstacles.some(isPause) ? await pausedPlans(deps, reader, task.plan) : [];
  return paused.map(({ text, next }) => ({ code: "plan_paused", text, next }));
}

async function pathReasons(
  { leases, paths }: DispatchDeps,
  reader: Reader,
  { task, session }: { readonly task: Task; readonly session: Session | null },
): Promise<readonly WhyReason[]> {
  if (task.files.length === 0) {
    return [];
  }
  const patterns = patternsOf(paths, task);
  if (patterns instanceof SchedulerFault) {
    const name = patterns.errorName === null ? "" : ` (${patterns.errorName})`;
    return [
      {
        code: "paths",
        text: `Its paths cannot be looked at from here${name}.`,
        next: "Mend what stands there, as a link that leads to itself, or correct the task's files.",
      },
    ];
  }
  const refusals = await leases.preview(reader, {
    session: session?.id ?? null,
    ancestors: session?.ancestors ?? [],
    patterns,
    mode: "exclusive",
    landing: "all",
  });
  return refusals.map((refusal) => ({
    code: "paths",
    text: `${wordOfOthers(refusal.path, 300)} is held by ${wordOfOthers(refusal.holderName, 40)} (${refusal.holder})${until(refusal.untilMs, reader.nowMs)}${refusal.reason === "" ? "" : `: ${quotedWords(refusal.reason, 200)}`}`,
    next: refusal.untilMs === null ? landsIt : "Wait for it, or ask the holder with send_message.",
  }));
}

function patternsOf(
  paths: DispatchDeps["paths"],
  task: Task,
): readonly PathPattern[] | SchedulerFault {
  try {
    return scopeOf(paths, task);
  } catch (error) {
    if (error instanceof SchedulerFault) {
      return error;
    }
    throw error;
  }
}

function until(untilMs: number | null, nowMs: number): string {
  return untilMs === null
    ? " until its work is integrated"
    : ` until ${minuteText(untilMs, nowMs)}`;
}

/** Who failed it or gave it back gets it again only when nobody else is idle. */
function affinityReasons(
  { status, avoidSession }: Task,
  session: Session | null,
): readonly WhyReason[] {
  const isOwn = avoidSession === session?.id;
  if (status !== "pending" || avoidSession === null || (session !== null && !isOwn)) {
    return [];
  }
  const who = isOwn ? "You" : avoidSession;
  return [
    {
      code: "affinity",
      text: `${who} failed it or gave it back: an idle session other than that gets it first.`,
      next: `Without one, ${isOwn ? "you get" : `${avoidSession} gets`} it again.`,
    },
  ];
}

function skillReasons(task: Task, session: Session | null): readonly WhyReason[] {
  if (session === null || countSkills(task.skills, session.skills) === task.skills.length) {
    return [];
  }
  return [
    {
      code: "skills",
      text: `It asks for ${task.skills.join(", ")}; ${session.name} names ${session.skills.join(", ") || "no skills"}.`,
      next: "A session with these skills gets it first; without one, anyone may take it.",
    },
  ];
}

/** Its plan has as many tasks in work as it may have. */
async function limitReasons(
  { plans }: DispatchDeps,
  reader: Reader,
  task: Task,
): Promise<readonly WhyReason[]> {
  if (task.status !== "pending") {
    return [];
  }
  return (await plans.full(reader))
    .filter(({ plan }) => plan === task.plan)
    .map((full) => ({
      code: "parallel",
      text: fullPlanText(full),
      next: `Wait until one is finished; \`profile\` in skein.yml says how many there may be.`,
    }));
}

async function budgetReasons(
  { costs }: DispatchDeps,
  reader: Reader,
  task: Task,
): Promise<readonly WhyReason[]> {
  const scopes = new Set<string>(["project", `plan:${task.plan}`, `task:${task.plan}/${task.id}`]);
  const wanted = estimateOf(costs, task);
  const full = (await costs.budgets(reader)).filter(
    (budget) =>
      budget.isHard &&
      scopes.has(budget.scope) &&
      budget.spentMicroUsd + budget.reservedMicroUsd + wanted > budget.limitMicroUsd,
  );
  return full.map((budget) => ({
    code: "budget",
    text: `The hard budget of ${budget.scope} has no room for it: ${shortfallOf(budget, wanted)}.`,
    next: "Raise the budget, or finish what is claimed.",
  }));
}

/** Whose reasons are told, and when. */
interface Telling extends TaskKey {
  readonly nowMs: number;
}

function reasonOf(obstacle: Obstacle, telling: Telling): WhyReason {
  const { nowMs } = telling;
  switch (obstacle.kind) {
    case "dependency":
      return dependencyReason(obstacle, telling);
    case "container":
      return {
        code: "container",
        text: "It groups other tasks and is never handed out.",
        next: "Take one of its children.",
      };
    case "held": {
      const text = `${obstacle.session} has held it since ${minuteText(obstacle.sinceMs, nowMs)}.`;
      return { code: "held", text, next: null };
    }
    case "assigned":
      return { code: "held", text: `It is kept for ${obstacle.session}.`, next: null };
    case "time":
      return timeReason(obstacle, nowMs);
    case "plan":
      return planReason(obstacle);
    case "state":
      return stateReason(obstacle, telling);
  }
}

type ObstacleOf<K extends Obstacle["kind"]> = Extract<Obstacle, { readonly kind: K }>;

function dependencyReason(
  { task, status, isLanded }: ObstacleOf<"dependency">,
  { plan }: Telling,
): WhyReason {
  const next = status === "submitted" ? landsIt : `Look at ${task}.`;
  return isLanded && status === "submitted"
    ? {
        code: "dependency",
        text: `It waits for ${task}, which is integrated and not accepted yet.`,
        next: acceptsIt(`${plan}/${task}`),
      }
    : { code: "dependency", text: `It waits for ${task}, which is ${status}.`, next };
}

function timeReason({ untilMs, isRetry }: ObstacleOf<"time">, nowMs: number): WhyReason {
  const seconds = Math.max(1, Math.ceil((untilMs - nowMs) / 1_000));
  const verb = isRetry ? "It is tried again" : "It starts";
  const text = `${verb} at ${minuteText(untilMs, nowMs)}, in ${String(seconds)} s.`;
  return { code: "time", text, next: null };
}

function planReason({ status, reason }: ObstacleOf<"plan">): WhyReason {
  return {
    code: status === "canceled" ? "plan_canceled" : "plan_paused",
    text: `Its plan is ${status}${because(reason)}.`,
    next: status === "paused" ? "A person can run `skein plan resume`." : null,
  };
}

function stateReason(
  { status, reason, isDeadLetter, isLanded }: ObstacleOf<"state">,
  { plan, id }: Telling,
): WhyReason {
  if (status === "submitted") {
    return isLanded
      ? {
          code: "state",
          text: "It is integrated and not accepted yet.",
          next: acceptsIt(`${plan}/${id}`),
        }
      : { code: "state", text: "It is submitted and not integrated yet.", next: landsIt };
  }
  return {
    code: isDeadLetter ? "dead_letter" : "state",
    text: `It is ${status}${because(reason)}.`,
    next: isDeadLetter ? "A person can run `skein task retry`." : null,
  };
}

function because(reason: string | null): string {
  return reason === null ? "" : `: ${reason}`;
}
