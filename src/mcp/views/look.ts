import type { Caller } from "../../core/dispatch/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Skein } from "../../core/index.ts";
import type { PathInRepository } from "../paths.ts";

/** What an agent wants to see. */
export interface Look {
  readonly caller: Caller;
  /** The session that looks; null for a reader without one. */
  readonly session: Session | null;
  /** What of it: a plan, a task, a path, a message, a session; null for all. */
  readonly id: string | null;
  /** Only what happened after this event, or null. */
  readonly since: number | null;
  /** Where paths are relative to; null: they count from the root. */
  readonly place: PathInRepository | null;
  /** How long the answer may be, in bytes of its JSON. */
  readonly roomBytes: number;
}

/** One thing to look at. */
export interface Looking {
  readonly data: Readonly<Record<string, unknown>>;
  readonly next: string;
}

export type LookAt = (skein: Skein, look: Look) => Promise<Looking>;
