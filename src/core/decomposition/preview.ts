import type { MicroUsd } from "../base/ids.ts";
import type { Reference } from "../hosting/index.ts";
import type { DraftResult, PlanSource } from "../planner/index.ts";
import { planIdOf } from "../base/issue-plan.ts";
import { childrenOf, keysOf } from "./children-plan.ts";
import type { ChildrenPlan } from "./children-plan.ts";
import { textHash } from "./text-hash.ts";

/** What is read of an issue that is split. Title and body are others' words. */
export interface ParentIssue {
  readonly number: number;
  readonly title: string;
  /** Empty when there is none. */
  readonly body: string;
  readonly isPullRequest: boolean;
}

/** What is read of a draft; it can be written as JSON and handed from one job to another. */
export type ProposedDraft = Pick<DraftResult, "base" | "hash" | "plan" | "preview" | "source"> & {
  readonly drafting: Pick<DraftResult["drafting"], "cost" | "notes">;
};

/** A plan of an issue, before somebody approves it. */
export interface Preview {
  /** What is approved: SHA-256 over the plan, the issue's title and body, and the base commit, in hex. */
  readonly hash: string;
  /** The hash of the draft under which the planner keeps it. */
  readonly draft: string;
  /** SHA-256 of the issue's title and body, in hex. */
  readonly source: string;
  /** Null in a repository without a commit. */
  readonly base: string | null;
  readonly isSplit: boolean;
  readonly plan: ChildrenPlan;
  readonly schedule: DraftResult["preview"]["schedule"];
  readonly collisions: DraftResult["preview"]["collisions"];
  /** What code changed or found odd, in sentences that may quote the source. */
  readonly notes: readonly string[];
  /** What the work is expected to cost; null where no price is known. */
  readonly estimatedMicroUsd: MicroUsd | null;
  /** What planning it cost. */
  readonly plannedMicroUsd: MicroUsd;
}

/** The words of an issue that are planned from. */
export function sourceOf({ title, body }: Pick<ParentIssue, "body" | "title">): PlanSource {
  return { kind: "issue", file: null, text: `# ${title}\n\n${body}` };
}

/** SHA-256 of what an issue says, in hex. */
export function sourceHash(issue: Pick<ParentIssue, "body" | "title">): string {
  return textHash(sourceOf(issue).text);
}

/** Makes what a person looks at, and the hash that they approve, out of an issue and a draft of it. */
export function previewOf(issue: ParentIssue, draft: ProposedDraft, reference: Reference): Preview {
  const { base, preview, drafting } = draft;
  const { schedule, collisions, estimate } = preview;
  // Another job may have made the draft, and could name another issue's plan.
  const plan = childrenOf({ ...draft.plan, id: planIdOf(issue.number) }, estimate.microUsd);
  const keys = keysOf(draft.plan.tasks);
  const source = sourceHash(issue);
  const content = JSON.stringify(["skein issue plan 1", reference, plan, source, base]);
  return {
    hash: textHash(content),
    draft: draft.hash,
    source,
    base,
    isSplit: draft.plan.isSplit && plan.children.length > 1,
    plan,
    schedule: {
      ...schedule,
      criticalPath: schedule.criticalPath.map((id) => keys.get(id) ?? id),
    },
    collisions: collisions.map((each) => ({ ...each, task: keys.get(each.task) ?? each.task })),
    notes: drafting.notes,
    estimatedMicroUsd: estimate.microUsd,
    plannedMicroUsd: drafting.cost.microUsd,
  };
}
