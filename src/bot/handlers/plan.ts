import { openEphemeralProject } from "../../compose-action-store.ts";
import { openPlanner } from "../../compose-planner.ts";
import { codeSpan } from "../../core/base/safe-markdown.ts";
import { SkeinError } from "../../core/base/errors.ts";
import {
  createDecomposition,
  parseProposedDraft,
  planIdOf,
  sourceOf,
} from "../../core/decomposition/index.ts";
import type {
  ApproveOutcome,
  Decomposition,
  ProposedDraft,
  ProposeOutcome,
  SyncOutcome,
} from "../../core/decomposition/index.ts";
import { isAtLeast } from "../../core/hosting/index.ts";
import type { User } from "../../core/hosting/index.ts";
import type { PlanSource } from "../../core/planner/index.ts";
import { isLooseObject, ownValue } from "../../core/base/loose-object.ts";
import { userOf } from "../asking.ts";
import { plainOutcome } from "../context.ts";
import type { BotContext, HandlerOutcome } from "../context.ts";
import { botErrors } from "../errors.ts";
import { numberOf } from "../event.ts";
import { givenOf } from "../given.ts";
import { openWorkplace } from "../workplace.ts";
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
  const isAsked = event.action === "labeled" && event.label === place.settings.github.planLabel;
  if (!isAsked) {
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
  const outcome = await handlePlanWish(context, place, { kind: "plan" });
  if (outcome.handover === null) {
    // So that the same label asks again.
    await place.host.issues.removeLabel(event.issue.number, place.settings.github.planLabel);
  }
  return outcome;
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
    case "think":
      return think(context, place, number);
    case "all":
    case "publish": {
      const draft = context.wishes.stage === "all" ? null : draftIn(context);
      const decomposition = openDecomposition(context, place);
      const proposed = await decomposition.propose({
        issue: number,
        draft: async (source, plan) => draft ?? draftPlan(context, place, { source, plan, number }),
      });
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
  const ask = { source: sourceOf(issue), plan: planIdOf(number), number };
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
}

/** A checklist needs no model; everything else asks the one that plans. */
async function draftPlan(
  context: BotContext,
  place: Workplace,
  { source, plan, number }: DraftAsk,
): Promise<ProposedDraft> {
  const { cwd, env, log, signal } = context;
  if (cwd === null) {
    throw new SkeinError(botErrors.noCheckout);
  }
  const project = await openEphemeralProject({ cwd, env, settings: place.settings });
  try {
    const planner = openPlanner(project, {
      env,
      actor: "system",
      onWarning: log.warn,
      given: givenOf(context, place),
      issue: number,
      base: await readBase(place),
    });
    return await planner.draft({ source, id: plan, actor: "system", signal });
  } finally {
    await project.skein.close();
  }
}

/** The default branch as GitHub has it; the checkout of an issue's event stands there. */
async function readBase({ host }: Workplace): Promise<string | undefined> {
  const { defaultBranch } = await host.repository();
  return (await host.files.resolve(`refs/heads/${defaultBranch}`)) ?? undefined;
}

/** Plans over the host alone: what has to be remembered stands in our comment. */
export function openDecomposition(_context: BotContext, place: Workplace): Decomposition {
  return createDecomposition({
    host: place.host,
    sign: place.sign,
    findDraft: null,
    readBase: async () => (await readBase(place)) ?? null,
    work: null,
  });
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
  return toldApproval(await openDecomposition(context, place).approve({ issue: number, hash, by }));
}

/** Keeps a plan in step with what happened to one of its children. */
async function follow(context: BotContext, place: Workplace): Promise<HandlerOutcome> {
  const { event } = context;
  const actions = ["closed", "edited", "labeled", "reopened", "unlabeled"] as const;
  const action = actions.find((each) => each === event.action);
  if (event.kind !== "issue" || action === undefined) {
    return plainOutcome("skipped", "This event changes no plan.");
  }
  const { number, body } = event.issue;
  const sender = userOf(event.sender);
  return toldSync(
    await openDecomposition(context, place).onIssueEvent({
      action,
      issue: { number, body },
      sender,
    }),
  );
}

function toldProposal(outcome: ProposeOutcome): HandlerOutcome {
  switch (outcome.kind) {
    case "proposed": {
      const { hash, plan, plannedMicroUsd } = outcome.preview;
      const title = `Proposed ${String(plan.children.length)} parts.`;
      const summary = `Approve with ${codeSpan(`/skein approve ${hash}`, 100)}.`;
      return {
        ...plainOutcome("success", title),
        summary,
        costMicroUsd: plannedMicroUsd,
        planHash: hash,
      };
    }
    case "do-not-split":
      return {
        ...plainOutcome("success", "The issue is best done as a whole."),
        costMicroUsd: outcome.preview.plannedMicroUsd,
      };
    case "already":
      return plainOutcome("neutral", "Its parts are there already.");
    case "under-way":
      return plainOutcome("neutral", "Its parts are being created.");
    case "too-many":
      return plainOutcome(
        "failure",
        `The plan has ${String(outcome.children)} parts, more than ${String(outcome.most)}: split the issue into two.`,
      );
    case "stale":
      return plainOutcome("neutral", "The issue was edited while it was planned: ask again.");
    default:
      return outcome satisfies never;
  }
}

function toldApproval(outcome: ApproveOutcome): HandlerOutcome {
  switch (outcome.kind) {
    case "created":
      return plainOutcome("success", `Created ${String(outcome.children.length)} parts.`);
    case "already":
      return plainOutcome("neutral", "Its parts are there already.");
    case "not-allowed":
      return plainOutcome("failure", "Only people who may write to the repository approve plans.");
    case "nothing-proposed":
      return plainOutcome("failure", "No plan was proposed here: ask for one with `/skein plan`.");
    case "do-not-split":
      return plainOutcome("failure", "The plan says not to split the issue.");
    case "hash-mismatch":
      return plainOutcome(
        "failure",
        `The plan is not the one that was shown (${outcome.changed.join(", ")} changed): ask for a new one with \`/skein plan\`.`,
      );
    case "duplicates":
      return plainOutcome(
        "failure",
        "Open issues are the same work: see the comment with the plan.",
      );
    default:
      return outcome satisfies never;
  }
}

export function toldSync(outcome: SyncOutcome): HandlerOutcome {
  switch (outcome.kind) {
    case "synced":
      return plainOutcome(
        "success",
        `${String(outcome.done)} of ${String(outcome.total)} parts are done; ${String(outcome.acts.length)} changes.`,
      );
    case "created":
      return plainOutcome(
        "success",
        `Completed the creation of ${String(outcome.children.length)} parts.`,
      );
    case "waiting":
      return plainOutcome("neutral", "The plan waits for its approval.");
    case "do-not-split":
    case "no-plan":
    case "not-ours":
      return plainOutcome("skipped", "The issue has no parts of Skein's.");
    default:
      return outcome satisfies never;
  }
}
