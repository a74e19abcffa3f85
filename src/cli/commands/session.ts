import type { Answer, Call } from "../command.ts";
import { needReason, needYes } from "../asking.ts";
import { readSessions } from "../board.ts";
import type { SessionRow } from "../board.ts";
import { tableLines } from "../output.ts";
import { whoCalls, withStore } from "../project.ts";
import { findLiving } from "../sessions.ts";
import { clip, sessionData } from "../views.ts";
import { counted } from "../counted.ts";

/** `skein session list [--all]`. */
export async function listSessions(call: Call): Promise<Answer> {
  return withStore(call, async ({ skein }) => {
    const which = call.options.flag("all") ? "all" : "living";
    const rows = await skein.store.read((reader) => readSessions(skein, reader, which));
    return {
      data: { sessions: rows.map(({ session, state }) => sessionData(session, state)) },
      lines:
        rows.length === 0
          ? ["No sessions."]
          : tableLines(["SESSION", "NAME", "STATE", "ROLE", "CLIENT", "BRANCH"], rows.map(rowOf)),
    };
  });
}

function rowOf({ session, state }: SessionRow): readonly string[] {
  const { id, name, role, client, branch } = session;
  return [id, clip(name, 40), state, role, clip(client ?? "-", 30), clip(branch ?? "-", 40)];
}

/** `skein session revoke SESSION --reason TEXT`: its tasks and paths come back. */
export async function revokeSession(call: Call): Promise<Answer> {
  const [named = ""] = call.args;
  return withStore(call, async (project) => {
    const { skein } = project;
    const session = await findLiving(skein, named);
    const held = await skein.store.read(async (reader) => ({
      tasks: (await skein.plans.tasksHeldBy(reader, session.id)).map(
        ({ plan, id }) => `${plan}/${id}`,
      ),
      leases: (await skein.leases.list(reader, { session: session.id })).map(({ id }) => id),
    }));
    const said = `${session.name} (${session.id}), which holds ${counted(held.tasks.length, "task")} and ${counted(held.leases.length, "lease")}`;
    if (call.options.flag("dryRun")) {
      return {
        data: { dry_run: true, session: session.id, ...held },
        lines: [`Would end ${said}. Nothing was changed.`],
      };
    }
    const reason = await needReason(call);
    await needYes(call, `End ${said}?`);
    const { session: by, person } = await whoCalls(call, project);
    const ended = await skein.dispatch.revoke({ target: session.id, by, person, reason });
    return {
      data: { session: sessionData(ended, "dead"), ...held },
      lines: [`${session.name} (${session.id}) is ended; its work is back in the queue.`],
    };
  });
}
