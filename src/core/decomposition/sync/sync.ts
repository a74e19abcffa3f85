import type { MicroUsd } from "../../base/ids.ts";
import { childLabel } from "../child.ts";
import { planIdOf } from "../../base/issue-plan.ts";
import type { ChildrenPlan } from "../children-plan.ts";
import { progressComment } from "../comment.ts";
import type { DecompositionDeps } from "../deps.ts";
import { findChildren } from "../diff.ts";
import { withPull } from "../money.ts";
import type { PullSpend } from "../money.ts";
import { planOf, readKept, shownText, withState, writeKept } from "../keeping.ts";
import type { Kept } from "../keeping.ts";
import { proofsOf } from "../proof.ts";
import { create } from "../making/create.ts";
import type { CreatedChild } from "../making/create.ts";
import type { PlanState } from "../state.ts";
import type { WorkedOutcome, WorkedPlan } from "../work.ts";
import { changeOf, newsOf } from "./acts.ts";
import type { DecidedChild, SyncAct } from "./acts.ts";
import { decideChild } from "./decide.ts";
import { lookAt } from "./look.ts";
import type { ChildHint, SeenChild } from "./look.ts";
import { settleWork } from "./settle-work.ts";
import { taskIdOf } from "./task-plan.ts";
import { withWork } from "./with-work.ts";

export interface SyncRequest {
  readonly issue: number;
  /** What an event told of one child. Default: nothing. */
  readonly hint?: ChildHint | undefined;
  /** What a pull request for the issue has cost by now. Default: nothing is told. */
  readonly pull?: PullSpend | undefined;
  /** True to be told what would happen, without a write. Default false. */
  readonly isDryRun?: boolean | undefined;
}

export type SyncOutcome =
  | {
      readonly kind: "synced";
      /** In the order in which they are done; empty: both sides said the same. */
      readonly acts: readonly SyncAct[];
      readonly done: number;
      /** Children that are neither canceled nor gone. */
      readonly total: number;
    }
  /** An approved creation that had been broken off is complete now. */
  | { readonly kind: "created"; readonly children: readonly CreatedChild[] }
  /** A plan waits for approval. */
  | { readonly kind: "waiting"; readonly hash: string }
  | { readonly kind: "do-not-split" }
  /** Skein has planned nothing here. */
  | { readonly kind: "no-plan" }
  /** The event is of an issue that is no child of this plan. */
  | { readonly kind: "not-ours" };

/** Brings the children of an issue and the tasks of its Skein plan to say the same. Said again at once, it changes nothing. */
export async function sync(deps: DecompositionDeps, request: SyncRequest): Promise<SyncOutcome> {
  const kept = await readKept(deps, request.issue);
  const { state } = kept;
  if (state === null) {
    return { kind: "no-plan" };
  }
  switch (state.phase) {
    case "whole":
      await note(deps, request, { kept, state });
      return { kind: "do-not-split" };
    case "proposed":
      return resume(deps, request, { kept, state });
    case "created":
      return syncCreated(deps, request, { kept, state });
  }
}

/** An issue without children has a budget, too: what pull requests for it cost is kept, and what the comment shows stays. */
async function note(
  deps: DecompositionDeps,
  { issue, pull, isDryRun = false }: SyncRequest,
  { kept, state }: Known,
): Promise<void> {
  if (pull !== undefined && !isDryRun && kept.comment !== null) {
    const text = shownText(kept.comment);
    const body = withState(deps, issue, { text, state: { ...state, ...withPull(state, pull) } });
    await writeKept(deps, { issue, comment: kept.comment, body });
  }
}

interface Known {
  readonly kept: Kept;
  readonly state: PlanState;
}

/** Children of ours prove that the plan was approved: nothing else makes them. */
async function resume(
  deps: DecompositionDeps,
  request: SyncRequest,
  { kept, state }: Known,
): Promise<SyncOutcome> {
  const { issue, pull, isDryRun = false } = request;
  const all = await deps.host.issues.list({ state: "all", labels: [childLabel], limit: 300 });
  const proofOf = proofsOf(deps, issue, state.hash);
  const wanted = { plan: planIdOf(issue), proofOf, self: kept.self.id };
  const found = findChildren(all, wanted);
  if (found.size === 0 || isDryRun) {
    await note(deps, request, { kept, state });
    return { kind: "waiting", hash: state.hash };
  }
  const plan = await planOf(deps, state);
  const paid = pull === undefined ? state : { ...state, ...withPull(state, pull) };
  const creation = { issue, kept, state: paid, plan, found, approvedBy: null };
  return { kind: "created", children: await create(deps, creation) };
}

