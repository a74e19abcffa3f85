import { isSessionId } from "../base/ids.ts";
import type { SessionId } from "../base/ids.ts";
import type { EntityChange } from "../events/index.ts";

/** To whom: one session, everyone with a role, or everyone. A broadcast is one row, expanded when read. */
export type Audience =
  | { readonly kind: "session"; readonly session: SessionId }
  | { readonly kind: "role"; readonly role: string }
  | { readonly kind: "all" };

/** Durable text between sessions. It confers no authority: whoever shows it marks it as quoted data. */
export interface Message {
  /** `M` and a number. */
  readonly id: string;
  /** The place in the project's order of messages. */
  readonly order: number;
  /** Set by the server: a session, or null for a person (`fromName` is `person:ada`) or Skein itself. */
  readonly from: SessionId | null;
  readonly fromName: string;
  readonly to: Audience;
  /** The id of the thread's first message. */
  readonly thread: string;
  readonly text: string;
  readonly sentAtMs: number;
  readonly expiresAtMs: number | null;
}

/** What the sender learns: how many sessions it can reach, by how soon they look. */
export interface Reach {
  readonly message: Message;
  /** Living sessions it is addressed to. */
  readonly recipients: number;
  /** Of these, busy ones: they see it with their next Skein call or hook. */
  readonly atNextCall: number;
  /** Of these, idle ones: they see it only when woken. */
  readonly whenWoken: number;
}

/** The largest text, in bytes. */
export const maxTextBytes = 4_096;

/** Writes an audience as people do: `s3`, `role:reviewer` or `all`. */
export function audienceText(to: Audience): string {
  if (to.kind === "session") {
    return to.session;
  }
  return to.kind === "role" ? `role:${to.role}` : "all";
}

/** Reads what `audienceText` writes; null when it is none of them. */
export function parseAudience(text: string): Audience | null {
  if (text === "all") {
    return { kind: "all" };
  }
  if (text.startsWith("role:")) {
    return { kind: "role", role: text.slice("role:".length) };
  }
  return isSessionId(text) ? { kind: "session", session: text } : null;
}

/** The change of a message as events carry it. */
export function messageChange(message: Message): EntityChange {
  return {
    entity: "message",
    id: message.id,
    set: {
      from: message.from,
      from_name: message.fromName,
      to: audienceText(message.to),
      thread: message.thread,
      text: message.text,
      sent_at: message.sentAtMs,
      expires_at: message.expiresAtMs,
    },
  };
}
