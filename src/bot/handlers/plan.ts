import { systemRandom } from "../../adapters/process/clock.ts";
import { openPlanner } from "../../compose-planner.ts";
import type { OpenProject } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { planIdOf, sourceOf } from "../../core/decomposition/index.ts";
import type { ProposedDraft } from "../../core/decomposition/index.ts";
import { hasOwnList } from "../../core/planner/index.ts";
import { isAtLeast } from "../../core/hosting/index.ts";
import type { User } from "../../core/hosting/index.ts";
import { randomToken } from "../../core/base/ids.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import type { PlanSource } from "../../core/planner/index.ts";
import { isPassing } from "../app/ends.ts";
import { isEarly, tellFailure, tellOutcome } from "../answering.ts";
import { permissionOf, userOf } from "../asking.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { numberOf } from "../event.ts";
import type { BotEvent } from "../event.ts";
import { limitsOf, unheldLimits } from "../limits.ts";
import { givenOf } from "../given.ts";
import { bringBase, withDecomposition } from "../plan/decomposing.ts";
import { follow } from "../plan/following.ts";
import { failureOf, handedTo, handOn } from "../plan/handing-on.ts";
import { toldApproval, toldProposal } from "../plan/telling.ts";
import { unlessRefused } from "../refused.ts";
import { runIn } from "../runs.ts";
import { openLedger, openWorkplace } from "../workplace.ts";
import type { Workplace } from "../workplace.ts";

/** What is to become of an issue's plan. */
export type PlanWish =
  | { readonly kind: "plan" }
  | { readonly kind: "approve"; readonly hash: string; readonly by: User };

/** Plans an issue when its label or a run by hand asks for it, and keeps children in step when they change. */
export async function handlePlan(context: BotContext): Promise<HandlerOutcome> {
  const { event } = context;
  if (event.kind === "dispatch") {
    return handlePlanWish(context, await openWorkplace(context), { kind: "plan" });
  }
  if (event.kind !== "issue") {
    return plainOutcome("skipped", "This event is of no issue.");
  }
  const place = await openWorkplace(context);
  return handleIssue(context, place, event);
}

type IssueEvent = Extract<BotEvent, { readonly kind: "issue" }>;

/** A label asks, and, where the settings say so, opening an issue does. */
export async function handleIssue(
  context: BotContext,
  place: Workplace,
  event: IssueEvent,
): Promise<HandlerOutcome> {
  const { planLabel } = place.settings.github;
  const isLabeled = event.action === "labeled" && event.label === planLabel;
  if (!isLabeled && !isPlannedUnasked(place, event)) {
    return context.wishes.stage === "all"
      ? follow(context, place)
      : plainOutcome("skipped", "This event asks for no plan.");
  }
  const by = userOf(event.sender);
  if (by.kind === "bot" && !place.settings.github.allowBots.includes(by.login)) {
    return plainOutcome("skipped", "A bot asked that `allow_bots` does not name.");
  }
  if (!isAtLeast(await permissionOf(place, by), "write")) {
    return plainOutcome("skipped", "Only who may write to the repository can ask for a plan.");
  }
  return planAsked(context, place, isLabeled ? event.issue.number : null);
}

/** Plans, and says why where nothing came of it. The label is taken away, so that it asks again; null: it was none that asked. */
async function planAsked(
  context: BotContext,
  place: Workplace,
  labeled: number | null,
): Promise<HandlerOutcome> {
  const takeLabel = async (): Promise<void> =>
    labeled === null
      ? undefined
      : place.host.issues.removeLabel(labeled, place.settings.github.planLabel);
  try {
    const outcome = await handlePlanWish(context, place, { kind: "plan" });
    if (!isEarly(context.wishes.stage)) {
      await tellOutcome(context, place, outcome);
      await takeLabel();
    }
    return outcome;
  } catch (error) {
    // What passes by itself is asked for again by the label that is still there.
    const isLasting = error instanceof SkeinError && !isPassing(error);
    if (isLasting && (await tellFailure(context, place, error))) {
      await takeLabel();
    }
    throw error;
  }
}

function isPlannedUnasked({ settings }: Workplace, { action, issue }: IssueEvent): boolean {
  return action === "opened" && settings.github.tasks.issues && !issue.isPullRequest;
}

/** Plans or approves in the stage that this job is. */
export async function handlePlanWish(
  context: BotContext,
  place: Workplace,
  wish: PlanWish,
): Promise<HandlerOutcome> {
  const number = numberOf(context.event);
  if (number === null) {
    return plainOutcome("skipped", "This event names no issue.");
  }
  if (wish.kind === "approve") {
    return approve(context, place, { number, wish });
  }
  switch (context.wishes.stage) {
    case "collect":
      return handOn("To plan.", {});
    case "reserve":
      return handOn("To plan.", { run: await reserve(context, place, number) });
    case "think":
      return think(context, place, number);
    case "all":
    case "publish":
      return unlessRefused(context, async () => show(context, place, number));
    default:
      return context.wishes.stage satisfies never;
  }
}