async function syncCreated(
  deps: DecompositionDeps,
  request: SyncRequest,
  known: Known,
): Promise<SyncOutcome> {
  const { kept, state } = known;
  const { issue, hint = null, pull = null, isDryRun = false } = request;
  if (hint !== null && !state.children.some(({ number }) => number === hint.number)) {
    return { kind: "not-ours" };
  }
  const plan = await planOf(deps, state);
  const seen = await lookAt({ host: deps.host, self: kept.self, hint }, issue, state);
  const before = await workOf(deps, plan.id);
  const decided = seen.map((each) => decide(each, before));
  const settled = await settleWork(deps.work, { plan, decided, before, isDryRun });
  const worked = decided.map((each) => ({ ...each, next: withWork(each.next, settled.worked) }));
  const changes = await changeIssues(deps, { worked, plan, known, issue, isDryRun });
  const paid = { pull, ledger: ledgerOf(settled.worked) };
  const comment = await tell(deps, { worked, known, issue, isDryRun, paid });
  const sums = countOf(worked);
  if (!isDryRun) {
    await deps.work?.record(outcomeOf(issue, sums));
  }
  return {
    kind: "synced",
    acts: [...newsOf(decided), ...settled.acts, ...changes, ...comment],
    ...sums,
  };
}

interface Count {
  readonly done: number;
  /** Children that are neither canceled nor gone. */
  readonly total: number;
}

function countOf(children: readonly DecidedChild[]): Count {
  const settled = children.map(({ next }) => next.settled);
  const counted = settled.filter((how) => how !== "canceled" && how !== "gone");
  return { done: counted.filter((how) => how === "completed").length, total: counted.length };
}

/** An issue whose children are all over is resolved; where none of them is left it was given up. */
function outcomeOf(number: number, { done, total }: Count): WorkedOutcome {
  const isReached = done < total ? null : total > 0;
  return { kind: "issue", number, isReached, tasks: [] };
}

async function workOf({ work }: DecompositionDeps, plan: string): Promise<WorkedPlan | null> {
  return work === null ? null : work.read(plan);
}

function ledgerOf(worked: WorkedPlan | null): MicroUsd {
  return worked === null ? 0 : worked.issueMicroUsd;
}

function decide(seen: SeenChild, worked: WorkedPlan | null): DecidedChild {
  const { child, side, closer, issue } = seen;
  const decision = decideChild({
    known: child,
    issue: side,
    taskOf: (round) => worked?.tasks.get(taskIdOf({ key: child.key, round }))?.status ?? null,
  });
  const { settled, round } = decision;
  const isClosed = issue !== null && !issue.isOpen;
  const next = { ...child, settled, round, closer: isClosed ? (closer?.id ?? child.closer) : null };
  return { ...seen, decision, next };
}

interface Changing {
  readonly worked: readonly DecidedChild[];
  readonly known: Known;
  readonly issue: number;
  readonly isDryRun: boolean;
}

async function changeIssues(
  deps: DecompositionDeps,
  { worked, plan, known, issue, isDryRun }: Changing & { readonly plan: ChildrenPlan },
): Promise<readonly SyncAct[]> {
  const acts: SyncAct[] = [];
  const proofOf = proofsOf(deps, issue, known.state.hash);
  for (const each of worked) {
    const change = changeOf(each, { parent: issue, state: known.state, plan, proofOf });
    if (change === null) {
      continue;
    }
    const { number } = each.child;
    const { close } = each.decision;
    acts.push(close === null ? { kind: "text", number } : { kind: "close", number, as: close });
    if (!isDryRun) {
      await deps.host.issues.update(number, change);
    }
  }
  return acts;
}

interface Telling extends Changing {
  /** News of money: a pull request's, and what the ledger has for the issue. */
  readonly paid: { readonly pull: PullSpend | null; readonly ledger: MicroUsd };
}

async function tell(
  deps: DecompositionDeps,
  { worked, known, issue, isDryRun, paid }: Telling,
): Promise<readonly SyncAct[]> {
  const { kept } = known;
  const state: PlanState = {
    ...known.state,
    ...(paid.pull === null ? {} : withPull(known.state, paid.pull)),
    ledgerMicroUsd: Math.max(known.state.ledgerMicroUsd, paid.ledger),
    children: worked.map(({ next }) => next),
  };
  const shown = worked.map(({ next, issue: seen }) => ({
    child: next,
    title: seen?.title ?? next.key,
  }));
  const body = withState(deps, issue, {
    text: progressComment(state, shown, deps.issueLimit),
    state,
  });
  if (isDryRun) {
    const isSame = kept.comment?.body.replaceAll("\r\n", "\n").trimEnd() === body;
    return isSame ? [] : [{ kind: "comment" }];
  }
  const isWritten = await writeKept(deps, { issue, comment: kept.comment, body });
  return isWritten ? [{ kind: "comment" }] : [];
}
