import { touchedPaths } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import { parseNameStatus, withSubmodules } from "../../adapters/git/changes.ts";
import { readMarks } from "../../core/rules/index.ts";
import type { ClaimMark } from "../../core/rules/index.ts";
import type { GuardedSession, JudgedClaim } from "../../core/guarding/index.ts";
import { decideBranch } from "./branches.ts";
import { guardErrors } from "./errors.ts";
import type { Guarded, Objection } from "./guarded.ts";
import { findPaths, foreignObjection } from "./path-objections.ts";

/** One reference that is pushed, as git writes it on a hook's standard input. */
export interface PushedRef {
  /** Null: the branch is deleted there. */
  readonly localCommit: string | null;
  readonly remoteRef: string;
}

/** Reads the lines of git, from their ends, since what is pushed may be named with spaces, as `:/fix it`; a deleted branch brings no commit, which git writes as zeros. */
export function readPushedRefs(text: string): readonly PushedRef[] {
  return text.split("\n").flatMap((line) => {
    const [commit = "", remoteRef = ""] = line.trim().split(" ").slice(-3);
    const localCommit = /^0+$/u.test(commit) ? null : commit;
    return /^[0-9a-f]{40,64}$/u.test(commit) ? [{ localCommit, remoteRef }] : [];
  });
}

export interface Push {
  /** The remote's name as git gives it, or its address. */
  readonly remote: string;
  readonly refs: readonly PushedRef[];
}

/** Checks what is about to be pushed: its branches, the fences of its commits, and the paths of those without a claim. */
export async function checkPush(guarded: Guarded, push: Push): Promise<Objection | null> {
  const { actor } = guarded;
  const session = actor.kind === "agent" ? actor.session : null;
  for (const { localCommit, remoteRef } of push.refs) {
    const branch = /^refs\/heads\/(.+)$/u.exec(remoteRef)?.[1];
    const byBranch =
      session === null || branch === undefined
        ? null
        : decideBranch(guarded.settings.branches, branch, session.tier);
    const commits =
      byBranch !== null || localCommit === null
        ? []
        : await commitsOf(guarded, localCommit, push.remote);
    const objection = byBranch ?? (await checkCommits(guarded, session, commits));
    if (objection !== null) {
      return objection;
    }
  }
  return null;
}

interface PushedCommit {
  readonly name: string;
  readonly isMerge: boolean;
  /** In whole seconds. */
  readonly committedAtMs: number;
  readonly message: string;
}

/** The most commits that are looked at; a first push of a long history is not an agent's work. */
const commitLimit = 500;

async function commitsOf(
  { git }: Guarded,
  commit: string,
  remote: string,
): Promise<readonly PushedCommit[]> {
  const { stdout } = await git.run([
    "log",
    "-z",
    `--max-count=${String(commitLimit)}`,
    "--format=%H %ct %P%n%B",
    commit,
    "--not",
    `--remotes=${/^[\w./-]+$/u.test(remote) ? remote : "*"}`,
  ]);
  return stdout.split("\0").flatMap((entry) => {
    const [head = "", ...message] = entry.trim().split("\n");
    const [name = "", seconds = "", ...parents] = head.split(" ");
    const committedAtMs = Number(seconds) * 1_000;
    const isMerge = parents.length > 1;
    return name === "" ? [] : [{ name, isMerge, committedAtMs, message: message.join("\n") }];
  });
}

async function checkCommits(
  guarded: Guarded,
  session: GuardedSession | null,
  commits: readonly PushedCommit[],
): Promise<Objection | null> {
  const unmarked: PushedCommit[] = [];
  for (const commit of commits) {
    const standings = await standingsOf(guarded, commit);
    const over = standings.find(({ standing }) => standing === "over");
    // A merge brings the work of others: only what it changes itself is asked about.
    if (over !== undefined && !commit.isMerge) {
      return staleFence(commit, over.mark);
    }
    const isMarked = standings.some(({ standing }) => standing === "good");
    // What was committed before the session began is not its doing: a first push brings the whole history.
    if (!isMarked && commit.committedAtMs + 1_000 >= (session?.joinedAtMs ?? 0)) {
      unmarked.push(commit);
    }
  }
  const found = await findPaths(guarded, await pathsOf(guarded, unmarked));
  if (found.foreign.length === 0) {
    return null;
  }
  return {
    ...foreignObjection(found),
    next: "Ask the holders with send_message before these commits are pushed.",
  };
}

interface StandingOfMark {
  readonly mark: ClaimMark;
  readonly standing: "good" | "over" | "unknown";
}

/**
 * A mark is good in a commit of the session that holds the claim, and in those that were handed in or landed with a submitted attempt.
 * Anywhere else it proves nothing, since anybody can write it into a message: then the paths of the commit are looked at.
 */
async function standingsOf(
  { ledger, git }: Guarded,
  { name, message }: PushedCommit,
): Promise<readonly StandingOfMark[]> {
  const marks = readMarks(message);
  const judged = marks.length === 0 ? [] : await ledger.judge(marks);
  const found: StandingOfMark[] = [];
  for (const [at, mark] of marks.entries()) {
    found.push({ mark, standing: await standingOf(git, name, judged[at]) });
  }
  return found;
}

async function standingOf(
  git: Git,
  name: string,
  judged: JudgedClaim | undefined,
): Promise<StandingOfMark["standing"]> {
  if (judged?.standing !== "submitted") {
    return judged?.standing ?? "unknown";
  }
  return (await isWithin(git, name, judged.commits)) ? "good" : "unknown";
}

/** True when one of these commits is this one, or has it among its ancestors. */
async function isWithin(git: Git, name: string, commits: readonly string[]): Promise<boolean> {
  for (const commit of commits) {
    // 1 says no; 128 says that this repository does not know the commit.
    const args = ["merge-base", "--is-ancestor", name, commit];
    if ((await git.run(args, { okCodes: [0, 1, 128] })).exitCode === 0) {
      return true;
    }
  }
  return false;
}

async function pathsOf(
  { git }: Guarded,
  commits: readonly PushedCommit[],
): Promise<readonly string[]> {
  const paths = new Set<string>();
  for (const { name, isMerge } of commits) {
    for (const path of await (isMerge ? mergedPaths(git, name) : changedPaths(git, name))) {
      paths.add(path);
    }
  }
  return [...paths];
}

/** Both sides of renames. */
async function changedPaths(git: Git, name: string): Promise<readonly string[]> {
  const { stdout } = await git.run([
    "diff-tree",
    "--root",
    "--no-commit-id",
    "--name-status",
    "-r",
    "-z",
    "-M",
    withSubmodules,
    name,
  ]);
  return touchedPaths(parseNameStatus(stdout));
}

/** The paths that differ from all parents of a merge, as before a commit. */
async function mergedPaths(git: Git, name: string): Promise<readonly string[]> {
  const { stdout } = await git.run([
    "diff-tree",
    "--no-commit-id",
    "--name-only",
    "-r",
    "-c",
    "-z",
    withSubmodules,
    name,
  ]);
  return stdout.split("\0").filter((path) => path !== "");
}

function staleFence({ name }: PushedCommit, { task, fence }: ClaimMark): Objection {
  const { code, fix } = guardErrors.staleFence;
  return {
    code,
    what: `Commit ${name.slice(0, 12)} was made for ${task} under fence ${String(fence)}, which is over.`,
    next: fix,
  };
}
