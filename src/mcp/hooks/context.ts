import type { Caller } from "../../core/dispatch/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Transcript } from "../../core/costs/index.ts";
import type { HookCall } from "./payload.ts";

/** What an answer to a hook is made of. */
export interface HookContext {
  readonly skein: Pick<
    Skein,
    "costs" | "dispatch" | "leases" | "messages" | "plans" | "sessions" | "store"
  >;
  readonly caller: Caller;
  readonly worktree: HookWorktree;
  /** True for paths that the settings free from leases, as generated files. */
  readonly isExempt: (path: string) => Promise<boolean>;
  /** Small notes that outlive the process, under a name; null when there is none. */
  readonly notes: Notes;
}

/** What the worktree tells, looked at on this machine or told by the one that has it. Paths are relative to its root. */
export interface HookWorktree {
  /** The paths of the project that a call is about to write. */
  writtenPaths(call: HookCall): readonly string[];
  /** The paths that changed since the last look, for this session; null for one that has not joined. */
  changedPaths(session: Session | null): Promise<readonly string[]>;
  /** Remembers how it looks, so that the first command of a session is not blamed for what was there before. */
  remember(session: Session): Promise<void>;
  /** True when something in it differs from HEAD. */
  isDirty(): Promise<boolean>;
  /** What the host wrote down of its agent; null where there is nothing. */
  transcriptOf(call: HookCall): Transcript | null;
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
