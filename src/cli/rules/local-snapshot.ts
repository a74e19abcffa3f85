import { readChangeFacts, readLedgerRef } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { secretsIn } from "../../adapters/secrets/index.ts";
import { hasStore, needRepository, openProject } from "../../compose.ts";
import type { OpenProject } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { absent, known, liveTimeOf, rulesErrors } from "../../core/rules/index.ts";
import type { Fact, Ledger, Publication, Snapshot } from "../../core/rules/index.ts";
import type { CliIo } from "../io.ts";
import { livePublication } from "../github/publication.ts";
import { callerOf, personCaller } from "../project.ts";
import type { NamedRange } from "./range.ts";

export interface LocalSnapshotRequest {
  readonly io: Pick<CliIo, "cwd" | "env">;
  readonly range: NamedRange;
  /** True: by the ledger that was published, also where this clone has a store. */
  readonly isPublished: boolean;
  readonly nowMs: number;
}

/** What rules look at, as far as git and this clone's store know it; nothing is asked of anybody else. */
export async function readLocalSnapshot(
  git: Git,
  { io, range, isPublished, nowMs }: LocalSnapshotRequest,
): Promise<Snapshot> {
  const facts = await readChangeFacts(git, { base: range.base.sha, head: range.head.sha });
  const { files, commits, lockFiles, diff } = facts;
  const ledger = await ledgerOf(git, io, isPublished);
  return {
    ...range,
    files,
    commits,
    lockFiles,
    ledger,
    secrets: await secretsIn(diff, io.env),
    author: onGithub("Who opens the pull request"),
    text: onGithub("The pull request's title and text"),
    labels: onGithub("Labels"),
    approvals: onGithub("Approvals"),
    nowMs: liveTimeOf(ledger) ?? nowMs,
  };
}

function onGithub<T>(what: string): Fact<T> {
  const verb = what.endsWith("s") ? "are" : "is";
  return absent(`${what} ${verb} known on GitHub only.`);
}

async function ledgerOf(
  git: Git,
  { cwd, env }: LocalSnapshotRequest["io"],
  isPublished: boolean,
): Promise<Fact<Ledger>> {
  const project =
    isPublished || !hasStore(needRepository(cwd), env) ? null : await openProject({ cwd, env });
  if (project !== null) {
    try {
      return known({ source: "live", publications: [await foreignTo(project, env)] });
    } finally {
      await project.skein.close();
    }
  }
  const ledger = await readLedgerRef(git);
  if (ledger === null && isPublished) {
    throw new SkeinError(rulesErrors.noLedger);
  }
  return ledger === null
    ? absent("No store and no published ledger is known in this clone.")
    : known(ledger);
}

/** What the store says, without what the caller holds, or those for whom or with whom it works: as `skein lease check` sees it. */
async function foreignTo(project: OpenProject, env: CliIo["env"]): Promise<Publication> {
  const { skein } = project;
  const publication = await livePublication(project, null);
  const session = await skein.dispatch.find(callerOf({ env }) ?? personCaller(project, {}));
  if (session === null) {
    return publication;
  }
  const holders = await skein.store.read((reader) => skein.sessions.renewals(reader, [session.id]));
  const team = new Set<string>([session.id, ...(holders.get(session.id)?.ancestors ?? [])]);
  const leases = publication.leases.filter(
    (lease) => !team.has(lease.session) && !lease.ancestors.includes(session.id),
  );
  return { ...publication, leases };
}
