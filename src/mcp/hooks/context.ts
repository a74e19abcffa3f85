import type { Caller } from "../../core/dispatch/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Repository } from "../../adapters/git/index.ts";

/** What an answer to a hook is made of. */
export interface HookContext {
  readonly skein: Pick<
    Skein,
    "costs" | "dispatch" | "leases" | "messages" | "plans" | "sessions" | "store"
  >;
  readonly repository: Repository;
  /** Where the agent stands: relative paths are relative to it. */
  readonly cwd: string;
  readonly caller: Caller;
  /** True for paths that the settings free from leases, as generated files. */
  readonly isExempt: (path: string) => Promise<boolean>;
  /** Small notes that outlive the process, under a name; null when there is none. */
  readonly notes: Notes;
  /** Paths that differ from HEAD in this worktree, both sides of renames. */
  dirtyPaths(): Promise<readonly string[]>;
}

/** What one hook run leaves for the next. It may be lost at any time. */
export interface Notes {
  read(name: string): string | null;
  write(name: string, text: string): void;
}

/**
 * The caller's session, or null for a person and for an agent that has not joined. A subagent joins at once: what its parent holds covers
 * it only when it is known as its child.
 */
export async function sessionOf({ skein, caller }: HookContext): Promise<Session | null> {
  if (!isAgent(caller)) {
    return null;
  }
  const found = await skein.dispatch.find(caller);
  return found === null && caller.parentExternalId !== null
    ? (await skein.dispatch.identify(caller)).session
    : found;
}

/** True when somebody said which agent acts; else it is a person, whom nothing stops. */
export function isAgent(caller: Caller): boolean {
  return caller.handle !== null || caller.externalId !== null;
}
