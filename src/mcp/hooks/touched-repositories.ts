import { dirname, resolve } from "node:path";
import { locateRepository } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { editedPaths } from "./edited-paths.ts";
import { databaseIn } from "./open-ledger.ts";
import type { HookCall } from "./payload.ts";
import { existingFolder, isPlainlyBelow, realOrSame } from "./project-paths.ts";

/** A repository in which somebody set Skein up. */
export interface Coordinated {
  readonly repository: Repository;
  /** Its database. */
  readonly file: string;
}

/**
 * The coordinated repositories that a call is about: the one around the agent, and for an edit those of the files, wherever the agent
 * stands.
 */
export function touchedRepositories(call: HookCall, hookCwd: string): readonly Coordinated[] {
  const cwd = call.cwd ?? hookCwd;
  const around = locateRepository(cwd);
  const edited =
    call.event === "pre-edit" ? [...above(around), ...ofFiles(editedPaths(call), cwd, around)] : [];
  return coordinated([around, ...edited]);
}

/** A repository that nobody coordinates may be a `.git` that an agent planted in a folder of one that somebody does. */
function above(repository: Repository | null): readonly Repository[] {
  if (repository === null || databaseIn(repository) !== null) {
    return [];
  }
  const outer = locateRepository(dirname(repository.root));
  return outer === null ? [] : [outer, ...above(outer)];
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

function coordinated(repositories: readonly (Repository | null)[]): readonly Coordinated[] {
  const found = new Map<string, Coordinated>();
  for (const repository of repositories) {
    const file = repository === null ? null : databaseIn(repository);
    if (repository !== null && file !== null && !found.has(file)) {
      found.set(file, { repository, file });
    }
  }
  return [...found.values()];
}
