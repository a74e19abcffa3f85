import type { Git } from "../../adapters/git/index.ts";
import type { NeededCommit } from "../../core/guarding/index.ts";
import { guardErrors } from "./errors.ts";
import type { Guarded, Objection } from "./guarded.ts";

/** What HEAD lacks of the work that the session's task builds on: its dependencies, and what landed on its paths. Null when nothing. */
export async function missingBase({ ledger, git, repository }: Guarded): Promise<Objection | null> {
  if (repository.headCommit === null) {
    return null;
  }
  const missing = await lackingIn(git, await ledger.needed());
  return missing.length === 0 ? null : staleBase(missing);
}

async function lackingIn(
  git: Git,
  commits: readonly NeededCommit[],
): Promise<readonly NeededCommit[]> {
  const missing: NeededCommit[] = [];
  for (const needed of commits) {
    // 1 says no; 128 says that this repository does not know the commit, which is nothing to merge here.
    const { exitCode } = await git.run(["merge-base", "--is-ancestor", needed.commit, "HEAD"], {
      okCodes: [0, 1, 128],
    });
    if (exitCode === 1) {
      missing.push(needed);
    }
  }
  return missing;
}

function staleBase(missing: readonly NeededCommit[]): Objection {
  const named = missing.map(({ commit, task }) => `${commit.slice(0, 12)} (${task})`);
  return {
    code: guardErrors.staleBase.code,
    what: `HEAD lacks ${named.join(", ")}, which this task builds on.`,
    next: `git merge ${missing.map(({ commit }) => commit.slice(0, 12)).join(" ")}, then commit again.`,
  };
}
