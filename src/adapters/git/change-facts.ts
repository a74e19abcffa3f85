import { parseDiff } from "../../core/review/index.ts";
import type { ChangedFile, DiffLine } from "../../core/review/index.ts";
import { absent, failed, known } from "../../core/rules/index.ts";
import type { ChangeCommit, Fact, SizedFile } from "../../core/rules/index.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { changesDependencies, isLockFile, isManifest } from "../../core/base/package-managers.ts";
import { withSubmodules } from "./changes.ts";
import { gitErrors } from "./errors.ts";
import type { Git } from "./git.ts";
import { parseNumstat } from "./numstat.ts";
import type { Counted } from "./numstat.ts";
import { parseCommitPaths } from "./commit-paths.ts";
import { diffTrees, withScratch } from "./tree-diff.ts";

/** What git knows of a change, as rules look at it. */
export interface ChangeFacts {
  /** Where the change begins: the merge base. */
  readonly mergeBase: string;
  readonly files: Fact<readonly SizedFile[]>;
  readonly commits: Fact<readonly ChangeCommit[]>;
  readonly lockFiles: Fact<readonly string[]>;
  /** The change line by line, for whoever looks for secrets in it; failed when it is too large. */
  readonly diff: Fact<readonly ChangedFile[]>;
}

/** Two commits that are in the repository, by their object names. */
export interface CommitRange {
  readonly base: string;
  readonly head: string;
}

/**
 * Reads what a change does from local objects alone: from the merge base of two commits to the head. Committed attributes do not count, so
 * that a change cannot declare its own files binary or generated.
 *
 * @throws {SkeinError} SKN-5952 for a commit that is not here, SKN-5955 without a merge base.
 */
export async function readChangeFacts(git: Git, range: CommitRange): Promise<ChangeFacts> {
  const base = await commitNamed(git, range.base);
  const head = await commitNamed(git, range.head);
  const mergeBase = await mergeBaseOf(git, { base, head });
  const diff = await readDiff(git, mergeBase, head);
  const counted = await countLines(git, mergeBase, head);
  return {
    mergeBase,
    diff,
    files: sizedFiles(counted, diff),
    commits: await readCommits(git, { base, head }),
    lockFiles: await readLockFiles(git, head),
  };
}

/** The full object name of a commit. @throws {SkeinError} SKN-5952. */
export async function commitNamed(git: Git, revision: string): Promise<string> {
  const args = ["rev-parse", "--verify", "--quiet", "--end-of-options", `${revision}^{commit}`];
  const commit = await git.text(args, { okCodes: [0, 1, 128] });
  if (!/^[0-9a-f]{40,64}$/u.test(commit)) {
    throw new SkeinError(gitErrors.noRevision, {
      message: `There is no commit ${JSON.stringify(revision.slice(0, 200))}.`,
    });
  }
  return commit;
}

async function mergeBaseOf(git: Git, { base, head }: CommitRange): Promise<string> {
  const { exitCode, stdout } = await git.run(["merge-base", base, head], { okCodes: [0, 1] });
  if (exitCode !== 0) {
    throw new SkeinError(gitErrors.noMergeBase);
  }
  return stdout.trim();
}

async function readDiff(
  git: Git,
  base: string,
  head: string,
): Promise<Fact<readonly ChangedFile[]>> {
  try {
    const text = await withScratch((scratch) => diffTrees(git, { base, head, scratch }));
    return known(parseDiff(text));
  } catch (error) {
    if (error instanceof SkeinError) {
      return failed(`The change cannot be read line by line (${error.code}): ${error.message}`);
    }
    throw error;
  }
}

const countArgs = [
  "diff",
  "--raw",
  "--numstat",
  "-z",
  "--abbrev=40",
  "--no-ext-diff",
  "--no-textconv",
  "--no-relative",
  "--find-renames=50%",
  "-l2000",
  "--diff-algorithm=histogram",
  "--ignore-submodules=dirty",
];

