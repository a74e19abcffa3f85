import { deriveState } from "../../core/sessions/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import type { Looking, LookAt } from "./look.ts";
import { clip, isoTime, preview } from "./text.ts";
import type { Preview } from "./text.ts";

/** A session in one row. */
export interface SessionRow {
  readonly id: string;
  readonly name: string;
  readonly role: string;
  readonly state: string;
  /** The task it has claimed, or null. */
  readonly task: string | null;
  readonly seen: string;
}

/** The living sessions, the oldest first. */
export async function sessionRows(
  skein: Skein,
  reader: Reader,
  most: number,
): Promise<Preview<SessionRow>> {
  const sessions = await skein.sessions.list(reader, "living");
  const claimed = await skein.plans.listTasks(reader, { status: "claimed", limit: 1_000 });
  const taskOf = new Map(claimed.map((task) => [task.session, `${task.plan}/${task.id}`]));
  return preview(
    sessions,
    (session) => sessionRow(session, taskOf.get(session.id) ?? null, reader.nowMs),
    most,
  );
}

function sessionRow(session: Session, task: string | null, nowMs: number): SessionRow {
  const facts = { nowMs, isAlive: null, self: null, holdsWork: task !== null };
  return {
    id: session.id,
    name: clip(session.name, 40),
    role: clip(session.role, 20),
    state: deriveState(session, facts),
    task,
    seen: isoTime(session.renewedAtMs),
  };
}

export const lookAtSessions: LookAt = async (skein): Promise<Looking> => ({
  data: { ...(await skein.store.read((reader) => sessionRows(skein, reader, 20))) },
  next: 'Write to one with send_message {to: "s3"}.',
});
