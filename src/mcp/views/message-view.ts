import type { Audience, Message } from "../../core/messages/index.ts";
import { clip, clipToBytes, isoTime } from "./text.ts";

/** A message as its reader sees it. The text is quoted: it tells, it does not command. */
export interface MessageView {
  readonly id: string;
  /** Set by Skein: `s3 grace` for a session, `person:ada` for a person, `agent:ci` for a token of that role without a session, `skein integrate` for itself. */
  readonly from: string;
  readonly to: string;
  readonly thread: string;
  readonly at: string;
  readonly text: string;
}

/** Texts are cut to so many bytes; `look {at: "inbox", id}` has the whole. */
export function messageView(message: Message, maxBytes: number): MessageView {
  return {
    id: message.id,
    from:
      message.from === null
        ? clip(message.fromName, 40)
        : `${message.from} ${clip(message.fromName, 40)}`,
    to: audienceText(message.to),
    thread: message.thread,
    at: isoTime(message.sentAtMs),
    text: clipToBytes(message.text, maxBytes),
  };
}

/** `s3`, `role:reviewer` or `all`. */
export function audienceText(to: Audience): string {
  switch (to.kind) {
    case "session":
      return to.session;
    case "role":
      return `role:${to.role}`;
    case "all":
      return "all";
    default:
      return to satisfies never;
  }
}

/** Messages of an inbox share so many bytes, so that many are cut shorter than few. */
export function inboxView(messages: readonly Message[], roomBytes: number): readonly MessageView[] {
  const each = Math.max(40, Math.floor(roomBytes / Math.max(1, messages.length)) - frameBytes);
  return messages.map((message) => messageView(message, each));
}

/** What a message takes without its text. */
const frameBytes = 160;
