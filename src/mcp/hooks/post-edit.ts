import type { Session } from "../../core/sessions/index.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { sessionOf } from "./context.ts";
import type { HookContext } from "./context.ts";
import { renew } from "./pre-edit.ts";

/** An agent is reminded of unread messages at most this often. */
const hintEveryMs = 120_000;

/** Answers after an edit: renews what the session holds and mentions unread messages now and then. */
export async function postEdit(context: HookContext): Promise<HookAnswer> {
  const session = await sessionOf(context);
  if (session === null) {
    return silent;
  }
  await renew(context, session);
  const hint = await unreadHint(context, session);
  return hint === null ? silent : { kind: "context", text: hint };
}

/** One line about unread messages, or null when there are none or they were mentioned a moment ago. */
export async function unreadHint(context: HookContext, session: Session): Promise<string | null> {
  const { skein, notes } = context;
  const { unread, nowMs } = await skein.store.read(async (reader) => ({
    unread: await skein.messages.unread(reader, session),
    nowMs: reader.nowMs,
  }));
  if (unread === 0) {
    return null;
  }
  const name = `hint-${session.id}`;
  const lastMs = Number(notes.read(name) ?? "0");
  if (nowMs - lastMs < hintEveryMs && nowMs >= lastMs) {
    return null;
  }
  notes.write(name, String(nowMs));
  return unreadText(unread);
}

/** How unread messages are mentioned. */
export function unreadText(unread: number): string {
  const count = unread === 1 ? "1 unread message" : `${String(unread)} unread messages`;
  return `Skein has ${count} for this session; look {"at": "inbox"} shows them.`;
}
