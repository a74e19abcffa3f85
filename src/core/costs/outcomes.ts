import type { MicroUsd } from "../base/ids.ts";
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
  for (const task of tasks) {
    sum += await spentIn(reader, `task:${task}`);
  }
  return sum;
}

function outcomeOf({ kind, number, is_reached, tasks, at_ms }: sql.OutcomeRow): Outcome {
  const names: readonly string[] = JSON.parse(tasks);
  return { kind, number, isReached: is_reached === 1, tasks: names, atMs: at_ms };
}
