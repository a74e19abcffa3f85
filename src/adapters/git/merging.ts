import { SkeinError } from "../../core/base/errors.ts";
import { gitErrors } from "./errors.ts";
import type { Git } from "./git.ts";

/** A merge made in memory: a tree, or the paths that conflict. */
export type MergedTree =
  | { readonly kind: "clean"; readonly tree: string }
  | { readonly kind: "conflict"; readonly files: readonly string[]; readonly detail: string };

/** A commit made in memory; no branch points to it yet. */
export type MergedCommit =
  | { readonly kind: "clean"; readonly commit: string }
  | { readonly kind: "conflict"; readonly files: readonly string[]; readonly detail: string };

export interface MergeRequest {
  /** The commit of the branch as it stands. */
  readonly onto: string;
  readonly commit: string;
  readonly message: string;
}

/** An older git does not know the option. */
const usageError = 129;

const longestDetail = 4_000;

/** Merges two commits' trees over their merge base, without an index or a worktree. */
export async function mergeTrees(git: Git, ours: string, theirs: string): Promise<MergedTree> {
  const { exitCode, stdout } = await git.run(
    ["merge-tree", "--write-tree", "-z", "--name-only", "--messages", ours, theirs],
    { okCodes: [0, 1, usageError] },
  );
  if (exitCode === usageError) {
    throw new SkeinError(gitErrors.gitMissing, {
      message: "This git cannot merge in memory: it is older than 2.38.",
    });
  }
  const fields = stdout.split("\0");
  const tree = fields[0] ?? "";
  if (exitCode === 0) {
    return { kind: "clean", tree };
  }
  const end = fields.indexOf("", 1);
  return {
    kind: "conflict",
    files: [...new Set(fields.slice(1, end))].toSorted(),
    detail: conflictMessages(fields.slice(end + 1)).slice(0, longestDetail),
  };
}

/** After the files come groups: a count, that many paths, the kind of message, the message. */
function conflictMessages(fields: readonly string[]): string {
  const messages: string[] = [];
  let index = 0;
  while (index < fields.length && /^\d+$/u.test(fields[index] ?? "")) {
    index += Number(fields[index]) + 1;
    if ((fields[index] ?? "").startsWith("CONFLICT")) {
      messages.push((fields[index + 1] ?? "").trim());
    }
    index += 2;
  }
  return messages.join("\n");
}

/** Makes a merge commit of the branch and the commit, in this order of parents. */
export async function mergeOnto(git: Git, request: MergeRequest): Promise<MergedCommit> {
  const merged = await mergeTrees(git, request.onto, request.commit);
  if (merged.kind === "conflict") {
    return merged;
  }
  const commit = await git.text(
    ["commit-tree", merged.tree, "-p", request.onto, "-p", request.commit, "-F", "-"],
    { input: `${request.message}\n`, env: await committerOf(git) },
  );
  return { kind: "clean", commit };
}

/**
 * Puts the commits that the branch lacks onto it one by one, keeping authors and messages; commits whose change is there already are
 * left out. A range that holds merge commits is merged instead, because replaying it would ask again for what was resolved in them.
 */
export async function rebaseOnto(git: Git, request: MergeRequest): Promise<MergedCommit> {
  const range = ["--topo-order", "--reverse", request.commit, `^${request.onto}`, "--"];
  const merges = await git.text(["rev-list", "--merges", "--max-count=1", ...range]);
  if (merges !== "") {
    return mergeOnto(git, request);
  }
  const commits = (await git.text(["rev-list", ...range])).split("\n").filter((id) => id !== "");
  const env = await committerOf(git);
  let head = request.onto;
  for (const commit of commits) {
    const picked = await pickOnto(git, { head, commit, env });
    if (picked.kind === "conflict") {
      return picked;
    }
    head = picked.commit;
  }
  return { kind: "clean", commit: head };
}

async function pickOnto(
  git: Git,
  { head, commit, env }: Omit<Pick, "base">,
): Promise<MergedCommit> {
  const parent = await git.text(["rev-parse", "--verify", "--quiet", `${commit}^`], {
    okCodes: [0, 1],
  });
  if (parent === head) {
    return { kind: "clean", commit };
  }
  const merged = await mergeOver(git, { base: parent, head, commit, env });
  if (merged.kind === "conflict") {
    return merged;
  }
  if (merged.tree === (await git.text(["rev-parse", `${head}^{tree}`]))) {
    return { kind: "clean", commit: head };
  }
  const copy = await git.text(["commit-tree", merged.tree, "-p", head, "-F", "-"], {
    input: await git.text(["log", "-1", "--format=%B", commit, "--"]),
    env: { ...env, ...(await authorOf(git, commit)) },
  });
  return { kind: "clean", commit: copy };
}

interface Pick {
  /** The parent of the picked commit; empty when it has none. */
  readonly base: string;
  readonly head: string;
  readonly commit: string;
  readonly env: Readonly<Record<string, string>>;
}

/** `merge-tree --merge-base` is newer than the oldest git we serve: throw-away commits give the same base. */
async function mergeOver(git: Git, { base, head, commit, env }: Pick): Promise<MergedTree> {
  const bare = async (tree: string, parents: readonly string[]): Promise<string> =>
    git.text(["commit-tree", tree, ...parents.flatMap((id) => ["-p", id]), "-m", "base"], {
      env,
    });
  const root = await bare(base === "" ? await git.text(["mktree"]) : `${base}^{tree}`, []);
  return mergeTrees(
    git,
    await bare(`${head}^{tree}`, [root]),
    await bare(`${commit}^{tree}`, [root]),
  );
}

/** The identity that git is configured with; a plain one where there is none, so that a bare machine can integrate. */
async function committerOf(git: Git): Promise<Record<string, string>> {
  const { exitCode } = await git.run(["var", "GIT_COMMITTER_IDENT"], { okCodes: [0, 1, 128] });
  return exitCode === 0
    ? {}
    : {
        GIT_AUTHOR_NAME: "Skein",
        GIT_AUTHOR_EMAIL: "skein@localhost",
        GIT_COMMITTER_NAME: "Skein",
        GIT_COMMITTER_EMAIL: "skein@localhost",
      };
}

async function authorOf(git: Git, commit: string): Promise<Record<string, string>> {
  const format = "--format=%an%x00%ae%x00%ad";
  const text = await git.text(["log", "-1", "--date=raw", format, commit, "--"]);
  const [name = "", email = "", date = ""] = text.split("\0");
  return { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: `@${date}` };
}
