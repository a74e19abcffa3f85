import { resolve } from "node:path";
import type { Git } from "../../adapters/git/index.ts";

/** What git makes of a file when everything is added. */
export type Standing =
  | "tracked"
  /** A person's own patterns keep it out. */
  | "ignored"
  /** A person's own patterns say that it is to be seen. */
  | "shown"
  /** It is taken in, but for what Skein's own lines say. */
  | "plain"
  /** It belongs to another repository, as a submodule. */
  | "apart";

/** A file by its name from the top of its worktree. */
export interface FileInWorktree {
  readonly root: string;
  readonly name: string;
}

/**
 * Asks git for it, whose patterns stand in files of the repository, of the clone and of the person.
 *
 * @param isSkeins tells of a pattern, by its file and line from 1, that Skein wrote it.
 */
export async function standingOf(
  git: Git,
  { root, name }: FileInWorktree,
  isSkeins: (source: string, line: number) => boolean,
): Promise<Standing> {
  const options = { cwd: root, okCodes: [0, 1, 128] };
  const listed = await git.run(["ls-files", "--error-unmatch", "--", name], {
    ...options,
    env: { GIT_LITERAL_PATHSPECS: "1" },
  });
  if (listed.exitCode !== 1) {
    return listed.exitCode === 0 ? "tracked" : "apart";
  }
  const matched = await git.run(["check-ignore", "--verbose", "-z", "--stdin"], {
    ...options,
    input: `./${name}\0`,
  });
  const [source = "", line = "", pattern = ""] = matched.stdout.split("\0");
  if (matched.exitCode !== 0 || isSkeins(resolve(root, source), Number(line))) {
    return "plain";
  }
  return pattern.startsWith("!") ? "shown" : "ignored";
}
