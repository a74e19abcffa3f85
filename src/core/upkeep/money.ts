import { issueOfPlan } from "../base/issue-plan.ts";
import type { Json, JsonObject } from "../base/json.ts";
import type { Event } from "../events/index.ts";
import type { StateFacts } from "./state-facts.ts";
import type { Violation } from "./upkeep.ts";

/**
 * 6: at every grant, what was spent and set aside fit each hard budget. Spending beyond what was set aside is told afterwards: such an
 * overrun, or a limit that was lowered, breaks nothing by itself, but nothing more may be granted over it.
 *
 * The grants are told from the log, so only where none of it was archived.
 */
export function checkMoney(facts: StateFacts): Violation[] {
  return [...checkSigns(facts), ...(facts.archivedTo.seq === 0 ? checkGrants(facts.events) : [])];
}

function checkSigns({ budgets }: StateFacts): Violation[] {
  return budgets
    .filter(({ reservedMicroUsd, spentMicroUsd }) => reservedMicroUsd < 0 || spentMicroUsd < 0)
    .map(({ scope, reservedMicroUsd, spentMicroUsd }) => ({
      invariant: 6,
      text: `The budget of ${scope} counts less than nothing.`,
      facts: { scope, spent_micro_usd: spentMicroUsd, reserved_micro_usd: reservedMicroUsd },
    }));
}

/** A budget as the log tells it. */
interface Told {
  limit: number | null;
  isHard: boolean;
  spent: number;
  reserved: number;
}

/** Money set aside for a claim or a call, in the budgets that there were then. */
interface SetAside {
  left: number;
  readonly budgets: readonly Told[];
}

/** Walks through the log and adds up. */
function checkGrants(events: readonly Event[]): Violation[] {
  const budgets = new Map<string, Told>();
  const claims = new Map<string, SetAside>();
  const faults: Violation[] = [];
  for (const event of events) {
    noteLimit(budgets, event);
    noteEnds(claims, event);
    noteSpends(budgets, claims, event);
    noteCallEnd(claims, event);
    noteDraw(claims, event);
    faults.push(...noteGrant(budgets, claims, event));
  }
  return faults;
}

function told(budgets: Map<string, Told>, scope: string): Told {
  const known = budgets.get(scope) ?? { limit: null, isHard: true, spent: 0, reserved: 0 };
  budgets.set(scope, known);
  return known;
}

function noteLimit(budgets: Map<string, Told>, { kind, data }: Event): void {
  const { scope, limit_micro_usd: limit, is_hard: isHard } = data;
  if (kind === "budget.set" && typeof scope === "string") {
    const known = told(budgets, scope);
    known.limit = typeof limit === "number" ? limit : null;
    known.isHard = isHard === true;
  }
}

/** What a call draws on its run's reservation is let go there. */
function noteDraw(claims: Map<string, SetAside>, { data }: Event): void {
  const { drawn_from: from, drawn_micro_usd: amount } = data;
  const source = claims.get(textOf(from));
  if (source !== undefined && typeof amount === "number") {
    draw(source, amount);
  }
}

/** A call's reservation goes back as a whole when it is settled. */
function noteCallEnd(claims: Map<string, SetAside>, { data }: Event): void {
  const { call, scopes } = data;
  const open = typeof call === "string" && scopes === undefined ? claims.get(call) : undefined;
  if (open !== undefined) {
    draw(open, open.left);
    claims.delete(textOf(call));
  }
}

/** What is left of a reservation goes back when its claim ends. */
function noteEnds(claims: Map<string, SetAside>, { changes }: Event): void {
  for (const { entity, id, set } of changes) {
    const status = set["status"];
    const claim = claims.get(id);
    if (entity === "task" && typeof status === "string" && claim !== undefined) {
      draw(claim, claim.left);
      claims.delete(id);
    }
  }
}

function draw(claim: SetAside, amount: number): void {
  claim.left -= amount;
  for (const budget of claim.budgets) {
    budget.reserved -= amount;
  }
}

function noteSpends(
  budgets: Map<string, Told>,
  claims: Map<string, SetAside>,
  { kind, changes }: Event,
): void {
  for (const { set } of kind === "spend.recorded" ? changes : []) {
    const { plan, task, micro_usd: amount } = set;
    if (typeof amount === "number") {
      for (const scope of new Set([...scopesOf(plan, task), ...scopesOfSpend(set)])) {
        told(budgets, scope).spent += amount;
      }
      const claim = claims.get(`${textOf(plan)}/${textOf(task)}`);
      if (claim !== undefined) {
        draw(claim, Math.min(claim.left, amount));
      }
    }
  }
}

function scopesOf(plan: Json | undefined, task: Json | undefined): readonly string[] {
  const ofPlan = typeof plan === "string" ? [`plan:${plan}`] : [];
  const ofTask =
    typeof plan === "string" && typeof task === "string" ? [`task:${plan}/${task}`] : [];
  const issue = issueOfPlan(typeof plan === "string" ? plan : null);
  const ofIssue = issue === null ? [] : [`issue:${String(issue)}`];
  return ["project", ...ofPlan, ...ofTask, ...ofIssue];
}

/** What a spend counts in beside its task: its day and month, and what its call was made for. */
function scopesOfSpend({ at, run, pr, issue, author }: JsonObject): readonly string[] {
  const day = typeof at === "number" ? new Date(at).toISOString().slice(0, 10) : null;
  return [
    ...(day === null ? [] : [`day:${day}`, `month:${day.slice(0, 7)}`]),
    ...(typeof run === "string" ? [`run:${run}`] : []),
    ...(typeof pr === "number" ? [`pr:${String(pr)}`] : []),
    ...(typeof issue === "number" ? [`issue:${String(issue)}`] : []),
    ...(typeof author === "string" && day !== null ? [`author:${author}/${day}`] : []),
  ];
}

function textOf(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/** A grant as the log tells it: what was granted, how much, in which budgets. */
interface Grant {
  readonly name: string;
  readonly amount: number;
  readonly scopes: readonly string[];
}

function grantOf({ kind, data }: Event): Grant | null {
  const { task, call, scopes, reserved_micro_usd: amount } = data;
  if (typeof amount !== "number") {
    return null;
  }
  if (kind === "task.claimed" && typeof task === "string") {
    const [plan, id] = task.split("/");
    return { name: task, amount, scopes: scopesOf(plan, id) };
  }
  return kind === "call.reserved" && typeof call === "string" && Array.isArray(scopes)
    ? { name: call, amount, scopes: scopes.map((scope) => textOf(scope)) }
    : null;
}

function noteGrant(
  budgets: Map<string, Told>,
  claims: Map<string, SetAside>,
  event: Event,
): Violation[] {
  const grant = grantOf(event);
  if (grant === null) {
    return [];
  }
  const { name, amount, scopes } = grant;
  const covering = scopes
    .map((scope) => ({ scope, budget: told(budgets, scope) }))
    .filter(({ budget }) => budget.limit !== null);
  for (const { budget } of covering) {
    budget.reserved += amount;
  }
  claims.set(name, { left: amount, budgets: covering.map(({ budget }) => budget) });
  return covering
    .filter(({ budget }) => budget.isHard && budget.spent + budget.reserved > (budget.limit ?? 0))
    .map(({ scope, budget }) => ({
      invariant: 6,
      text: `Event ${String(event.seq)} grants ${name} though the budget of ${scope} has no room for it.`,
      facts: {
        seq: event.seq,
        scope,
        limit_micro_usd: budget.limit,
        spent_micro_usd: budget.spent,
        reserved_micro_usd: budget.reserved,
      },
    }));
}
