import { exactUsd } from "../../core/costs/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import { belongingOf } from "../../core/decomposition/index.ts";
import type { Belonging, PullSpend } from "../../core/decomposition/index.ts";
import type { PullRequest } from "../../core/hosting/index.ts";
import type { PullOutcome } from "../../core/pull-reviews/index.ts";
import type { BotContext } from "../context.ts";
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
    const known = found.get(pull.number) ?? belongingOf(place.host, pull);
    found.set(pull.number, known);
    return known;
  };
  const limit = place.settings.budgets.issueMicroUsd;
  const tell = async ({ issue }: Belonging, pull: PullSpend): Promise<void> =>
    tellIssue(context, place, { issue, pull });
  return {
    of,
    refuse: async (pull, spent) => {
      const belonging = limit === null ? null : await of(pull);
      if (limit === null || belonging === null) {
        return null;
      }
      const used = await spentFor(context, place, { pull, issue: belonging.issue, spent });
      return used < limit
        ? null
        : `The budget of #${String(belonging.issue)}, which it is for, is used up: ${exactUsd(used)} of ${exactUsd(limit)} USD.`;
    },
    share: async (pull, spent) => {
      const belonging = await of(pull);
      if (belonging === null) {
        return null;
      }
      const { issue: number } = belonging;
      const isKnown = context.isDurable || limit === null;
      const before = isKnown ? 0 : await spentFor(context, place, { pull, issue: number, spent });
      return { number, spentBefore: before };
    },
    note: async (number, outcome) => {
      const belonging = await found.get(number);
      if (outcome.kind !== "skipped" && belonging != null) {
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

/** By the ledger where it outlives the run, else by our comments: the issue's for all others, the pull request's for itself. */
async function spentFor(
  context: BotContext,
  place: Workplace,
  { pull, issue, spent }: Spending,
): Promise<MicroUsd> {
  if (!context.isDurable) {
    const others = await withDecomposition(context, place, async (decomposition) =>
      decomposition.spent(issue, pull.number),
    );
    return others + spent;
  }
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
