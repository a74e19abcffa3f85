import type { Actor, SessionId } from "../base/ids.ts";
import type { Json } from "../base/json.ts";
import type { ProcessProbe, ProcessStamp, Session } from "./session.ts";

/** What a new session says of itself. Whatever is left out or null is not known. */
export interface JoinRequest {
  /** Default: a name from a friendly list, numbered when a living session has it. At most 40 characters. */
  readonly name?: string | null | undefined;
  /** `lead`, `manager` and `worker` also set the tier. Default `worker`. At most 40 characters. */
  readonly role?: string | null | undefined;
  /** At most 32, of at most 40 characters each. */
  readonly skills?: readonly string[] | undefined;
  readonly parent?: SessionId | null | undefined;
  readonly client?: string | null | undefined;
  /** Joining again under the id of a living session gives that session. */
  readonly externalId?: string | null | undefined;
  readonly process?: ProcessStamp | null | undefined;
  readonly gitDir?: string | null | undefined;
  readonly branch?: string | null | undefined;
  /** The id of the principal whose session it is, for ever; null for a process that reaches the store itself. */
  readonly principal?: string | null | undefined;
}

/** A session and the secret by which it is known. The handle is shown once and stored as a hash only. */
export interface Joined {
  readonly session: Session;
  readonly handle: string;
}

/** Particulars that a call brings along; null or left out keeps what is known. */
export interface RenewRequest {
  readonly name?: string | null | undefined;
  readonly role?: string | null | undefined;
  readonly skills?: readonly string[] | null | undefined;
  readonly process?: ProcessStamp | null | undefined;
  readonly gitDir?: string | null | undefined;
  readonly branch?: string | null | undefined;
  /** A renewal is written down when the last one is this old. Default 60 000; a quarter of the shortest lease when that is less. */
  readonly everyMs?: number | undefined;
}

export interface EndRequest {
  /** One word or sentence for people: `finished`, `process ended`, … */
  readonly reason: string;
  readonly actor: Actor;
  /** The event that led to it, or null. */
  readonly cause: number | null;
}

/** What leases and dispatch need to know of the sessions that hold something. */
export interface Renewal {
  readonly name: string;
  /** Parents from the nearest to the farthest. */
  readonly ancestors: readonly SessionId[];
  readonly renewedAtMs: number;
  readonly callUntilMs: number | null;
  readonly parked: boolean;
  readonly ended: boolean;
}

/** A living session as a receiver of messages. */
export interface Listener {
  readonly id: SessionId;
  readonly name: string;
  readonly role: string;
  readonly joinedAtMs: number;
  /** It has called within the last two minutes, or is inside a call. */
  readonly isBusy: boolean;
}

/** Why a session is over. `process` and `boot` are known at once; `silence` is told by the clock. */
export type OverReason = "process" | "boot" | "silence";

/** A living session that is over and should be ended by whoever looks. */
export interface OverSession {
  readonly session: Session;
  readonly why: OverReason;
}

export interface OverRequest {
  /** Tells whether processes live; null judges by the clock alone, which is much cheaper. */
  readonly probe: ProcessProbe | null;
}

/** A call that must have its effect once, however often it is sent. */
export interface OnceRequest {
  readonly session: SessionId;
  /** The caller's idempotency key, 1 to 128 characters; null runs the work without any record. */
  readonly key: string | null;
  /** The tool or verb. */
  readonly operation: string;
  /** What makes the call the same call: all its arguments but the key and the session. */
  readonly args: Json;
}

/** The result of the first run, and whether this was a repetition. */
export interface OnceOutcome {
  readonly result: Json;
  readonly isReplay: boolean;
}
