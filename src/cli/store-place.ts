import { locateRepository } from "../adapters/git/index.ts";
import type { DatabaseRequest } from "../compose-database.ts";
import { findPlace, givenPlace } from "../store-place.ts";
import { loadWorktreeSettings } from "../worktree-settings.ts";
import type { Call } from "./command.ts";

/** The database that a command is about; null where a file is meant. Inside of no repository only flag and variable name one. */
export async function databaseRequest({
  io: { cwd, env },
}: Pick<Call, "io">): Promise<DatabaseRequest | null> {
  const repository = locateRepository(cwd);
  const { settings } = await loadWorktreeSettings({ root: repository?.root ?? cwd, env });
  const place = repository === null ? givenPlace(env) : findPlace({ repository, env, settings });
  return place?.kind === "postgres" ? { reference: place.reference, env, settings } : null;
}
