import { exactUsd } from "../../core/costs/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import { belongingOf } from "../../core/decomposition/index.ts";
import type { Belonging, PullSpend } from "../../core/decomposition/index.ts";
import type { PullRequest } from "../../core/hosting/index.ts";
import type { PullOutcome } from "../../core/pull-reviews/index.ts";
import type { BotContext } from "../context.ts";
import { unheldLimits } from "../limits.ts";
import { withDecomposition } from "../plan/decomposing.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** The issue that a review counts for. */
export interface IssueShare {
  readonly number: number;
  /** What the issue has cost and this run's ledger does not know. */
  readonly spentBefore: MicroUsd;
}

/** The money of the issues that pull requests are for: one budget over plan, agents and reviews. */
export interface IssueMoney {
  /** Null: it is for no issue that is known. */
  of(this: void, pull: PullRequest): Promise<Belonging | null>;
  /** Why the issue's budget allows no review; null: it does. */
  refuse(this: void, pull: PullRequest, spent: MicroUsd): Promise<string | null>;
  share(this: void, pull: PullRequest, spent: MicroUsd): Promise<IssueShare | null>;
  /** Tells the issue's plan what reviews of a pull request that was looked up here have cost. */
  note(this: void, number: number, outcome: PullOutcome): Promise<void>;
  /** The same of one that is over, and keeps what it came to. */
  end(this: void, pull: PullRequest, spent: MicroUsd): Promise<void>;
}

/** Looks each pull request up once a run. */
export function openIssueMoney(context: BotContext, place: Workplace): IssueMoney {
  const found = new Map<number, Promise<Belonging | null>>();
  const of = async (pull: PullRequest): Promise<Belonging | null> => {
    const known = found.get(pull.number) ?? belongingOf(place, pull);
    found.set(pull.number, known);
    return known;
  };
  const limit = place.settings.budgets.issueMicroUsd;
  const tell = async ({ issue }: Belonging, pull: PullSpend): Promise<void> =>
    tellIssue(context, place, { issue, pull });
  return {
    of,
    refuse: async (pull, spent) => {
      const unheld = unheldLimits(context, place.settings);
      const belonging = unheld !== null || limit === null ? null : await of(pull);
      return belonging === null
        ? unheld
        : usedUp(context, place, { pull, issue: belonging.issue, spent });
    },
    share: async (pull, spent) => {
      const belonging = await of(pull);
      if (belonging === null) {
        return null;
      }
      const { issue: number } = belonging;
      const before =
        limit === null ? 0 : await spentElsewhere(context, place, { pull, issue: number, spent });
      return { number, spentBefore: before };
    },
    note: async (number, outcome) => {
      const belonging = await found.get(number);
      if ("spent" in outcome && belonging != null) {
        await tell(belonging, { number, microUsd: outcome.spent, end: "open" });
      }
    },
    end: async (pull, spent) => {
      const belonging = await of(pull);
      if (belonging !== null) {
        await tell(belonging, { number: pull.number, microUsd: spent, end: endOf(pull) });
      }
      await keep(context, place, { pull, tasks: belonging?.tasks ?? [] });
    },
  };
}

/** Null: the issue's budget has something left, or there is none. */
async function usedUp(
  context: BotContext,
  place: Workplace,
  spending: Spending,
): Promise<string | null> {
  const limit = place.settings.budgets.issueMicroUsd;
  const used = limit === null ? 0 : await spentFor(context, place, spending);
  return limit === null || used < limit
    ? null
    : `The budget of #${String(spending.issue)}, which it is for, is used up: ${exactUsd(used)} of ${exactUsd(limit)} USD.`;
}

/** Sums only grow, so that what could not be told is told with the next. */
async function tellIssue(
  context: BotContext,
  place: Workplace,
  { issue, pull }: { readonly issue: number; readonly pull: PullSpend },
): Promise<void> {
  if (pull.microUsd === 0) {
    return;
  }
  try {
    await withDecomposition(context, place, async (decomposition) =>
      decomposition.sync({ issue, pull }),
    );
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    context.log.warn(`What was spent is not told under #${String(issue)} yet (${error.code}).`);
  }
}

function endOf({ isOpen, isMerged }: PullRequest): PullSpend["end"] {
  return isOpen ? "open" : isMerged ? "merged" : "closed";
}

interface Spending {
  readonly pull: PullRequest;
  readonly issue: number;
  /** For this pull request by now. */
  readonly spent: MicroUsd;
}

/** By the ledger where it outlives the run, and by our comments where they may know of more: what runs without a database spent. */
async function spentFor(
  context: BotContext,
  place: Workplace,
  spending: Spending,
): Promise<MicroUsd> {
  const known = context.isDurable ? await spentInLedger(context, place, spending.issue) : 0;
  return known + (await spentElsewhere(context, place, spending));
}

/** What this run's ledger does not know of an issue's money. The App's own knows all of it. */
async function spentElsewhere(
  context: BotContext,
  place: Workplace,
  { pull, issue, spent }: Spending,
): Promise<MicroUsd> {
  if (context.isDurable && context.database === "none") {
    return 0;
  }
  // The issue's comment for all others, the pull request's for itself; only read, so that no ledger is opened for it.
  const others = await withDecomposition(
    { ...context, isDurable: false },
    place,
    async (decomposition) => decomposition.spent(issue, pull.number),
  );
  const known = context.isDurable ? await spentInLedger(context, place, issue) : 0;
  return Math.max(0, others + spent - known);
}

async function spentInLedger(
  context: BotContext,
  place: Workplace,
  issue: number,
): Promise<MicroUsd> {
  const { skein } = await openLedger(context, place);
  try {
    return await skein.store.read(async (reader) =>
      skein.costs.spentIn(reader, `issue:${String(issue)}`),
    );
  } finally {
    await skein.close();
  }
}

interface Ended {
  readonly pull: PullRequest;
  readonly tasks: readonly string[];
}

/** What a pull request came to is kept where a ledger outlives the run. */
async function keep(context: BotContext, place: Workplace, { pull, tasks }: Ended): Promise<void> {
  if (!context.isDurable || pull.isOpen) {
    return;
  }
  const { skein } = await openLedger(context, place);
  try {
    await skein.store.write(async (tx) =>
      skein.costs.recordOutcome(tx, {
        kind: "pr",
        number: pull.number,
        isReached: pull.isMerged,
        tasks,
        actor: "system",
      }),
    );
  } finally {
    await skein.close();
  }
}
