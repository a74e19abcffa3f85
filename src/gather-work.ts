import { createGit, readDiff } from "./adapters/git/index.ts";
import type { ChangeRequest, Git, Repository } from "./adapters/git/index.ts";
import { serverErrors } from "./adapters/server/index.ts";
import { readBase as readTree } from "./compose-planner.ts";
import type { OpenOptions } from "./compose.ts";
import { SkeinError } from "./core/base/errors.ts";
import { isLockFile } from "./core/base/package-managers.ts";
import { instructionPaths, parseDiff } from "./core/review/index.ts";
import { readBase, targetOf } from "./review-sources.ts";

/** What a server is sent of a worktree, as JSON; `parseSentWork` reads it there. */
export type GatheredWork = Readonly<Record<string, unknown>>;

export interface WorkPlace {
  readonly repository: Repository;
  readonly env: OpenOptions["env"];
}

/** A server takes 4 MB with a call; the rest of them is left to the call itself. */
const largest = 3_500_000;

/**
 * Gathers a change for a review at a server; null: what HEAD adds to the default branch.
 *
 * @throws {SkeinError} SKN-1923 when it is too large to be sent, SKN-595x, SKN-186x as `readChange`.
 */
export async function gatherChange(
  { repository, env }: WorkPlace,
  wanted: ChangeRequest | null,
): Promise<GatheredWork> {
  const git = createGit({ cwd: repository.root, env });
  const { change: request, subject } = await targetOf(git, wanted, repository.branch);
  const { base, head, diff } = await readDiff(git, request);
  const change = { base, head, files: parseDiff(diff) };
  const paths = change.files.map(({ path }) => path);
  const instructions = await readBase(git, change, instructionPaths(paths));
  const lockFiles = await lockFilesOf(git, head);
  return bounded({
    change: { base, head, subject, diff, instructions, lock_files: lockFiles },
  });
}

/** Of a worktree, whose head is no commit, those that git knows. */
async function lockFilesOf(git: Git, head: string | null): Promise<readonly string[]> {
  const listed =
    head === null
      ? await git.text(["ls-files", "-z", "--full-name", "--", ":/"])
      : await git.text(["ls-tree", "-r", "--full-tree", "--name-only", "-z", head]);
  return listed.split("\0").filter((path) => isLockFile(path));
}

/** Gathers the tree that plans are checked against. @throws {SkeinError} SKN-1923 when it is too large to be sent. */
export async function gatherTree(place: WorkPlace): Promise<GatheredWork> {
  const { commit, paths } = await readTree(place, { env: place.env });
  return bounded({ tree: { commit, paths } });
}

/** The commit alone, for an approval, which compares no more. */
export async function gatherCommit(place: WorkPlace): Promise<GatheredWork> {
  const { commit } = await readTree(place, { env: place.env });
  return { tree: { commit, paths: [] } };
}

function bounded(work: GatheredWork): GatheredWork {
  const bytes = Buffer.byteLength(JSON.stringify(work));
  if (bytes > largest) {
    throw new SkeinError(serverErrors.workTooLarge, {
      message: `What the server would have to be sent of the repository has ${String(bytes)} bytes, more than ${String(largest)}.`,
      facts: { bytes, largest },
    });
  }
  return work;
}
