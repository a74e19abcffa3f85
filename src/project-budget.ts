import { createGit, readCommitted } from "./adapters/git/index.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { issueOfPlan } from "./core/base/issue-plan.ts";
import type { MicroUsd } from "./core/base/ids.ts";
import { usualRetryLimit } from "./core/costs/index.ts";
import type { BudgetScope } from "./core/costs/index.ts";
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
}

interface Wanted {
  readonly scope: BudgetScope;
  readonly limitMicroUsd: MicroUsd | null;
}

/**
 * Takes over the project's budget, the limit of retries and those of issues that were split as `skein.yml` says them on the default branch:
 * what an agent writes in its worktree loosens nothing. Asks git only when the worktree's file or the ledger gives a reason to.
 *
 * @param committed what the default branch says, where the caller has read it. Default: git is asked.
 */
export async function keepProjectBudget(
  project: OpenProject,
  env: OpenOptions["env"],
  committed?: Settings,
): Promise<void> {
  const { skein, settings } = project;
  const kept = await keptLimits(project);
  if (changesIn(kept, limitsIn(committed ?? settings)).length === 0) {
    return;
  }
  const wanted =
    committed === undefined ? await committedLimits(project, env) : limitsIn(committed);
  for (const { scope, limitMicroUsd } of changesIn(kept, wanted)) {
    await skein.store.write((tx) =>
      skein.costs.setBudget(tx, { scope, limitMicroUsd, isHard: true, actor: "system" }),
    );
  }
}

/** The limits in the ledger; of every issue that a plan is of, too. */
async function keptLimits({ skein }: OpenProject): Promise<readonly Wanted[]> {
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
    return scopes.map((scope) => ({
      scope,
      limitMicroUsd: budgets.get(scope) ?? (scope === "retries" ? usualRetryLimit : null),
    }));
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

async function committedLimits(
  { repository }: OpenProject,
  env: OpenOptions["env"],
): Promise<Limits> {
  const { root } = repository;
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  if (committed === null) {
    return { project: null, retries: usualRetryLimit, issue: null };
  }
  const { settings } = await loadSettings({ root, env: {}, text: committed.text });
  return limitsIn(settings);
}

function limitsIn({ budgetMicroUsd, budgets }: Settings): Limits {
  return {
    project: budgetMicroUsd,
    retries: budgets.retryMicroUsd,
    issue: budgets.issueMicroUsd,
  };
}
