import * as z from "zod";
import { sessionField } from "../fields.ts";
import { standingOf } from "../in-session.ts";
import { defineTool } from "../tool.ts";
import { lookAtBoard } from "../views/board.ts";
import { lookAtEvents } from "../views/events-view.ts";
import { lookAtFiles } from "../views/files-look.ts";
import type { LookAt } from "../views/look.ts";
import { lookAtApprovals, lookAtCosts, lookAtInbox } from "../views/more-looks.ts";
import { lookAtPlan } from "../views/plan-look.ts";
import { lookAtSessions } from "../views/sessions-view.ts";
import { lookAtTask } from "../views/task-look.ts";
import { longestAnswerBytes } from "../views/text.ts";

const places = [
  "board",
  "plan",
  "task",
  "files",
  "inbox",
  "costs",
  "sessions",
  "events",
  "approvals",
] as const;

/** One view for each place; the record is complete by its type. */
const looks: Readonly<Record<(typeof places)[number], LookAt>> = {
  board: lookAtBoard,
  plan: lookAtPlan,
  task: lookAtTask,
  files: lookAtFiles,
  inbox: lookAtInbox,
  costs: lookAtCosts,
  sessions: lookAtSessions,
  events: lookAtEvents,
  approvals: lookAtApprovals,
};

export const look = defineTool({
  name: "look",
  title: "Look",
  description:
    "Reads without changing anything: the board, a plan, a task and why it waits, who holds files, your inbox (stays unread), costs, sessions, events, approvals.",
  effect: "reads",
  input: z.strictObject({
    session: sessionField,
    at: z.enum(places),
    id: z.string().min(1).max(1_024).describe("Plan, task, path or message").optional(),
    since: z
      .int()
      .min(0)
      .describe("cursor of an earlier look: adds changes since (task: skips so much spec)")
      .optional(),
  }),
  output: z.strictObject({
    session: z.string(),
    at: z.enum(places),
    cursor: z.int(),
    data: z.record(z.string(), z.unknown()).readonly(),
    next: z.string(),
  }),
  run: async (skein, { at, id = null, since = null }, { caller, place }) => {
    const { session, handle } = await standingOf(skein, caller);
    const head = await skein.store.read((reader) => skein.events.head(reader));
    const { data, next } = await looks[at](skein, {
      caller: { ...caller, handle },
      session,
      id,
      since,
      place,
      roomBytes: longestAnswerBytes,
    });
    return { session: handle, at, cursor: head.seq, data, next };
  },
});
