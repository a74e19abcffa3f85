import { SkeinError } from "../../core/base/errors.ts";
import { gitErrors } from "./errors.ts";
import type { Git } from "./git.ts";

/** The two commits of a change, and where a checkout that lacks them gets them. */
export interface HistoryRequest {
  readonly base: string;
  readonly head: string;
  /** Where to fetch from. Default `origin`. */
  readonly remote?: string | undefined;
  /** The pull request that the head belongs to, whose ref GitHub keeps also for forks; null: none. */
  readonly pull: number | null;
  /** How the remote is told who asks; null: as the checkout is set up. */
  readonly access: GitAccess | null;
}

/** A token for one server. It goes to git in its environment, never as an argument or into a file. */
export interface GitAccess {
  /** As `https://github.com`. */
  readonly serverUrl: string;
  readonly token: string;
}

export interface History {
  readonly mergeBase: string;
  /** How often it was fetched. */
  readonly fetches: number;
}

/** So many commits more at each step: a pull request that lags 3 000 commits behind is reached in five. */
const deepenings = [50, 150, 500, 1_500, 5_000];

/**
 * Brings what a change needs into a checkout, shallow or not, without checking anything out: the two commits, and their history as far as
 * they share a commit. Fetches nothing where all is there.
 *
 * @throws {SkeinError} SKN-8952 for what is no object name, SKN-5952 when a commit cannot be had, SKN-5955 when no common commit is reached.
 */
export async function ensureHistory(git: Git, request: HistoryRequest): Promise<History> {
  const { base, head } = request;
  for (const name of [base, head]) {
    if (!/^[0-9a-f]{40}$|^[0-9a-f]{64}$/u.test(name)) {
      throw new SkeinError(gitErrors.badName, {
        message: "A commit is named by its full object name.",
      });
    }
  }
  const fetcher = createFetcher(git, request);
  await fetcher.bring(base, []);
  await fetcher.bring(
    head,
    request.pull === null ? [] : [`refs/pull/${String(request.pull)}/head`],
  );
  let mergeBase = await findMergeBase(git, base, head);
  for (const commits of deepenings) {
    if (mergeBase !== null || !(await isShallow(git))) {
      break;
    }
    await fetcher.deepen(commits);
    mergeBase = await findMergeBase(git, base, head);
  }
  if (mergeBase === null) {
    throw new SkeinError(gitErrors.noMergeBase, { facts: { base, head } });
  }
  return { mergeBase, fetches: fetcher.count() };
}

const fetching = [
  "fetch",
  "--quiet",
  "--no-tags",
  "--no-recurse-submodules",
  "--no-write-fetch-head",
] as const;

interface Fetcher {
  /** Fetches a commit that is not there: by its name, else by one of these refs. */
  bring(commit: string, refs: readonly string[]): Promise<void>;
  deepen(commits: number): Promise<void>;
  count(): number;
}

function createFetcher(git: Git, request: HistoryRequest): Fetcher {
  const { base, head, remote = "origin", access } = request;
  const env = access === null ? {} : envOf(access);
  /** What each commit was had by. */
  const sources = new Map<string, string>();
  let fetches = 0;

  async function fetch(args: readonly string[]): Promise<boolean> {
    fetches += 1;
    const { exitCode } = await git.run([...fetching, ...args], { env, okCodes: [0, 1, 128] });
    return exitCode === 0;
  }

  async function bring(commit: string, refs: readonly string[]): Promise<void> {
    if (await hasCommit(git, commit)) {
      return;
    }
    // A depth would make a whole clone a shallow one.
    const depth = (await isShallow(git)) ? ["--depth=1"] : [];
    for (const source of [commit, ...refs]) {
      const isThere =
        (await fetch([...depth, remote, wantOf(commit, source)])) && (await hasCommit(git, commit));
      if (isThere) {
        sources.set(commit, source);
        return;
      }
    }
    throw new SkeinError(gitErrors.noRevision, {
      message: `The commit ${commit} is not in this checkout, and its remote does not give it.`,
      facts: { commit, remote },
    });
  }

  return {
    bring,
    deepen: async (commits) => {
      const wants = [base, head].map((commit) => wantOf(commit, sources.get(commit) ?? commit));
      const depth = `--deepen=${String(commits)}`;
      // A remote that gives commits by the names of refs only may still have the refs that the clone follows.
      if (!(await fetch([depth, remote, ...wants]))) {
        await fetch([depth, remote]);
      }
    },
    count: () => fetches,
  };
}

/** A ref of ours keeps what was fetched. */
function wantOf(commit: string, source: string): string {
  return `+${source}:refs/skein/fetched/${commit}`;
}

function envOf({ serverUrl, token }: GitAccess): Readonly<Record<string, string>> {
  const credentials = Buffer.from(`x-access-token:${token}`, "utf8").toString("base64");
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${serverUrl}/.extraheader`,
    GIT_CONFIG_VALUE_0: `AUTHORIZATION: basic ${credentials}`,
  };
}

async function hasCommit(git: Git, commit: string): Promise<boolean> {
  const found = await git.run(["cat-file", "-e", `${commit}^{commit}`], { okCodes: [0, 1, 128] });
  return found.exitCode === 0;
}

async function isShallow(git: Git): Promise<boolean> {
  return (await git.text(["rev-parse", "--is-shallow-repository"])) === "true";
}

async function findMergeBase(git: Git, base: string, head: string): Promise<string | null> {
  const { exitCode, stdout } = await git.run(["merge-base", base, head], { okCodes: [0, 1, 128] });
  return exitCode === 0 ? stdout.trim() : null;
}
