import { createGit, readCommitted } from "./adapters/git/index.ts";
import type { OpenOptions, OpenProject } from "./compose.ts";
import { loadSettings, settingsFiles } from "./settings.ts";

/**
 * Takes over the project's budget as `skein.yml` says it on the default branch: what an agent writes in its worktree loosens nothing. Asks
 * git only when the worktree's file or the ledger gives a reason to.
 */
export async function keepProjectBudget(
  { skein, repository, settings }: OpenProject,
  env: OpenOptions["env"],
): Promise<void> {
  const kept = await skein.store.read((reader) => skein.costs.budget(reader, "project"));
  const keptLimit = kept?.limitMicroUsd ?? null;
  if (keptLimit === settings.budgetMicroUsd) {
    return;
  }
  const { root } = repository;
  const committed = await readCommitted(createGit({ cwd: root, env }), settingsFiles);
  const limitMicroUsd =
    committed === null
      ? null
      : (await loadSettings({ root, env: {}, text: committed.text })).settings.budgetMicroUsd;
  if (limitMicroUsd !== keptLimit) {
    await skein.store.write((tx) =>
      skein.costs.setBudget(tx, {
        scope: "project",
        limitMicroUsd,
        isHard: true,
        actor: "system",
      }),
    );
  }
}
