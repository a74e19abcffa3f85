import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rename, rm } from "node:fs/promises";
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
 * repository's ledger stands in it. Deliveries of one repository may open it at once, in several processes.
 */
export async function openClone(options: CloneOptions): Promise<Clone> {
  const { folder, id, name, serverUrl, env } = options;
  const cwd = join(folder, String(id));
  const url = `${serverUrl}/${name}.git`;
  if (!existsSync(join(cwd, ".git"))) {
    await makeClone(options, { cwd, url });
  }
  const git = createGit({ cwd, env });
  const known = await git.run(["config", "--get", "remote.origin.url"]);
  if (known.stdout.trim() !== url) {
    // The repository has another name now.
    await git.run(["config", "remote.origin.url", url]);
  }
  return { cwd, git };
}

/** Git's own `init` fails when two run in one folder: each is made aside, and the first that is whole takes the place. */
async function makeClone(
  { folder, id, env }: CloneOptions,
  { cwd, url }: { readonly cwd: string; readonly url: string },
): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const aside = await mkdtemp(join(folder, `${String(id)}-new-`));
  try {
    const git = createGit({ cwd: aside, env });
    await git.run(["init", "--quiet", "--template=", "--initial-branch=skein-empty"]);
    await git.run(["config", "remote.origin.url", url]);
    await rename(aside, cwd);
  } catch (error) {
    if (!existsSync(join(cwd, ".git"))) {
      throw error;
    }
  } finally {
    await rm(aside, { recursive: true, force: true });
  }
}
