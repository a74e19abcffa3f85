import type { Actor, SessionId } from "../base/ids.ts";
import type { Reader } from "../store/index.ts";
import type { Audience } from "./message.ts";

/** A living session as messages see it. */
export interface Listener {
  readonly id: SessionId;
  readonly name: string;
  readonly role: string;
  readonly joinedAtMs: number;
  /** It looks again soon by itself. */
  readonly isBusy: boolean;
}

/** Tells who is here. Filled by the sessions module. */
export interface Roster {
  /** Null when there is no such living session. */
  listener(reader: Reader, id: SessionId): Promise<Listener | null>;
  listeners(reader: Reader): Promise<readonly Listener[]>;
}

/** Who reads: what a session's messages are told from. */
export type Recipient = Pick<Listener, "id" | "role" | "joinedAtMs">;

export interface SendRequest {
  /** Set by the face, never by the text: the sending session, or null for a person or Skein itself. */
  readonly from: SessionId | null;
  readonly fromName: string;
  readonly actor: Actor;
  readonly to: Audience;
  /** At most 4,096 bytes; control and invisible characters are taken out. */
  readonly text: string;
  /** Any message of the thread to go on with, or null for a new one. */
  readonly thread: string | null;
  /** How long it may wait to be read, at least 1 000; null keeps it. */
  readonly expiresInMs: number | null;
  /** The event that led to it, or null. */
  readonly cause: number | null;
  /** True: Skein itself has to tell it, so no limit of the project refuses it. Default false. */
  readonly isNotice?: boolean | undefined;
}

export interface DrainOptions {
  /** At most so many, the oldest first. Default 20. */
  readonly limit?: number | undefined;
}

export interface ListOptions {
  /** Only those after this place in the order. Default 0. */
  readonly after?: number | undefined;
  /** Default 50. */
  readonly limit?: number | undefined;
}
