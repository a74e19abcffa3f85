import type { Actor, SessionId } from "../base/ids.ts";
import type { Events } from "../events/index.ts";
import type { Transaction } from "../store/index.ts";
import type { Approval } from "./approval.ts";

/** Keeps a session from expiring while one of its questions is open. Filled by the sessions module. */
export interface Parking {
  park(tx: Transaction, session: SessionId): Promise<void>;
  unpark(tx: Transaction, session: SessionId): Promise<void>;
}

export interface AskRequest {
  readonly session: SessionId;
  readonly plan: string | null;
  readonly task: string | null;
  /** At most 4,096 bytes. */
  readonly question: string;
  /** At most 8, of at most 200 characters each; empty allows any text. */
  readonly options: readonly string[];
  /** How long it may stay open, 300 000 to 604 800 000. Null: 300 000. */
  readonly deadlineInMs: number | null;
}

export interface AnswerRequest {
  readonly answer: string;
  /** A person. */
  readonly by: Actor;
}

/** The first answer wins; a later one learns what the first was. */
export type AnswerOutcome =
  | { readonly kind: "answered"; readonly approval: Approval }
  | { readonly kind: "over"; readonly approval: Approval };

export type ExtendOutcome =
  | { readonly kind: "extended"; readonly approval: Approval }
  /** It was put off before, or is not open. */
  | { readonly kind: "refused"; readonly approval: Approval };

export interface ApprovalsDeps {
  readonly events: Events;
  readonly parking: Parking;
}
