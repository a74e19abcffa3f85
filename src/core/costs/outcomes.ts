import type { MicroUsd } from "../base/ids.ts";
import { issueOfPlan } from "../base/issue-plan.ts";
import type { Events } from "../events/index.ts";
import type { Reader, Transaction } from "../store/index.ts";
import type { Outcome, OutcomeRequest, PaidOutcome } from "./outcome.ts";
import * as sql from "./outcome-tables.ts";
import type { TotalsOptions } from "./requests.ts";
import { spentIn } from "./spent-in.ts";

/** So many of the newest are told. */
const mostOutcomes = 200;

/** Keeps what an issue or a pull request came to; said again it changes nothing, and its time stays. */
export async function recordOutcome(
  events: Events,
  tx: Transaction,
  { kind, number, isReached, tasks, actor }: OutcomeRequest,
): Promise<void> {
  const key = [tx.project, kind, number];
  const row = await tx.get<sql.OutcomeRow>(sql.selectOutcome, key);
  const known = row === null ? null : outcomeOf(row);
  if (isReached === null) {
    if (known === null) {
      return;
    }
    await tx.put(sql.deleteOutcome, key);
  } else if (known?.isReached === isReached && known.tasks.join() === tasks.join()) {
    return;
  } else {
    const values = [isReached ? 1 : 0, JSON.stringify(tasks), tx.nowMs];
    await tx.put(sql.upsertOutcome, [...key, ...values]);
  }
  await events.append(tx, {
    kind: "outcome.recorded",
    actor,
    cause: null,
    data: { kind, number, is_reached: isReached, tasks },
    changes: [],
  });
}

/** The newest outcomes, each with all that was ever spent for it. */
export async function paidOutcomes(
  reader: Reader,
  { sinceMs = 0 }: TotalsOptions = {},
): Promise<readonly PaidOutcome[]> {
  const params = [reader.project, sinceMs, mostOutcomes];
  const rows = await reader.all<sql.OutcomeRow>(sql.selectOutcomes, params);
  const paid: PaidOutcome[] = [];
  for (const row of rows) {
    const outcome = outcomeOf(row);
    paid.push({ ...outcome, microUsd: await spentFor(reader, outcome) });
  }
  return paid;
}

async function spentFor(reader: Reader, { kind, number, tasks }: Outcome): Promise<MicroUsd> {
  let sum = await spentIn(reader, `${kind}:${String(number)}`);
  for (const task of new Set(tasks.map((each) => firstAttempt(each)))) {
    sum += await spentOnTask(reader, task);
  }
  return sum;
}

/** `gh-12/T1` for `gh-12/T1.r2`: a child that is opened again is another attempt at the same task. */
function firstAttempt(task: string): string {
  const plan = task.slice(0, task.indexOf("/"));
  return issueOfPlan(plan) === null ? task : task.replace(/\.r[1-9]\d*$/u, "");
}

/** With all attempts where the task is an issue's: what was given up has cost money, too. */
async function spentOnTask(reader: Reader, task: string): Promise<MicroUsd> {
  const slash = task.indexOf("/");
  const [plan, key] = [task.slice(0, slash), task.slice(slash + 1)];
  if (issueOfPlan(plan) === null) {
    return spentIn(reader, `task:${task}`);
  }
  const params = [reader.project, plan, key.length, key];
  const rows = await reader.all<sql.AttemptSpendRow>(sql.selectSpentByTask, params);
  return rows
    .filter((row) => firstAttempt(`${plan}/${row.task}`) === task)
    .reduce((sum, { micro_usd }) => sum + micro_usd, 0);
}

function outcomeOf({ kind, number, is_reached, tasks, at_ms }: sql.OutcomeRow): Outcome {
  const names: readonly string[] = JSON.parse(tasks);
  return { kind, number, isReached: is_reached === 1, tasks: names, atMs: at_ms };
}
