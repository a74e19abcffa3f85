import type { MicroUsd } from "../base/ids.ts";
import { isLooseObject, ownText, ownValue } from "../base/loose-object.ts";
import type { LooseObject } from "../base/loose-object.ts";
import { formatUsd } from "../costs/index.ts";
import { ownNumber, readAll } from "./reading.ts";
import type { ChildState, PlanState } from "./state.ts";

/** What the reviews of one pull request for an issue have cost, and what became of it. */
export interface PullSpend {
  readonly number: number;
  /** Over all its pushes. */
  readonly microUsd: MicroUsd;
  readonly end: "closed" | "merged" | "open";
}

/** The pull requests for an issue. */
export interface PullSpends {
  /** The newest last. */
  readonly pulls: readonly PullSpend[];
  /** Older ones, added up. */
  readonly olderMicroUsd: MicroUsd;
  readonly olderMerged: number;
}

/** So many are kept one by one. */
const mostPulls = 40;

export const noPulls: PullSpends = { pulls: [], olderMicroUsd: 0, olderMerged: 0 };

/** As many pull requests as are ever kept one by one: a comment must hold them. */
export const fullPulls: PullSpends = {
  pulls: Array.from({ length: mostPulls }, (_none, at) => ({
    number: 1_000_000 + at * 7_919,
    microUsd: 1_234_567 + at * 104_729,
    end: "merged" as const,
  })),
  olderMicroUsd: 1_234_567_890,
  olderMerged: 1_000,
};

/** Notes what a pull request has cost by now: told again, or late, it is never less, and what was merged stays so. */
export function withPull(spends: PullSpends, told: PullSpend): PullSpends {
  const known = spends.pulls.find(({ number }) => number === told.number);
  const microUsd = Math.max(known?.microUsd ?? 0, told.microUsd);
  const next = { ...told, microUsd, end: known?.end === "merged" ? known.end : told.end };
  if (known !== undefined) {
    return {
      ...spends,
      pulls: spends.pulls.map((each) => (each.number === told.number ? next : each)),
    };
  }
  const pulls = [...spends.pulls, next];
  const over = pulls.slice(0, Math.max(0, pulls.length - mostPulls));
  return {
    pulls: pulls.slice(over.length),
    olderMicroUsd: spends.olderMicroUsd + sumOf(over),
    olderMerged: spends.olderMerged + over.filter(({ end }) => end === "merged").length,
  };
}

/** What parts came to together. */
export function sumOf(parts: readonly { readonly microUsd: MicroUsd }[]): MicroUsd {
  return parts.reduce((sum, { microUsd }) => sum + microUsd, 0);
}

/** What an issue has cost, by whom: its plan, the agents of its tasks, the reviews of its pull requests. */
export interface IssueSpend {
  readonly planning: MicroUsd;
  readonly agents: MicroUsd;
  readonly reviews: MicroUsd;
  /** Of all of it; more than the sum where a ledger knows of more. */
  readonly total: MicroUsd;
}

/** `but`: a pull request whose reviews are counted elsewhere. */
export function spendOf(
  { plannedMicroUsd, openRuns, children, ledgerMicroUsd, ...spends }: PlanState,
  but: number | null = null,
): IssueSpend {
  const pulls = spends.pulls.filter(({ number }) => number !== but);
  const agents = children.reduce((sum, child) => sum + child.spentMicroUsd, 0);
  const reviews = spends.olderMicroUsd + sumOf(pulls);
  const planning = plannedMicroUsd + sumOf(openRuns);
  const total = Math.max(planning + agents + reviews, but === null ? ledgerMicroUsd : 0);
  return { planning, agents, reviews, total };
}

/** One paragraph: what was spent, what is left, and what each outcome cost. */
export function moneyText(
  state: PlanState,
  children: readonly ChildState[],
  limit: MicroUsd | null,
): string {
  const { planning, reviews, total } = spendOf({ ...state, children });
  const merged = state.olderMerged + state.pulls.filter(({ end }) => end === "merged").length;
  const done = children.filter(({ settled }) => settled === "completed").length;
  const ofReviews = state.pulls.length === 0 ? "" : `, ${usd(reviews)} on reviews`;
  const left =
    limit === null ? "" : ` ${usd(Math.max(0, limit - total))} of ${usd(limit)} are left.`;
  const each = [
    done === 0 ? [] : [`${usd(Math.ceil(total / done))} for each of ${count(done, "task")} done`],
    merged === 0
      ? []
      : [`${usd(Math.ceil(total / merged))} for each of ${count(merged, "merged pull request")}`],
  ].flat();
  const outcome = each.length === 0 || total === 0 ? "" : ` That is ${each.join(", ")}.`;
  return `Spent ${usd(total)}, ${usd(planning)} of it on planning${ofReviews}.${left}${outcome}`;
}

function usd(amount: MicroUsd): string {
  return `${formatUsd(amount)} USD`;
}

function count(number: number, name: string): string {
  return `${String(number)} ${name}${number === 1 ? "" : "s"}`;
}

/** Reads what a state says of pull requests; what makes no sense is nothing. */
export function readPulls(value: LooseObject): PullSpends & Pick<PlanState, "ledgerMicroUsd"> {
  return {
    pulls: readAll(ownValue(value, "pulls"), readPull)?.slice(-mostPulls) ?? [],
    olderMicroUsd: ownNumber(value, "olderMicroUsd") ?? 0,
    olderMerged: ownNumber(value, "olderMerged") ?? 0,
    ledgerMicroUsd: ownNumber(value, "ledgerMicroUsd") ?? 0,
  };
}

function readPull(value: unknown): PullSpend | null {
  if (!isLooseObject(value)) {
    return null;
  }
  const number = ownNumber(value, "number");
  const microUsd = ownNumber(value, "microUsd");
  const said = ownText(value, "end");
  const end = (["closed", "merged", "open"] as const).find((word) => word === said);
  return number === null || microUsd === null || end === undefined
    ? null
    : { number, microUsd, end };
}
