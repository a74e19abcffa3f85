import { createRemoteGit, publishLedger } from "../../adapters/git/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { ownPublication, repositoryOf } from "./publication.ts";
import type { PublishedProject } from "./publication.ts";

/** How long a push waits at most for the ledger to be published. */
const waitMs = 5_000;

export interface PushedTo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly remote: string;
  readonly warn: (line: string) => void;
}

/** Publishes the ledger along with a push. It never stops the push: it ends in time, and a failure is one line. */
export async function publishOnPush(
  project: PublishedProject,
  { env, remote, warn }: PushedTo,
): Promise<void> {
  try {
    const git = createRemoteGit({ cwd: project.repository.root, env, totalMs: waitMs });
    const repository = await repositoryOf(git, remote);
    await publishLedger(git, remote, await ownPublication(project, { env, repository }));
  } catch (error) {
    const detail = error instanceof SkeinError ? `${error.code} ${error.message}` : String(error);
    warn(`skein: the ledger was not published; the push goes on. ${detail}`);
  }
}
