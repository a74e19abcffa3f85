import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseNameStatus, withSubmodules } from "../../adapters/git/changes.ts";
import { stagedPaths, touchedPaths } from "../../adapters/git/index.ts";
import type { GuardedSession } from "../../core/guarding/index.ts";
import { missingBase } from "./base-commits.ts";
import { decideBranch } from "./branches.ts";
import type { Guarded, Objection } from "./guarded.ts";
import { findPaths, foreignObjection } from "./path-objections.ts";

/** Checks what is about to be committed; free paths are leased by the commit itself. Null when nothing stands against it. */
export async function checkCommit(guarded: Guarded): Promise<Objection | null> {
  const { actor } = guarded;
  const paths = await committedPaths(guarded);
  if (actor.kind === "person") {
    const found = await findPaths(guarded, paths);
    return found.foreign.length === 0 ? null : foreignObjection(found);
  }
  const byBranch = branchObjection(guarded, actor.session);
  if (byBranch !== null) {
    return byBranch;
  }
  const found = await findPaths(guarded, paths);
  if (found.foreign.length > 0) {
    return foreignObjection(found);
  }
  const lacking = await missingBase(guarded);
  if (lacking !== null || found.free.length === 0) {
    return lacking;
  }
  const refused = await guarded.ledger.lease(found.free);
  return refused.length === 0 ? null : foreignObjection({ ...found, foreign: refused });
}

function branchObjection(
  { repository, settings }: Guarded,
  { tier }: GuardedSession,
): Objection | null {
  return repository.branch === null
    ? null
    : decideBranch(settings.branches, repository.branch, tier);
}

/**
 * The paths that the commit itself changes, both sides of renames. Of a merge, those that differ from both parents: what either side
 * brought was checked when it was committed there.
 */
async function committedPaths({ git, indexFile, repository }: Guarded): Promise<readonly string[]> {
  const paths = touchedPaths(await stagedPaths(git, indexFile));
  if (!existsSync(join(repository.gitDir, "MERGE_HEAD"))) {
    return paths;
  }
  const { stdout } = await git.run(
    [
      "diff",
      "--cached",
      "--name-status",
      "-z",
      "-M",
      "--no-ext-diff",
      withSubmodules,
      "MERGE_HEAD",
    ],
    indexFile === null ? {} : { env: { GIT_INDEX_FILE: indexFile } },
  );
  const fromOther = new Set(touchedPaths(parseNameStatus(stdout)));
  return paths.filter((path) => fromOther.has(path));
}
