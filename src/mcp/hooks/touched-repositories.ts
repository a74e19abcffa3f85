import { dirname, resolve } from "node:path";
import { locateRepository, whereItLeads } from "../../adapters/git/index.ts";
import type { Repository } from "../../adapters/git/index.ts";
import { editedPaths } from "./edited-paths.ts";
import { findServer } from "../../compose-server.ts";
import type { ServerPlace } from "../../compose-server.ts";
import { hasStore, storeDirOf } from "../../store-place.ts";
import type { HookCall } from "./payload.ts";
import { existingFolder, isPlainlyBelow } from "./project-paths.ts";

/** A repository in which somebody set Skein up. */
export interface Coordinated {
  readonly repository: Repository;
  /** The server that has its ledger; null: the ledger is opened here. */
  readonly server: ServerPlace | null;
}

/** Where a hook runs. */
export interface Standing {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * The coordinated repositories that a call is about: the one around the agent, and for an edit those of the files, wherever the agent
 * stands.
 *
 * @throws {SkeinError} SKN-1921 or SKN-2923 when a server is named that cannot be asked.
 */
export function touchedRepositories(
  call: HookCall,
  { env, cwd: hookCwd }: Standing,
): readonly Coordinated[] {
  const cwd = call.cwd ?? hookCwd;
  const around = locateRepository(cwd);
  const isEdit = call.event === "pre-edit";
  const own = [around, ...(isEdit ? above(around, env) : [])];
  const others = isEdit ? ofFiles(editedPaths(call), cwd, around) : [];
  // A server of the environment is that of the place where the agent stands, not of repositories that it reaches into.
  return coordinated([
    ...own.map((repository) => ({ repository, env, serverEnv: env })),
    ...others.map((repository) => ({ repository, env, serverEnv: {} })),
  ]);
}

/** A repository that nobody coordinates may be a `.git` that an agent planted in a folder of one that somebody does. */
function above(repository: Repository | null, env: Standing["env"]): readonly Repository[] {
  if (repository === null || hasLedger({ repository, env, serverEnv: {} })) {
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
    return [absolute, whereItLeads(absolute)].map((at) => whereItLeads(existingFolder(at)));
  });
  return [...new Set(folders)]
    .filter((folder) => around === null || !isPlainlyBelow(around.root, folder))
    .map((folder) => locateRepository(folder));
}

interface Candidate extends Pick<Standing, "env"> {
  readonly repository: Repository | null;
  /** What may name a server for it. */
  readonly serverEnv: Standing["env"];
}

function hasLedger(candidate: Candidate): boolean {
  return coordinated([candidate]).length > 0;
}

/** The repositories in which somebody set Skein up, each once. A server goes before a file: the clone was moved to it. */
function coordinated(candidates: readonly Candidate[]): readonly Coordinated[] {
  const found = new Map<string, Coordinated>();
  for (const { repository, env, serverEnv } of candidates) {
    if (repository !== null && !found.has(repository.commonDir)) {
      const server = findServer({ storeDir: storeDirOf(repository), env: serverEnv });
      if (server !== null || hasStore(repository, env)) {
        found.set(repository.commonDir, { repository, server });
      }
    }
  }
  return [...found.values()];
}
