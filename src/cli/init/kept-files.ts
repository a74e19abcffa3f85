import { existsSync } from "node:fs";
import { join, relative } from "node:path";
import type { Git } from "../../adapters/git/index.ts";
import type { AgentName } from "./agents.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { isChange } from "./file-change.ts";
import type { FileChange } from "./file-change.ts";
import { projectBin } from "./launch.ts";
import type { Launch } from "./launch.ts";
import { mainWorktreeOf } from "./main-worktree.ts";
import { outlooks } from "./plan-changes.ts";

/** Files of agent programs that are everybody's: committed, and without a path of one machine. */
export interface KeptFiles {
  readonly paths: ReadonlySet<string>;
  /** How they start Skein; null where there are none. */
  readonly launch: Launch | null;
}

export const noneKept: KeptFiles = { paths: new Set(), launch: null };

/** Finds them: `init` in another clone or worktree leaves them as they are, or its paths would be in the next commit. */
export async function findKeptFiles(
  git: Git,
  root: string,
  names: readonly AgentName[],
): Promise<KeptFiles> {
  for (const launch of portableLaunches(root)) {
    // What cannot be merged is nobody's to keep; whoever goes on to write says why.
    const portable = names
      .flatMap((name) => outlooks(root, name, launch))
      .filter(({ before, found }) => before !== null && isAsWished(found))
      .map(({ path }) => path);
    const committed = await committedOf(git, root, portable);
    if (committed.length > 0) {
      return { paths: new Set(committed), launch };
    }
  }
  return noneKept;
}

function isAsWished(found: FileChange | SkeinError): boolean {
  return !(found instanceof SkeinError) && !isChange(found);
}

/** Where the repository's own Skein is not installed, as in a new worktree, a command that names it would start nothing. */
function portableLaunches(root: string): readonly Launch[] {
  const isInstalled = existsSync(join(root, projectBin));
  return isInstalled ? [{ kind: "project" }, { kind: "npx" }] : [{ kind: "npx" }];
}

async function committedOf(
  git: Git,
  root: string,
  paths: readonly string[],
): Promise<readonly string[]> {
  if (paths.length === 0) {
    return [];
  }
  const names = paths.map((path) => nameOf(root, path));
  const { stdout } = await git.run(["ls-files", "-z", "--", ...names], { okCodes: [0] });
  const committed = new Set(stdout.split("\0"));
  return paths.filter((path) => committed.has(nameOf(root, path)));
}

/** As git names it; a file that is read from the main worktree has the same name there. */
function nameOf(root: string, path: string): string {
  const own = relative(root, path);
  const name = own.startsWith("..") ? relative(mainWorktreeOf(root), path) : own;
  return name.replaceAll("\\", "/");
}
