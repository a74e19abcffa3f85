import { wordOfOthers } from "../base/text.ts";
import { leftOf } from "../costs/index.ts";
import type { Reader } from "../store/index.ts";
import { nothingAwaited, readAwaited } from "./awaited.ts";
import type { DispatchDeps } from "./deps.ts";
import { pausedPlans } from "./paused-plans.ts";
import type { PausedPlan } from "./paused-plans.ts";
import type { NextTaskRequest, WaitingSummary } from "./request.ts";
import { fullPlanText } from "../plans/index.ts";
import type { FullPlan } from "../plans/index.ts";
import type { LeftCandidate, PassedOver } from "./sieve.ts";

/** Sentences for the reply, and tasks that were passed over. */
export interface Findings extends PassedOver {
  readonly reasons: readonly string[];
  /** Plans that have as many tasks in work as they may have. */
  readonly full: readonly FullPlan[];
  /** Why tasks are handed out one at a time; null as a rule. */
  readonly degraded: string | null;
}

/** Where no task was looked at. */
export const nothingFound: Findings = {
  inTheWay: [],
  passedOver: 0,
  leftCount: 0,
  left: [],
  overBudget: [],
  uncompared: 0,
  isForAll: false,
  full: [],
  degraded: null,
  reasons: [],
};

const mostReasons = 5;

/** Of these so many say what others have to do, so that there is room for what is in the way. */
const mostAwaited = 3;

/** Tells a session that got nothing what the plan's tasks wait for. */
export async function summarise(
  deps: DispatchDeps,
  reader: Reader,
  { request, findings }: { readonly request: NextTaskRequest; readonly findings: Findings },
): Promise<WaitingSummary> {
  const { plans } = deps;
  const counts = await plans.counts(reader, request.plan);
  const delayed = await plans.delayed(reader, request.plan);
  const isNamed = request.task !== null;
  const onPaths = isNamed
    ? findings.inTheWay.length
    : findings.passedOver - findings.leftCount - findings.uncompared;
  const onOthers = findings.leftCount;
  const full = await fullWithWork(plans, reader, { plan: request.plan, findings });
  const onLimit = full.reduce((sum, { ready }) => sum + ready, 0);
  const paused = counts.waiting === 0 ? [] : await pausedPlans(deps, reader, request.plan);
  const onPause = paused.reduce((sum, { held }) => sum + held, 0);
  // A named task's own reasons say so of it and its plan.
  const { reasons: ofOthers, ...awaited } = isNamed
    ? nothingAwaited
    : await readAwaited(deps, reader, { plan: request.plan, counts });
  const reasons = reasonsOf({ findings, ofOthers, full, paused: isNamed ? [] : paused });
  const times = [
    ...timesOf(findings, reader),
    ...(delayed.nextMs === null ? [] : [delayed.nextMs]),
  ];
  return {
    ready: isNamed ? counts.ready : onLimit + findings.uncompared,
    onDependencies: counts.waiting - onPause - delayed.count,
    onPause,
    onPaths,
    onOthers,
    onTime: delayed.count,
    claimed: counts.claimed,
    submitted: counts.submitted,
    done: counts.done,
    ended: counts.failed + counts.blocked + counts.canceled,
    awaited,
    reasons,
    retryAtMs: times.length === 0 ? null : Math.min(...times),
    uncompared: findings.uncompared,
    isForAll: findings.isForAll,
  };
}

interface Told {
  readonly findings: Findings;
  /** What others have to do. */
  readonly ofOthers: readonly string[];
  readonly full: readonly FullPlan[];
  readonly paused: readonly PausedPlan[];
}

function reasonsOf({ findings, ofOthers, full, paused }: Told): readonly string[] {
  const reasons = [
    ...(findings.degraded === null ? [] : [findings.degraded]),
    ...uncomparedTexts(findings.uncompared),
    ...findings.reasons,
    ...ofOthers.slice(0, mostAwaited),
    ...passedTexts(findings),
    ...full.map((each) => fullPlanText(each)),
    ...paused.map(({ text, next }) => `${text} ${next}`),
  ];
  return reasons.slice(0, mostReasons);
}

/** Why some of the tasks were passed over. */
function passedTexts({ inTheWay, left, overBudget }: Findings): readonly string[] {
  return [
    ...inTheWay.map(
      ({ task, refusal }) =>
        `${task.id} waits for ${wordOfOthers(refusal.path, 300)}, held by ${wordOfOthers(refusal.holderName, 40)} (${refusal.holder})${refusal.untilMs === null ? " until its work is integrated" : ""}.`,
    ),
    ...left.map((each) => leftText(each)),
    ...overBudget.map(
      (budget) =>
        `The hard budget of ${budget.scope} has too little left: ${leftOf(budget)}. A person can raise it.`,
    ),
  ];
}

/** When leases in the way end, and at once where there is more to compare. */
function timesOf(
  { inTheWay, uncompared }: Findings,
  { nowMs }: Pick<Reader, "nowMs">,
): readonly number[] {
  const ends = inTheWay.flatMap(({ refusal }) => refusal.untilMs ?? []);
  return uncompared === 0 ? ends : [...ends, nowMs];
}

function uncomparedTexts(count: number): readonly string[] {
  if (count === 0) {
    return [];
  }
  const text =
    count === 1
      ? "1 ready task was not compared yet with all that is held: ask again."
      : `${String(count)} ready tasks were not compared yet with all that is held: ask again.`;
  return [text];
}

function leftText({ task: { id, skills, assignedTo }, to }: LeftCandidate): string {
  switch (to) {
    case "assigned":
      return `${id} is kept for ${assignedTo ?? "another session"}.`;
    case "another":
      return `${id} was failed or given back by you, so an idle session gets it first; without one it comes to you again.`;
    case "skilled":
      return `${id} asks for ${skills.join(", ")}: an idle session that names ${skills.length === 1 ? "it" : "them"} gets it first.`;
    default:
      return to satisfies never;
  }
}

/** Full plans that have ready tasks, with how many. */
async function fullWithWork(
  plans: DispatchDeps["plans"],
  reader: Reader,
  { plan, findings }: { readonly plan: string | null; readonly findings: Findings },
): Promise<readonly (FullPlan & { readonly ready: number })[]> {
  const counted: (FullPlan & { readonly ready: number })[] = [];
  for (const each of findings.full.filter((one) => plan === null || one.plan === plan)) {
    const { ready } = await plans.counts(reader, each.plan);
    counted.push({ ...each, ready });
  }
  return counted.filter(({ ready }) => ready > 0);
}
