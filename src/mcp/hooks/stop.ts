import { sessionActor } from "../../core/base/ids.ts";
import { quotedWords } from "../../core/base/text.ts";
import { importUsage } from "../../core/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import { silent } from "./answer.ts";
import type { HookAnswer } from "./answer.ts";
import { sessionOf } from "./context.ts";
import type { HookContext } from "./context.ts";
import type { HookCall } from "./payload.ts";

/**
 * Answers when an agent is about to stop: one that still holds a task goes on once, to finish it or give it back. An agent that was held
 * back before stops, so that no loop can arise.
 */
export async function stop(context: HookContext, call: HookCall): Promise<HookAnswer> {
  const session = await sessionOf(context);
  if (session === null) {
    return silent;
  }
  await countUsage(context, call, session);
  if (call.isHeldBack) {
    return silent;
  }
  const { skein } = context;
  const held = await skein.store.read((reader) => skein.plans.tasksHeldBy(reader, session.id));
  const task = held[0];
  if (task === undefined || session.isParked) {
    return silent;
  }
  const fields = JSON.stringify({
    task: `${task.plan}/${task.id}`,
    fence: task.fence,
    outcome: "released",
    summary: "what is done and what is left",
  });
  return {
    kind: "hold",
    reason: `Task ${task.plan}/${task.id} (${quotedWords(task.title, 80)}) is still claimed by this session. If it is done, commit and call finish_task with outcome "submitted" and the commit; if not, finish it, or give it back with finish_task ${fields}.`,
  };
}

/**
 * Answers when a subagent is about to stop. A host that does not name it asks about nobody. Once it goes, its agent goes on with its files:
 * what it holds beyond a task is handed to that one, which else waited half an hour for work of its own.
 */
export async function subagentStop(context: HookContext, call: HookCall): Promise<HookAnswer> {
  if (call.agent === null) {
    return silent;
  }
  const answer = await stop(context, call);
  const session = answer.kind === "silent" ? await sessionOf(context) : null;
  if (session !== null) {
    await handToParent(context, session);
  }
  return answer;
}

async function handToParent({ skein }: HookContext, { id, parent }: Session): Promise<void> {
  await skein.store.write(async (tx) => {
    const living = parent === null ? null : await skein.sessions.get(tx, parent);
    if (living === null || living.endedAtMs !== null) {
      return;
    }
    const held = await skein.leases.list(tx, { session: id });
    for (const lease of held.filter(({ origin }) => origin === "edit" || origin === "files")) {
      const because = { actor: sessionActor(id), cause: null };
      await skein.leases.handOver(tx, { lease: lease.id, to: living.id, ...because });
    }
  });
}

/** Counts what the host wrote down that was used. A fault of that changes no answer: `skein usage import` counts it later. */
async function countUsage(
  { skein, worktree }: HookContext,
  call: HookCall,
  session: Session,
): Promise<void> {
  const transcript = worktree.transcriptOf(call);
  if (transcript !== null) {
    const actor = sessionActor(session.id);
    await importUsage(skein, { transcript, session, actor }).catch(() => null);
  }
}

/** Answers when a session ends: paths that it holds beyond its tasks are given back, unless its worktree still has changes. */
export async function sessionEnd(context: HookContext, call: HookCall): Promise<HookAnswer> {
  const session = await sessionOf(context);
  if (session === null) {
    return silent;
  }
  await countUsage(context, call, session);
  if (await context.worktree.isDirty()) {
    return silent;
  }
  await context.skein.dispatch.releaseFiles({ caller: context.caller, leases: [], key: null });
  return silent;
}