/** In an empty folder, where no committed attribute is found; see `diffTrees`. */
async function countLines(git: Git, base: string, head: string): Promise<readonly Counted[]> {
  return withScratch(async (scratch) => {
    const { stdout } = await git.run([...countArgs, base, head, "--"], {
      cwd: scratch,
      env: {
        GIT_DIR: await git.text(["rev-parse", "--absolute-git-dir"]),
        GIT_WORK_TREE: scratch,
        GIT_INDEX_FILE: `${scratch}/no-index`,
      },
    });
    return parseNumstat(stdout);
  });
}

/** Without its lines nobody can tell whether a manifest's dependencies change. */
function sizedFiles(
  counted: readonly Counted[],
  diff: Fact<readonly ChangedFile[]>,
): Fact<readonly SizedFile[]> {
  if (diff.kind !== "known" && counted.some(({ path }) => isManifest(path))) {
    return diff.kind === "failed" ? failed(diff.why) : absent(diff.why);
  }
  const changed = new Map(
    (diff.kind === "known" ? diff.value : []).map((file) => [file.path, file]),
  );
  return known(
    counted.map((file) => ({
      ...file,
      changesDependencies: changesDependencies(file.path, linesOf(changed.get(file.path))),
      firstLine: firstLineOf(changed.get(file.path)),
    })),
  );
}

/** Where lines are only taken out, the one behind them, or else before them. */
function firstLineOf(file: ChangedFile | undefined): number | null {
  const lines = file?.hunks[0]?.lines ?? [];
  const first = lines.findIndex(({ kind }) => kind !== "context");
  const near = lines.slice(first).find(isInHead) ?? lines.findLast(isInHead);
  return near?.newLine ?? null;
}

function isInHead({ newLine }: DiffLine): boolean {
  return newLine !== null;
}

function linesOf(file: ChangedFile | undefined): readonly string[] {
  return (file?.hunks ?? []).flatMap(({ lines }) =>
    lines.filter(({ kind }) => kind !== "context").map(({ text }) => text),
  );
}

/** More commits than these are no change that somebody reads. */
const maxCommits = 1_000;

async function readCommits(
  git: Git,
  { base, head }: CommitRange,
): Promise<Fact<readonly ChangeCommit[]>> {
  const { stdout } = await git.run([
    "log",
    "-z",
    `--max-count=${String(maxCommits + 1)}`,
    "--format=%H %P%n%B",
    "--no-show-signature",
    "--encoding=UTF-8",
    `${base}..${head}`,
    "--",
  ]);
  const entries = stdout.split("\0").filter((entry) => entry !== "");
  if (entries.length > maxCommits) {
    return failed(`It has more than ${String(maxCommits)} commits.`);
  }
  const commits = entries.map((entry) => {
    const [names = "", ...message] = entry.split("\n");
    const [sha = "", ...parents] = names.trim().split(" ");
    return { sha, message: message.join("\n"), isMerge: parents.length > 1 };
  });
  const paths = await pathsOfCommits(
    git,
    commits.map(({ sha }) => sha),
  );
  return known(commits.map((commit) => ({ ...commit, paths: paths.get(commit.sha) ?? [] })));
}

async function pathsOfCommits(
  git: Git,
  commits: readonly string[],
): Promise<ReadonlyMap<string, readonly string[]>> {
  const how = ["-r", "-z", "-M", "-c", "--root", "--raw", "--abbrev=40", withSubmodules];
  const args = ["diff-tree", "--stdin", ...how];
  const { stdout } = await git.run(args, { input: commits.map((name) => `${name}\n`).join("") });
  return parseCommitPaths(stdout);
}

async function readLockFiles(git: Git, head: string): Promise<Fact<readonly string[]>> {
  const listed = await git.text(["ls-tree", "-r", "--full-tree", "--name-only", "-z", head]);
  return known(listed.split("\0").filter(isLockFile));
}
