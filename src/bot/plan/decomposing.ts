import { ensureHistory } from "../../adapters/git/index.ts";
import { openDecomposition } from "../../compose-github.ts";
import { createDecomposition } from "../../core/decomposition/index.ts";
import type { Decomposition } from "../../core/decomposition/index.ts";
import { keepProjectBudget } from "../../project-budget.ts";
import type { BotContext } from "../context.ts";
import { givenOf } from "../given.ts";
import { openLedger } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/**
 * Works with the plans of issues. Over a ledger that outlives the run the tasks are there, too, so that agents get them; else what has to be
 * remembered stands in our comment alone.
 */
export async function withDecomposition<T>(
  context: BotContext,
  place: Workplace,
  work: (decomposition: Decomposition) => Promise<T>,
): Promise<T> {
  const { host, sign } = place;
  // A dry run changes no task of a database either.
  if (!context.isDurable || context.wishes.isDryRun) {
    const readHead = async (): Promise<string | null> => (await readBase(context, place)) ?? null;
    return work(
      createDecomposition({
        host,
        sign,
        findDraft: null,
        readBase: readHead,
        issueLimit: place.settings.budgets.issueMicroUsd,
        work: null,
      }),
    );
  }
  const project = await openLedger(context, place);
  try {
    const { env } = context;
    const stateKey = env["SKEIN_STATE_KEY"] ?? null;
    const base = await bringBase(context, place);
    const given = givenOf(context, place);
    const { issueMicroUsd: issueLimit } = place.settings.budgets;
    const options = {
      host,
      env,
      actor: "system",
      stateKey,
      isDurable: true,
      base,
      given,
      issueLimit,
    } as const;
    const done = await work(openDecomposition(project, options).decomposition);
    await keepProjectBudget(project, env, place.settings);
    return done;
  } finally {
    await project.skein.close();
  }
}

/** The base of a plan, brought into the checkout. */
export async function bringBase(
  context: BotContext,
  place: Workplace,
): Promise<string | undefined> {
  const base = await readBase(context, place);
  const { git, github } = context;
  if (base !== undefined && git !== null) {
    const { token, serverUrl } = github;
    const access = token === null ? null : { token, serverUrl };
    await ensureHistory(git, { base, head: base, pull: null, access });
  }
  return base;
}

/** The default branch as GitHub has it; the checkout of an issue's event stands there. */
async function readBase({ event }: BotContext, { host }: Workplace): Promise<string | undefined> {
  const defaultBranch = event.repository.defaultBranch ?? (await host.repository()).defaultBranch;
  return (await host.files.resolve(`refs/heads/${defaultBranch}`)) ?? undefined;
}