/** What this job or the one before it planned. */
async function show(
  context: BotContext,
  place: Workplace,
  number: number,
): Promise<HandlerOutcome> {
  const handed = context.wishes.stage === "all" ? null : handedTo(context);
  const proposed = await withDecomposition(context, place, async (decomposition) =>
    decomposition.propose({
      issue: number,
      run: handed?.run,
      draft: async (source, plan, spentBefore) =>
        handed === null
          ? draftPlan(context, place, { source, plan, number, spentBefore })
          : handed.draft(),
    }),
  );
  return toldProposal(proposed);
}

/** So that what is spent counts from now on, whatever becomes of the jobs that follow. Null: there is nothing to spend. */
async function reserve(
  context: BotContext,
  place: Workplace,
  number: number,
): Promise<string | null> {
  const run = randomToken(systemRandom);
  const { runLimit: microUsd } = limitsOf(context.wishes, place.settings);
  const isBegun = await withDecomposition(context, place, async (decomposition) =>
    decomposition.begin({ issue: number, run, microUsd, isFree: hasOwnList }),
  );
  return isBegun ? run : null;
}

/** A job that fails hands nothing on: what failed is handed on as well, so that the next one counts what it cost and says so. */
async function think(
  context: BotContext,
  place: Workplace,
  number: number,
): Promise<HandlerOutcome> {
  const issue = await place.host.issues.get(number);
  if (issue === null || issue.isPullRequest) {
    return plainOutcome("skipped", "There is no such issue.");
  }
  const run = runIn(context);
  const { spent: spentBefore, isMade } = await withDecomposition(
    context,
    place,
    async (decomposition) => decomposition.standing(number, run),
  );
  if (isMade && run === null) {
    return handOn("Its parts are there already.", {});
  }
  const ask = { source: sourceOf(issue), plan: planIdOf(number), number, spentBefore };
  try {
    return handOn("Planned.", { run, draft: await draftPlan(context, place, ask) });
  } catch (error) {
    if (!(error instanceof SkeinError)) {
      throw error;
    }
    const { code, message, why, fix } = error;
    context.log.warn(`${code}: ${message} ${why} ${fix}`);
    return handOn(`No plan was made (${code}).`, { run, failure: failureOf(error) });
  }
}

interface DraftAsk {
  readonly source: PlanSource;
  readonly plan: string;
  readonly number: number;
  /** What our comment says that the issue has cost. */
  readonly spentBefore: MicroUsd;
}

/** A checklist needs no model; everything else asks the one that plans. */
async function draftPlan(
  context: BotContext,
  place: Workplace,
  { source, plan, number, spentBefore }: DraftAsk,
): Promise<ProposedDraft> {
  const { env, log, signal } = context;
  const { runLimit } = limitsOf(context.wishes, place.settings);
  const unheld = unheldLimits(context, place.settings);
  if (unheld !== null) {
    log.warn(unheld);
  }
  const project = await openLedger(context, place);
  try {
    const planner = openPlanner(project, {
      env,
      actor: "system",
      onWarning: log.warn,
      given: givenOf(context, place),
      // A checklist needs no model, and so no money.
      runLimit: unheld === null ? runLimit : 0,
      issue: number,
      issueSpent: await spentOutside(context, project, { number, spentBefore }),
      base: await bringBase(context, place),
    });
    return await planner.draft({ source, id: plan, actor: "system", signal });
  } finally {
    await project.skein.close();
  }
}

/** What our comment knows that the issue has cost, and the run's ledger does not. The App's own knows all of it. */
async function spentOutside(
  { isDurable, database }: BotContext,
  { skein }: OpenProject,
  { number, spentBefore }: Pick<DraftAsk, "number" | "spentBefore">,
): Promise<MicroUsd> {
  if (isDurable && database === "none") {
    return 0;
  }
  const known = await skein.store.read(async (reader) =>
    skein.costs.spentIn(reader, `issue:${String(number)}`),
  );
  return Math.max(0, spentBefore - known);
}

async function approve(
  context: BotContext,
  place: Workplace,
  {
    number,
    wish,
  }: { readonly number: number; readonly wish: PlanWish & { readonly kind: "approve" } },
): Promise<HandlerOutcome> {
  const { hash, by } = wish;
  return toldApproval(
    await withDecomposition(context, place, async (decomposition) =>
      decomposition.approve({ issue: number, hash, by }),
    ),
  );
}
