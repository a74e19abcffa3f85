import { SkeinError } from "../../base/errors.ts";
import { referenceOf } from "../../hosting/index.ts";
import type { MicroUsd } from "../../base/ids.ts";
import type { Issue } from "../../hosting/index.ts";
import type { PlanSource } from "../../planner/index.ts";
import { findDuplicates } from "../alike.ts";
import type { Duplicate } from "../alike.ts";
import { planIdOf } from "../../base/issue-plan.ts";
import { mostChildren } from "../children-plan.ts";
import { proposalComment, wholeComment } from "../comment.ts";
import type { DecompositionDeps } from "../deps.ts";
import { findChildren } from "../diff.ts";
import { decompositionErrors } from "../errors.ts";
import { count, countFailed } from "./counting.ts";
import { fitted, readKept, withState, writeKept } from "../keeping.ts";
import type { Kept } from "../keeping.ts";
import { previewOf, sourceHash, sourceOf } from "../preview.ts";
import type { Preview, ProposedDraft } from "../preview.ts";
import { noPulls, spendOf } from "../money.ts";
import { proofsOf } from "../proof.ts";
import { besides } from "../runs.ts";
import type { PlanState } from "../state.ts";

export interface ProposeRequest {
  readonly issue: number;
  /** Makes the draft, or hands over one that another job made; told what the issue has cost before. Asked only where one is needed. */
  readonly draft: (
    source: PlanSource,
    plan: string,
    spentBefore: MicroUsd,
  ) => Promise<ProposedDraft>;
  /** The run that was begun for it by `begin`: what it cost takes the place of what was set aside. Default: none was. */
  readonly run?: string | null | undefined;
}

export type ProposeOutcome =
  /** `isWritten`: false where the comment said just this before. */
  | {
      readonly kind: "proposed";
      readonly preview: Preview;
      readonly duplicates: readonly Duplicate[];
      readonly isWritten: boolean;
    }
  | { readonly kind: "do-not-split"; readonly preview: Preview }
  /** Its children are there: nothing is planned anew. */
  | { readonly kind: "already"; readonly hash: string; readonly children: readonly number[] }
  /** Approved, and not all of its children are there: the next approval or sync completes it. */
  | { readonly kind: "under-way"; readonly hash: string }
  | {
      readonly kind: "too-many";
      readonly children: number;
      readonly most: number;
      readonly plannedMicroUsd: MicroUsd;
    }
  /** The issue changed while it was planned. */
  | { readonly kind: "stale"; readonly plannedMicroUsd: MicroUsd };

/** At most so many open issues are looked through for duplicates. */
export const mostOpenIssues = 300;

/** Plans an issue and shows the plan in one comment. Nothing else is created. */
export async function propose(
  deps: DecompositionDeps,
  { issue: number, draft, run = null }: ProposeRequest,
): Promise<ProposeOutcome> {
  const before = await readKept(deps, number);
  // What another job has begun costs something, though it comes too late.
  if (before.state?.phase === "created" && run === null) {
    return alreadyIn(before.state);
  }
  const issue = await needIssue(deps, number);
  const source = sourceHash(issue);
  const spent = before.state === null ? 0 : spendOf(besides(before.state, run)).total;
  const drafted = await draft(sourceOf(issue), planIdOf(number), spent).catch(
    async (error: unknown) => {
      await countFailed(deps, { number, run, error, source });
      throw error;
    },
  );
  // Models take minutes, in which others may have written: an approval, or money of another run.
  const kept = await readKept(deps, number);
  const { state } = kept;
  const drawn = { number, kept, run, drafted };
  if (state?.phase === "created") {
    await count(deps, { ...drawn, why: "Its parts are there already" });
    return alreadyIn(state);
  }
  if (drafted.source.sha256 !== source) {
    await count(deps, { ...drawn, why: "The issue changed while it was planned" });
    return { kind: "stale", plannedMicroUsd: drafted.drafting.cost.microUsd };
  }
  return decide(deps, drawn, previewOf(issue, drafted, referenceOf(deps.host.name, number)));
}

