import { createGit, readCommitted } from "./adapters/git/index.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import type { MicroUsd } from "./core/base/ids.ts";
import { usualRetryLimit } from "./core/costs/index.ts";
import { loadSettings, settingsFiles } from "./settings.ts";
import type { Settings } from "./settings.ts";

/** What the ledger takes over from the settings. */
interface Limits {
  /** Null: none. */
  readonly project: MicroUsd | null;
  /** Of each plan. */
  readonly retries: MicroUsd;
}

type Budgeted = Pick<OpenProject, "skein" | "settings" | "repository">;

/**
 * Takes over the project's budget and the limit of retries as `skein.yml` says them on the default branch: what an agent writes in its
 * worktree loosens nothing. Asks git only when the worktree's file or the ledger gives a reason to.
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
  const { budgetMicroUsd, budgets } = committed ?? settings;
  if (kept.project === budgetMicroUsd && kept.retries === budgets.retryMicroUsd) {
    return;
  }
  const wanted =
    committed === undefined ? await committedLimits(project, env) : limitsIn(committed);
  for (const scope of ["project", "retries"] as const) {
    if (wanted[scope] !== kept[scope]) {
      await skein.store.write((tx) =>
        skein.costs.setBudget(tx, {
          scope,
          limitMicroUsd: wanted[scope],
          isHard: true,
          actor: "system",
        }),
      );
    }
  }
}

async function keptLimits({ skein }: Budgeted): Promise<Limits> {
  const { store, costs } = skein;
  return store.read(async (reader) => ({
    project: (await costs.budget(reader, "project"))?.limitMicroUsd ?? null,
    retries: (await costs.budget(reader, "retries"))?.limitMicroUsd ?? usualRetryLimit,
  }));
}

async function committedLimits({ repository }: Budgeted, env: OpenOptions["env"]): Promise<Limits> {
  const { root } = repository;
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  if (committed === null) {
    return { project: null, retries: usualRetryLimit };
  }
  const { settings } = await loadSettings({ root, env: {}, text: committed.text });
  return limitsIn(settings);
}

function limitsIn({ budgetMicroUsd, budgets }: Settings): Limits {
  return { project: budgetMicroUsd, retries: budgets.retryMicroUsd };
}
