import { openPlanner } from "../../compose-planner.ts";
import type { OpenProject } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import {
  parseProposedDraft,
  planIdOf,
  readChildLine,
  sourceOf,
} from "../../core/decomposition/index.ts";
import type { ProposedDraft } from "../../core/decomposition/index.ts";
import { isAtLeast } from "../../core/hosting/index.ts";
import type { User } from "../../core/hosting/index.ts";
import type { MicroUsd } from "../../core/base/ids.ts";
import type { PlanSource } from "../../core/planner/index.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import { userOf } from "../asking.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { botErrors } from "../errors.ts";
import { numberOf } from "../event.ts";
import type { BotEvent } from "../event.ts";
import { limitsOf, unheldLimits } from "../limits.ts";
import { givenOf } from "../given.ts";
import { bringBase, withDecomposition } from "../plan/decomposing.ts";
import { toldApproval, toldProposal, toldSync } from "../plan/telling.ts";
import { orTellRefusal } from "../refused.ts";
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
  if (!isAtLeast(await place.host.permissionOf(by.login), "write")) {
    return plainOutcome("skipped", "Only who may write to the repository can ask for a plan.");
  }
  const outcome = await orTellRefusal(place, event.issue.number, async () =>
    handlePlanWish(context, place, { kind: "plan" }),
  );
  if (isLabeled && outcome.handover === null) {
    // So that the same label asks again.
    await place.host.issues.removeLabel(event.issue.number, planLabel);
  }
  return outcome;
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
    case "reserve":
      return handOn("To plan.", {});
    case "think":
      return think(context, place, number);
    case "all":
    case "publish": {
      const draft = context.wishes.stage === "all" ? null : draftIn(context);
      const proposed = await withDecomposition(context, place, async (decomposition) =>
        decomposition.propose({
          issue: number,
          draft: async (source, plan, spentBefore) =>
            draft ?? draftPlan(context, place, { source, plan, number, spentBefore }),
        }),
      );
      return toldProposal(proposed);
    }
    default:
      return context.wishes.stage satisfies never;
  }
}

async function think(
  context: BotContext,
  place: Workplace,
  number: number,
): Promise<HandlerOutcome> {
  const issue = await place.host.issues.get(number);
  if (issue === null || issue.isPullRequest) {
    return plainOutcome("skipped", "There is no such issue.");
  }
  const spentBefore = await withDecomposition(context, place, async (decomposition) =>
    decomposition.spent(number, null),
  );
  const ask = { source: sourceOf(issue), plan: planIdOf(number), number, spentBefore };
  return handOn("Planned.", { draft: await draftPlan(context, place, ask) });
}

function handOn(title: string, payload: object): HandlerOutcome {
  return {
    ...plainOutcome("success", title),
    handover: { headSha: null, baseSha: null, payload: JSON.parse(JSON.stringify(payload)) },
  };
}

/** @throws {SkeinError} SKN-8941 for what is no draft. */
function draftIn({ received }: BotContext): ProposedDraft {
  const value = isLooseObject(received?.payload) ? ownValue(received.payload, "draft") : null;
  const draft = parseProposedDraft(value);
  if (draft === null) {
    throw new SkeinError(botErrors.badHandover);
  }
  return draft;
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

/** Keeps a plan in step with what happened to one of its children. */
async function follow(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  const { event } = context;
  const actions = ["closed", "edited", "labeled", "reopened", "unlabeled"] as const;
  const action = actions.find((each) => each === event.action);
  if (event.kind !== "issue" || action === undefined) {
    return plainOutcome("skipped", "This event changes no plan.");
  }
  const { number, body, isPullRequest } = event.issue;
  const sender = userOf(event.sender);
  if (readChildLine(body) === null) {
    const isEnd = action === "closed" || action === "reopened";
    if (context.isDurable && isEnd && !isPullRequest) {
      return keepEnd(context, place, number);
    }
    return plainOutcome("skipped", "The issue has no parts of Skein's.");
  }
  return toldSync(
    await withDecomposition(context, place, async (decomposition) =>
      decomposition.onIssueEvent({ action, issue: { number, body }, sender }),
    ),
  );
}

/** What an issue came to, for what each resolved one costs. */
async function keepEnd(
  context: BotContext,
  place: Workplace,
  number: number,
): Promise<HandlerOutcome> {
  const issue = await place.host.issues.get(number);
  if (issue === null) {
    return plainOutcome("skipped", "There is no such issue.");
  }
  const isGivenUp = issue.closedAs === "not_planned" || issue.closedAs === "duplicate";
  const isReached = issue.isOpen ? null : !isGivenUp;
  const { skein } = await openLedger(context, place);
  try {
    await skein.store.write(async (tx) =>
      skein.costs.recordOutcome(tx, {
        kind: "issue",
        number,
        isReached,
        tasks: [],
        actor: "system",
      }),
    );
  } finally {
    await skein.close();
  }
  return plainOutcome("success", "Kept what the issue came to.");
}
