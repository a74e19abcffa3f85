import { existsSync } from "node:fs";
import { join } from "node:path";
import { parseNameStatus } from "../../adapters/git/changes.ts";
import { stagedPaths, touchedPaths } from "../../adapters/git/index.ts";
import type { Refusal } from "../../core/leases/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { missingBase } from "./base-commits.ts";
import { decideBranch } from "./branches.ts";
import type { Guarded, Objection } from "./guarded.ts";
import { findPaths, foreignObjection } from "./path-objections.ts";

/** Checks what is about to be committed; free paths are leased by the commit itself. Null when nothing stands against it. */
export async function checkCommit(guarded: Guarded): Promise<Objection | null> {
  const { actor } = guarded;
  const paths = await committedPaths(guarded);
  if (actor.kind === "person") {
    const found = await findPaths(guarded, null, paths);
    return found.foreign.length === 0 ? null : foreignObjection(found, await nowOf(guarded));
  }
  const { session } = actor;
  const byBranch = branchObjection(guarded, session);
  if (byBranch !== null) {
    return byBranch;
  }
  const found = await findPaths(guarded, session, paths);
  if (found.foreign.length > 0) {
    return foreignObjection(found, await nowOf(guarded));
  }
  const lacking = await missingBase(guarded, session);
  if (lacking !== null || found.free.length === 0) {
    return lacking;
  }
  const refused = await leaseFree(guarded, session, found.free);
  return refused.length === 0
    ? null
    : foreignObjection({ ...found, foreign: refused }, await nowOf(guarded));
}

/** As many paths as one lease takes, with room to spare. */
const leaseSize = 200;

/** Leases what a commit changes; gives what somebody else took meanwhile. */
async function leaseFree(
  guarded: Guarded,
  session: Session,
  free: readonly string[],
): Promise<readonly Refusal[]> {
  const caller = callerOf(guarded, session, await handleOf(guarded, session));
  const refused: Refusal[] = [];
  for (let start = 0; start < free.length && refused.length === 0; start += leaseSize) {
    const outcome = await guarded.skein.dispatch.claimFiles({
      caller,
      paths: free.slice(start, start + leaseSize),
      mode: "exclusive",
      durationMs: null,
      reason: "committed it",
      waitMs: 0,
      origin: "edit",
      key: null,
      signal: null,
    });
    refused.push(...outcome.refused);
  }
  return refused;
}

function branchObjection({ repository, settings }: Guarded, { tier }: Session): Objection | null {
  return repository.branch === null
    ? null
    : decideBranch(settings.branches, repository.branch, tier);
}

async function nowOf({ skein }: Guarded): Promise<number> {
  return skein.store.read(async (reader) => reader.nowMs);
}

async function handleOf({ skein }: Guarded, session: Session): Promise<string> {
  return skein.store.write((tx) => skein.sessions.mintHandle(tx, session));
}

/** The session speaks for itself: what it is called and where it works stays as it is. */
function callerOf({ repository }: Guarded, session: Session, handle: string) {
  return {
    handle,
    externalId: session.externalId,
    parentExternalId: null,
    process: null,
    client: session.client,
    gitDir: repository.gitDir,
    branch: repository.branch,
    name: null,
    role: null,
    skills: null,
  };
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
    ["diff", "--cached", "--name-status", "-z", "-M", "--no-ext-diff", "MERGE_HEAD"],
    indexFile === null ? {} : { env: { GIT_INDEX_FILE: indexFile } },
  );
  const fromOther = new Set(touchedPaths(parseNameStatus(stdout)));
  return paths.filter((path) => fromOther.has(path));
}