function alreadyIn({ hash, children }: PlanState): ProposeOutcome {
  return { kind: "already", hash, children: children.map((child) => child.number) };
}

/** A draft of an issue, and what stood there before it. */
interface Drawn {
  readonly number: number;
  readonly kept: Kept;
  readonly run: string | null;
  readonly drafted: ProposedDraft;
}

async function decide(
  deps: DecompositionDeps,
  drawn: Drawn,
  preview: Preview,
): Promise<ProposeOutcome> {
  const { state, self } = drawn.kept;
  if (!preview.isSplit) {
    await show(deps, drawn, { preview, text: wholeComment(preview) });
    return { kind: "do-not-split", preview };
  }
  const { hash, plannedMicroUsd } = preview;
  const children = preview.plan.children.length;
  if (children > mostChildren) {
    const why = `The plan has ${String(children)} parts, more than ${String(mostChildren)}`;
    await count(deps, { ...drawn, why });
    return { kind: "too-many", children, most: mostChildren, plannedMicroUsd };
  }
  const issues = await deps.host.issues.list({ state: "open", limit: mostOpenIssues });
  const { id: plan } = preview.plan;
  if (
    state?.phase === "proposed" &&
    findChildren(issues, { plan, proofOf: proofsOf(deps, drawn.number, state.hash), self: self.id })
      .size > 0
  ) {
    await count(deps, { ...drawn, why: "Its parts are being created" });
    return { kind: "under-way", hash: state.hash };
  }
  const proofOf = proofsOf(deps, drawn.number, hash);
  const duplicates = findDuplicates(preview.plan, issues, { proofOf, self: self.id });
  const text = proposalComment({ preview, duplicates });
  const isWritten = await show(deps, drawn, { preview, text });
  return { kind: "proposed", preview, duplicates, isWritten };
}

/** @throws {SkeinError} SKN-5661, SKN-1662 */
export async function needIssue(deps: DecompositionDeps, number: number): Promise<Issue> {
  const issue = await deps.host.issues.get(number);
  if (issue === null) {
    throw new SkeinError(decompositionErrors.noIssue, {
      message: `There is no issue #${String(number)} in ${deps.host.name}.`,
      facts: { issue: number },
    });
  }
  if (issue.isPullRequest) {
    throw new SkeinError(decompositionErrors.notAnIssue, {
      message: `#${String(number)} is a pull request.`,
      facts: { issue: number },
    });
  }
  return issue;
}

interface Shown {
  readonly preview: Preview;
  readonly text: string;
}

/** @throws {SkeinError} SKN-1661 for a plan that no comment holds: what it cost is counted all the same. */
async function show(
  deps: DecompositionDeps,
  drawn: Drawn,
  { preview, text }: Shown,
): Promise<boolean> {
  const { number, kept, run } = drawn;
  const before = kept.state === null ? null : besides(kept.state, run);
  try {
    const state = fitted(deps, number, proposedState(preview, before));
    const body = withState(deps, number, { text, state });
    return await writeKept(deps, { issue: number, comment: kept.comment, body });
  } catch (error) {
    if (error instanceof SkeinError && error.code === decompositionErrors.tooLarge.code) {
      await count(deps, { ...drawn, why: `The plan is too large for a comment (${error.code})` });
    }
    throw error;
  }
}

/** What earlier plans and pull requests cost stays the issue's. */
function proposedState(preview: Preview, before: PlanState | null): PlanState {
  const { hash, source, base, plan, draft, estimatedMicroUsd, plannedMicroUsd } = preview;
  const { pulls, olderMicroUsd, olderMerged } = before ?? noPulls;
  return {
    phase: preview.isSplit ? "proposed" : "whole",
    hash,
    source,
    base,
    plan,
    draft,
    estimatedMicroUsd,
    plannedMicroUsd: plannedMicroUsd + (before?.plannedMicroUsd ?? 0),
    openRuns: before?.openRuns ?? [],
    ledgerMicroUsd: before?.ledgerMicroUsd ?? 0,
    pulls,
    olderMicroUsd,
    olderMerged,
    approvedBy: null,
    links: "native",
    children: [],
  };
}
