import { dirname, resolve } from "node:path";
import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { editedPaths } from "./edited-paths.ts";
import { hasStore, storeDirOf } from "../../store-place.ts";
import type { HookCall } from "./payload.ts";
import { existingFolder, isPlainlyBelow, realOrSame } from "./project-paths.ts";

/**
 * The coordinated repositories that a call is about: the one around the agent, and for an edit those of the files, wherever the agent
 * stands.
 */
export function touchedRepositories(
  call: HookCall,
  { cwd: hookCwd, env }: Standing,
): readonly Repository[] {
  const cwd = call.cwd ?? hookCwd;
  const around = locateRepository(cwd);
  const edited =
    call.event === "pre-edit"
      ? [...above(around, env), ...ofFiles(editedPaths(call), cwd, around)]
      : [];
  return coordinated([around, ...edited], env);
}

/** Where a hook runs. */
export interface Standing {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A repository that nobody coordinates may be a `.git` that an agent planted in a folder of one that somebody does. */
function above(repository: Repository | null, env: Standing["env"]): readonly Repository[] {
  if (repository === null || hasStore(repository, env)) {
    return [];
  }
  const outer = locateRepository(dirname(repository.root));
  return outer === null ? [] : [outer, ...above(outer, env)];
}

/** The repositories of files that do not lie plainly in the one around the agent. */
function ofFiles(
  paths: readonly string[],
  cwd: string,
  around: Repository | null,
): readonly (Repository | null)[] {
  const folders = paths.flatMap((path) => {
    const absolute = resolve(cwd, path);
    return [absolute, realOrSame(absolute)].map((at) => realOrSame(existingFolder(at)));
  });
  return [...new Set(folders)]
    .filter((folder) => around === null || !isPlainlyBelow(around.root, folder))
    .map((folder) => locateRepository(folder));
}

/** The repositories in which somebody set Skein up, each once. */
function coordinated(
  repositories: readonly (Repository | null)[],
  env: Standing["env"],
): readonly Repository[] {
  const found = new Map<string, Repository>();
  for (const repository of repositories) {
    if (repository !== null && hasStore(repository, env)) {
      const dir = storeDirOf(repository);
      found.set(dir, found.get(dir) ?? repository);
    }
  }
  return [...found.values()];
}
