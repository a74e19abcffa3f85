import { SkeinError } from "../../base/errors.ts";
import { hostingErrors, unsupported } from "../../hosting/index.ts";
import type { Issue, NewIssue } from "../../hosting/index.ts";
import { childBody, childLabel, childLabels, childTitle } from "../child.ts";
import type { ChildrenPlan, PlannedChild } from "../children-plan.ts";
import { progressComment } from "../comment.ts";
import type { DecompositionDeps } from "../deps.ts";
import { findChildren, stepsFor } from "../diff.ts";
import type { CreateStep } from "../diff.ts";
import { withState, writeKept } from "../keeping.ts";
import type { Kept } from "../keeping.ts";
import { proofsOf } from "../proof.ts";
import type { ChildState, PlanState } from "../state.ts";
import { taskPlan } from "../sync/task-plan.ts";
import { withWork } from "../sync/with-work.ts";

export interface Creation {
  readonly issue: number;
  readonly kept: Kept;
  readonly state: PlanState;
  readonly plan: ChildrenPlan;
  /** Children that an earlier run made, by key. */
  readonly found: ReadonlyMap<string, Issue>;
  readonly approvedBy: string | null;
}

export interface CreatedChild {
  readonly key: string;
  readonly number: number;
  readonly isLinked: boolean;
}

/** What has come about so far. */
interface Progress {
  readonly children: Map<string, Issue>;
  readonly linked: Set<number>;
  /** Kinds of calls that the host does not know. */
  readonly lacking: Set<CreateStep["kind"]>;
}

/**
 * Makes what is missing of the children, and last says so in the comment. Whatever fails, what was made is found again by its hidden lines,
 * so that the next run goes on from there.
 */
export async function create(
  deps: DecompositionDeps,
  creation: Creation,
): Promise<readonly CreatedChild[]> {
  const progress = await lookAround(deps, creation);
  for (const step of stepsFor(creation.plan, progress)) {
    if (!progress.lacking.has(step.kind)) {
      await take(deps, { creation, progress, step });
    }
  }
  const children = childStates(creation.plan, progress);
  await conclude(deps, creation, { progress, children });
  return children.map(({ key, number, isLinked }) => ({ key, number, isLinked }));
}

/** A first run has nothing to look for; a later one finds also what was closed or linked meanwhile. */
async function lookAround(
  deps: DecompositionDeps,
  { issue, kept, state, plan, found }: Creation,
): Promise<Progress> {
  const lacking = new Set<CreateStep["kind"]>();
  if (found.size === 0) {
    return { children: new Map(), linked: new Set(), lacking };
  }
  const { host } = deps;
  const all = await host.issues.list({ state: "all", labels: [childLabel], limit: 300 });
  const proofOf = proofsOf(deps, issue, state.hash);
  const ours = { plan: plan.id, proofOf, self: kept.self.id };
  const children = new Map([...found, ...findChildren(all, ours)]);
  const below = await host.issues.children(issue);
  if (below === unsupported) {
    lacking.add("link");
  }
  const linked = below === unsupported ? [] : below.map(({ id }) => id);
  return { children, linked: new Set(linked), lacking };
}

interface Taking {
  readonly creation: Creation;
  readonly progress: Progress;
  readonly step: CreateStep;
}

async function take(deps: DecompositionDeps, { creation, progress, step }: Taking): Promise<void> {
  const { host } = deps;
  const { children, linked, lacking } = progress;
  const { issue, plan } = creation;
  const child = children.get(step.key);
  if (step.kind === "create") {
    const planned = plan.children.find(({ key }) => key === step.key);
    if (planned !== undefined) {
      children.set(
        step.key,
        await host.issues.create(newChild(deps, creation, { planned, children })),
      );
    }
    return;
  }
  const by = step.kind === "block" ? children.get(step.by) : undefined;
  if (child === undefined || (step.kind === "block" && by === undefined)) {
    return;
  }
  const result = await unlessRefused(async () =>
    by === undefined
      ? host.issues.addChild(issue, child.id)
      : host.issues.addBlocker(child.number, by.id),
  );
  if (result === unsupported) {
    lacking.add(step.kind);
  } else if (result === "added" && step.kind === "link") {
    linked.add(child.id);
  }
}

function newChild(
  deps: DecompositionDeps,
  { issue, state }: Creation,
  {
    planned: child,
    children,
  }: { readonly planned: PlannedChild; readonly children: ReadonlyMap<string, Issue> },
): NewIssue {
  const proof = proofsOf(deps, issue, state.hash)(child.key);
  const blockers = child.dependsOn.flatMap((key) => children.get(key)?.number ?? []);
  const body = childBody({ parent: issue, proof, child, blockers, result: null });
  return { title: childTitle(child), body, labels: childLabels(child) };
}

/** A place that the host refuses (a limit, another parent) is shown in the comment alone; it would be refused for ever. */
async function unlessRefused<T>(call: () => Promise<T>): Promise<T | "refused"> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof SkeinError && error.code === hostingErrors.rejected.code) {
      return "refused";
    }
    throw error;
  }
}

function childStates(plan: ChildrenPlan, { children, linked }: Progress): readonly ChildState[] {
  return plan.children.flatMap(({ key }) => {
    const issue = children.get(key);
    return issue === undefined
      ? []
      : [
          {
            key,
            number: issue.number,
            id: issue.id,
            round: 1,
            settled: "open" as const,
            closer: null,
            isLinked: linked.has(issue.id),
            work: null,
            spentMicroUsd: 0,
            commit: null,
          },
        ];
  });
}

async function conclude(
  deps: DecompositionDeps,
  { issue, kept, state, plan, approvedBy }: Creation,
  made: { readonly progress: Progress; readonly children: readonly ChildState[] },
): Promise<void> {
  const { progress } = made;
  const { work } = deps;
  if (work !== null) {
    await work.take(taskPlan(plan, made.children, progress.children), false);
  }
  const worked = (await work?.read(plan.id)) ?? null;
  const children = made.children.map((child) => withWork(child, worked));
  const next: PlanState = {
    ...state,
    ledgerMicroUsd: Math.max(state.ledgerMicroUsd, worked?.issueMicroUsd ?? 0),
    phase: "created",
    approvedBy,
    links: progress.lacking.has("link") ? "list" : "native",
    children,
  };
  const shown = children.map((child) => ({
    child,
    title: progress.children.get(child.key)?.title ?? child.key,
  }));
  const body = withState(deps, issue, {
    text: progressComment(next, shown, deps.issueLimit),
    state: next,
  });
  await writeKept(deps, { issue, comment: kept.comment, body });
}
