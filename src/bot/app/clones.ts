import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { createGit } from "../../adapters/git/index.ts";
import type { Git } from "../../adapters/git/index.ts";
import type { RepositoryName } from "../../core/hosting/index.ts";
import type { BotEnv } from "../context.ts";

/** A clone of the App's own, in which nothing is ever checked out. */
export interface Clone {
  readonly cwd: string;
  readonly git: Git;
}

export interface CloneOptions {
  /** Holds a folder for each repository, by its id: names are given away. */
  readonly folder: string;
  readonly id: number;
  readonly name: RepositoryName;
  /** Without a slash at its end. */
  readonly serverUrl: string;
  readonly env: BotEnv;
}

/**
 * Opens the clone of a repository, and makes an empty one the first time: each run fetches the commits that it needs, with its own token. The
 * repository's ledger stands in it.
 */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const { folder, id, name, serverUrl, env } = options;
  const cwd = join(folder, String(id));
  await mkdir(cwd, { recursive: true, mode: 0o700 });
  const git = createGit({ cwd, env });
  await git.run(["init", "--quiet", "--template=", "--initial-branch=skein-empty"]);
  await git.run(["config", "remote.origin.url", `${serverUrl}/${name}.git`]);
  return { cwd, git };
}
