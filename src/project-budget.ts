import { createGit, readCommitted } from "./adapters/git/index.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { issueOfPlan } from "./core/base/issue-plan.ts";
import type { MicroUsd } from "./core/base/ids.ts";
import { usualRetryLimit } from "./core/costs/index.ts";
import type { BudgetScope } from "./core/costs/index.ts";
import { isSameLimit } from "./core/plans/index.ts";
import type { ParallelLimit } from "./core/plans/index.ts";
import { loadSettings, settingsFiles } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** What the ledger takes over from the settings. */
interface Limits {
  /** Null: none. */
  readonly project: MicroUsd | null;
  /** Of each plan. */
  readonly retries: MicroUsd;
  /** Of each issue that was split into tasks; null: none. */
  readonly issue: MicroUsd | null;
  /** Tasks of each plan at once; null: no limit. */
  readonly parallel: ParallelLimit | null;
}

interface Wanted {
  readonly scope: BudgetScope;
  readonly limitMicroUsd: MicroUsd | null;
}

type Budgeted = Pick<OpenProject, "skein" | "settings" | "repository">;

/**
 * Takes over the project's budget, the limit of retries, those of issues that were split and how many tasks of a plan may be in work at once, as
 * `skein.yml` says them on the default branch: what an agent writes in its worktree loosens nothing. Asks git only when the worktree's file or
 * the store gives a reason to.
 *
 * @param committed what the default branch says, where the caller has read it. Default: git is asked.
 */
export async function keepProjectBudget(
  project: Budgeted,
  env: OpenOptions["env"],
  committed?: Settings,
): Promise<void> {
  const { skein, settings } = project;
  const kept = await keptLimits(project);
  if (isKept(kept, limitsIn(committed ?? settings))) {
    return;
  }
  const wanted =
    committed === undefined ? await committedLimits(project, env) : limitsIn(committed);
  for (const { scope, limitMicroUsd } of changesIn(kept.money, wanted)) {
    await skein.store.write((tx) =>
      skein.costs.setBudget(tx, { scope, limitMicroUsd, isHard: true, actor: "system" }),
    );
  }
  if (!isSameLimit(kept.parallel, wanted.parallel)) {
    const limit = wanted.parallel;
    await skein.store.write((tx) => skein.plans.limitParallel(tx, { limit, actor: "system" }));
  }
}

interface Kept {
  readonly money: readonly Wanted[];
  readonly parallel: ParallelLimit | null;
}

function isKept({ money, parallel }: Kept, limits: Limits): boolean {
  return changesIn(money, limits).length === 0 && isSameLimit(parallel, limits.parallel);
}

/** The limits in the ledger; of every issue that a plan is of, too. */
async function keptLimits({ skein }: Budgeted): Promise<Kept> {
  const { store, costs, plans } = skein;
  return store.read(async (reader) => {
    const budgets = new Map(
      (await costs.budgets(reader)).map(({ scope, limitMicroUsd }) => [scope, limitMicroUsd]),
    );
    const issues = (await plans.listPlans(reader)).flatMap(({ id }) => issueOfPlan(id) ?? []);
    const scopes: readonly BudgetScope[] = [
      "project",
      "retries",
      ...issues.map((issue): BudgetScope => `issue:${String(issue)}`),
    ];
    const money = scopes.map((scope) => ({
      scope,
      limitMicroUsd: budgets.get(scope) ?? (scope === "retries" ? usualRetryLimit : null),
    }));
    return { money, parallel: await plans.parallelLimit(reader) };
  });
}

function changesIn(kept: readonly Wanted[], limits: Limits): readonly Wanted[] {
  return kept
    .map(({ scope, limitMicroUsd }) => ({
      scope,
      before: limitMicroUsd,
      limitMicroUsd: scope === "project" || scope === "retries" ? limits[scope] : limits.issue,
    }))
    .filter(({ before, limitMicroUsd }) => before !== limitMicroUsd);
}

async function committedLimits({ repository }: Budgeted, env: OpenOptions["env"]): Promise<Limits> {
  const { root } = repository;
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  if (committed === null) {
    return { project: null, retries: usualRetryLimit, issue: null, parallel: null };
  }
  const { text, file: textFile } = committed;
  const { settings } = await loadSettings({ root, env: {}, text, textFile });
  return limitsIn(settings);
}

function limitsIn({ budgetMicroUsd, budgets, profile }: Settings): Limits {
  return {
    project: budgetMicroUsd,
    retries: budgets.retryMicroUsd,
    issue: budgets.issueMicroUsd,
    parallel:
      profile === null
        ? null
        : { most: profile.parallelSteps, because: `the profile ${profile.name}` },
  };
}
