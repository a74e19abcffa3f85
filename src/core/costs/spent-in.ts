import { planIdOf } from "../base/issue-plan.ts";
import type { MicroUsd } from "../base/ids.ts";
import type { Reader, SqlValue } from "../store/index.ts";
import * as calls from "./call-tables.ts";
import type { BudgetScope } from "./cost.ts";
import * as sql from "./tables.ts";

/** What the ledger holds for a scope, for a budget that begins in the middle. */
export async function spentIn(reader: Reader, scope: BudgetScope): Promise<MicroUsd> {
  const [statement, params] = questionOf(scope);
  const row = await reader.get<{ micro_usd: number }>(statement, [reader.project, ...params]);
  return row?.micro_usd ?? 0;
}

type Question = readonly [statement: string, params: readonly SqlValue[]];

function questionOf(scope: BudgetScope): Question {
  const colon = scope.indexOf(":");
  const kind = colon === -1 ? scope : scope.slice(0, colon);
  const name = scope.slice(colon + 1);
  const question = questions[kind];
  return question === undefined ? [sql.selectSpentInProject, []] : question(name);
}

const questions: Readonly<Record<string, (name: string) => Question>> = {
  retries: (name) => [calls.selectSpentInRetries, [name]],
  plan: (name) => [sql.selectSpentInPlan, [name]],
  task: (name) => [sql.selectSpentInTask, splitTask(name)],
  run: (name) => [calls.selectSpentInRun, [name]],
  pr: (name) => [calls.selectSpentInPr, [Number(name)]],
  issue: (name) => [calls.selectSpentInIssue, [Number(name), planIdOf(Number(name))]],
  author: (name) => [calls.selectSpentByAuthor, authorDay(name)],
  day: (name) => [calls.selectSpentBetween, dayBounds(name)],
  month: (name) => [calls.selectSpentBetween, monthBounds(name)],
};

function splitTask(name: string): readonly string[] {
  const slash = name.indexOf("/");
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function authorDay(name: string): readonly SqlValue[] {
  const slash = name.lastIndexOf("/");
  return [name.slice(0, slash), ...dayBounds(name.slice(slash + 1))];
}

function dayBounds(name: string): readonly number[] {
  const start = Date.parse(`${name}T00:00:00Z`);
  return [start, start + 86_400_000];
}

function monthBounds(name: string): readonly number[] {
  const [year = 1970, month = 1] = name.split("-").map(Number);
  return [Date.UTC(year, month - 1), Date.UTC(year, month)];
}
