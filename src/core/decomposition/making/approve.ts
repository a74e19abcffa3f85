import { isAtLeast } from "../../hosting/index.ts";
import type { Issue, User } from "../../hosting/index.ts";
import { findDuplicates } from "../alike.ts";
import type { Duplicate } from "../alike.ts";
import type { DecompositionDeps } from "../deps.ts";
import { findChildren } from "../diff.ts";
import { planOf, readKept } from "../keeping.ts";
import type { Kept } from "../keeping.ts";
import { sourceHash } from "../preview.ts";
import type { ParentIssue } from "../preview.ts";
import { proofsOf } from "../proof.ts";
import type { PlanState } from "../state.ts";
import { create } from "./create.ts";
import type { CreatedChild } from "./create.ts";
import { mostOpenIssues, needIssue } from "./propose.ts";

export interface ApproveIssueRequest {
  readonly issue: number;
  /** As the preview showed it: at least 32 digits. */
  readonly hash: string;
  /** Who the host says it is. */
  readonly by: User;
  /** The issue as the event brought it, which saves a call. Default: it is read. */
  readonly known?: ParentIssue | undefined;
}

export type ApproveOutcome =
  | {
      readonly kind: "created";
      readonly children: readonly CreatedChild[];
      /** True when an earlier run had begun it. */
      readonly isResumed: boolean;
    }
  | { readonly kind: "already"; readonly children: readonly number[] }
  | { readonly kind: "not-allowed" }
  | { readonly kind: "nothing-proposed" }
  | { readonly kind: "do-not-split" }
  /** What is not as it was when the plan was shown. `plan`: the hash is of another plan, or is none. */
  | { readonly kind: "hash-mismatch"; readonly changed: readonly ("base" | "issue" | "plan")[] }
  /** Open issues that are the same work; nothing was created. */
  | { readonly kind: "duplicates"; readonly duplicates: readonly Duplicate[] };

/** Too few digits could be met by trying. */
const fewestDigits = 32;

/** Creates the children of a plan, for somebody with write access who names its hash. */
export async function approve(
  deps: DecompositionDeps,
  request: ApproveIssueRequest,
): Promise<ApproveOutcome> {
  const { issue, by } = request;
  const isAllowed =
    by.kind === "person" && isAtLeast(await deps.host.permissionOf(by.login), "write");
  if (!isAllowed) {
    return { kind: "not-allowed" };
  }
  const kept = await readKept(deps, issue);
  const { state } = kept;
  if (state === null) {
    return { kind: "nothing-proposed" };
  }
  if (!isHashOf(request.hash, state)) {
    return { kind: "hash-mismatch", changed: ["plan"] };
  }
  switch (state.phase) {
    case "whole":
      return { kind: "do-not-split" };
    case "created":
      return { kind: "already", children: state.children.map(({ number }) => number) };
    case "proposed":
      return createApproved(deps, request, { kept, state });
  }
}

function isHashOf(text: string, { hash }: PlanState): boolean {
  const digits = text.toLowerCase();
  return digits.length >= fewestDigits && /^[0-9a-f]+$/u.test(digits) && hash.startsWith(digits);
}

async function createApproved(
  deps: DecompositionDeps,
  { issue, by, known }: ApproveIssueRequest,
  { kept, state }: { readonly kept: Kept; readonly state: PlanState },
): Promise<ApproveOutcome> {
  const plan = await planOf(deps, state);
  const issues = await deps.host.issues.list({ state: "open", limit: mostOpenIssues });
  const self = kept.self.id;
  const proofOf = proofsOf(deps, issue, state.hash);
  const found = findChildren(issues, { plan: plan.id, proofOf, self });
  // What was begun is completed as it was approved, whatever has changed since.
  if (found.size === 0) {
    const parent = known ?? (await parentIn(deps, issue, issues));
    const changed = await changesOf(deps, parent, state);
    if (changed.length > 0) {
      return { kind: "hash-mismatch", changed };
    }
    const duplicates = findDuplicates(plan, issues, { proofOf, self });
    const sure = duplicates.filter(({ isSure }) => isSure);
    if (sure.length > 0) {
      return { kind: "duplicates", duplicates: sure };
    }
  }
  const children = await create(deps, { issue, kept, state, plan, found, approvedBy: by.login });
  return { kind: "created", children, isResumed: found.size > 0 };
}

async function parentIn(
  deps: DecompositionDeps,
  number: number,
  issues: readonly Issue[],
): Promise<ParentIssue> {
  return issues.find((issue) => issue.number === number) ?? needIssue(deps, number);
}

async function changesOf(
  { readBase }: DecompositionDeps,
  parent: ParentIssue,
  { source, base }: PlanState,
): Promise<readonly ("base" | "issue")[]> {
  const isIssueSame = sourceHash(parent) === source;
  const isBaseSame = (await readBase()) === base;
  return [...(isIssueSame ? [] : ["issue" as const]), ...(isBaseSame ? [] : ["base" as const])];
}
