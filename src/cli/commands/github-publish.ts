import { createRemoteGit, keepLedger, publishLedger } from "../../adapters/git/index.ts";
import type { Git, Published } from "../../adapters/git/index.ts";
import type { OpenProject } from "../../compose.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isoTime } from "../../core/base/iso.ts";
import { durationText, ledgerRef, rulesErrors } from "../../core/rules/index.ts";
import type { Publication } from "../../core/rules/index.ts";
import type { Answer, Call } from "../command.ts";
import { ownPublication, repositoryOf } from "../github/publication.ts";
import { withProject } from "../project.ts";
import { counted } from "../counted.ts";

/** How long reading from and writing to the remote may take together. */
const waitMs = 60_000;

/** `skein github publish`: writes who holds what to `refs/skein/ledger` of a remote. */
export async function publish(call: Call): Promise<Answer> {
  return withProject(call, async (project) => {
    const { env } = call.io;
    const git = createRemoteGit({ cwd: project.repository.root, env, totalMs: waitMs });
    const remote = call.options.flag("local") ? null : await remoteOf(call, project, git);
    const repository = await repositoryOf(git, remote ?? project.settings.github.remote);
    const own = await ownPublication(project, { env, repository });
    const published =
      remote === null ? await keepLedger(git, own) : await publishLedger(git, remote, own);
    return answerOf(published, own, remote);
  });
}

/** @throws {SkeinError} SKN-5931 when there is no such remote. */
async function remoteOf(call: Call, { settings }: OpenProject, git: Git): Promise<string> {
  const remote = call.options.text("remote") ?? settings.github.remote;
  const remotes = (await git.text(["remote"])).split("\n").filter((name) => name !== "");
  if (!remotes.includes(remote)) {
    throw new SkeinError(rulesErrors.noRemote, {
      message: `There is no remote ${JSON.stringify(remote.slice(0, 100))}.`,
      facts: { remote, known: remotes },
    });
  }
  return remote;
}

function answerOf(
  { kind, commit, ledger }: Published,
  own: Publication,
  remote: string | null,
): Answer {
  const stands = ledger.publications.find(({ publisher }) => publisher === own.publisher) ?? own;
  const ageMs = own.publishedAtMs - stands.publishedAtMs;
  const place = `${ledgerRef} ${remote === null ? "of this clone" : `on ${remote}`}`;
  const { length: leases } = stands.leases;
  const others = ledger.publications.length - 1;
  const said = `${String(leases)} ${leases === 1 ? "lease" : "leases"}`;
  return {
    data: {
      published: kind === "published",
      remote,
      ref: ledgerRef,
      commit,
      leases,
      tasks: stands.tasks.length,
      omitted: stands.omitted,
      other_publications: others,
      published_at: isoTime(stands.publishedAtMs),
      age_seconds: Math.floor(ageMs / 1_000),
    },
    lines: [
      kind === "published"
        ? `Published ${said} to ${place} (${commit.slice(0, 12)}).`
        : `Nothing changed: ${place} says the same since ${durationText(ageMs)} (${said}).`,
      ...(others > 0 ? [`${String(others)} other clones publish there too.`] : []),
      ...(stands.omitted > 0
        ? [`${counted(stands.omitted, "entry", "entries")} did not fit in.`]
        : []),
    ],
  };
}
