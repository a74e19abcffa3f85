import type { Actor } from "../base/ids.ts";
import type { JsonObject } from "../base/json.ts";

/** The kinds of thing whose facts the log carries, so that a past state can be rebuilt from it alone. */
export type EntityKind =
  | "plan"
  | "task"
  | "session"
  | "lease"
  | "message"
  | "approval"
  | "spend"
  | "token";

/**
 * What an event did to one entity: the fields that now hold (snake_case, as in `skein export`), merged over those it had.
 * A task's `id` is `PLAN/TASK`; every other id is unique in the project.
 */
export interface EntityChange {
  readonly entity: EntityKind;
  readonly id: string;
  readonly set: JsonObject;
}

/** An event before the log gave it its place. */
export interface EventDraft {
  /** `noun.verb` in the past tense, as `task.claimed`, `lease.granted`, `session.joined`. */
  readonly kind: string;
  readonly actor: Actor;
  /** The sequence number of the event that led to this one, or null. */
  readonly cause: number | null;
  /** What concerns the event itself and no entity's state (a reason, a count). */
  readonly data: JsonObject;
  readonly changes: readonly EntityChange[];
}

/** Who asked a server for a change, as it was proved there. The session through which it was done is the event's actor. */
export interface EventOrigin {
  /** The principal's id, as `token:t3` or `oidc:` and digits. No secret. */
  readonly principal: string;
  /** For people. */
  readonly name: string;
  /** What was called, by the name that the permissions know, as `tool:next_task` or `command:plan pause`. */
  readonly action: string;
}

/** One line of the project's log. */
export interface Event extends EventDraft {
  /** 1, 2, 3 … in the project, without a gap. The number of a grant's event is its fence. */
  readonly seq: number;
  readonly atMs: number;
  /** Null: nobody asked a server for it; it was done on the store itself. */
  readonly by: EventOrigin | null;
  /** The hash before this one; 64 zeros for the first. */
  readonly prevHash: string;
  /** Hex SHA-256 over `prevHash` and the stored text. */
  readonly hash: string;
}
