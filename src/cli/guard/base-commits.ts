import type { Git } from "../../adapters/git/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { guardErrors } from "./errors.ts";
import type { Guarded, Objection } from "./guarded.ts";

/** What HEAD lacks of the work that the session's task builds on: its dependencies, and what landed on its paths. Null when nothing. */
export async function missingBase(
  { skein, git, repository }: Guarded,
  session: Session,
): Promise<Objection | null> {
  if (repository.headCommit === null) {
    return null;
  }
  const commits = await skein.store.read(async (reader) => {
    const needed = new Map<string, string>();
    for (const task of await skein.plans.tasksHeldBy(reader, session.id)) {
      for (const id of task.dependsOn) {
        const before = await skein.plans.find(reader, { plan: task.plan, id });
        const commit = before?.integratedCommit ?? before?.commit ?? null;
        if (commit !== null) {
          needed.set(commit, `${task.plan}/${id}`);
        }
      }
    }
    const leases = await skein.leases.list(reader, { session: session.id });
    const patterns = leases
      .filter(({ origin }) => origin === "claim")
      .flatMap((lease) => lease.patterns);
    for (const landed of await skein.leases.landedCommits(reader, patterns)) {
      needed.set(landed.commit, `${landed.plan}/${landed.task}`);
    }
    return needed;
  });
  const missing = await lackingIn(git, commits);
  return missing.length === 0 ? null : staleBase(missing);
}

type Needed = readonly [commit: string, task: string];

async function lackingIn(
  git: Git,
  commits: ReadonlyMap<string, string>,
): Promise<readonly Needed[]> {
  const missing: Needed[] = [];
  for (const [commit, task] of commits) {
    // 1 says no; 128 says that this repository does not know the commit, which is nothing to merge here.
    const { exitCode } = await git.run(["merge-base", "--is-ancestor", commit, "HEAD"], {
      okCodes: [0, 1, 128],
    });
    if (exitCode === 1) {
      missing.push([commit, task]);
    }
  }
  return missing;
}

function staleBase(missing: readonly Needed[]): Objection {
  const named = missing.map(([commit, task]) => `${commit.slice(0, 12)} (${task})`);
  return {
    code: guardErrors.staleBase.code,
    what: `HEAD lacks ${named.join(", ")}, which this task builds on.`,
    next: `git merge ${missing.map(([commit]) => commit.slice(0, 12)).join(" ")}, then commit again.`,
  };
}
