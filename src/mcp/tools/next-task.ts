import * as z from "zod";
import { keyField, nameField, sessionField, taskField, waitField, waitMsOf } from "../fields.ts";
import type { NextTaskOutcome } from "../../core/dispatch/index.ts";
import { defineTool } from "../tool.ts";
import { clip } from "../views/text.ts";
import { nextTaskFields } from "../views/shapes.ts";
import { nextTaskView } from "../views/task-view.ts";

export const nextTask = defineTool({
  name: "next_task",
  title: "Get the next task",
  description:
    "Joins if need be and claims the best ready task (or the named one) with its path leases. Brings the spec, results of dependencies and unread messages. Call it first, and after each finish_task. Repeats an unfinished claim. task null: nothing is free.",
  effect: "adds",
  input: z.strictObject({
    session: sessionField,
    name: nameField,
    role: z.string().max(200).describe("lead, manager, worker or a label").optional(),
    skills: z.array(z.string().max(200)).max(64).optional(),
    plan: z.string().min(1).max(100).optional(),
    task: taskField.describe("T1 or PLAN/T1").optional(),
    wait_seconds: waitField,
    key: keyField,
  }),
  output: z.strictObject({ session: z.string(), ...nextTaskFields }),
  run: async (skein, input, { caller, signal }) => {
    const outcome = await skein.dispatch.nextTask({
      caller,
      plan: input.plan ?? null,
      task: input.task ?? null,
      waitMs: waitMsOf(input.wait_seconds),
      key: input.key ?? null,
      signal,
    });
    const view = nextTaskView(outcome);
    return {
      session: outcome.standing.handle,
      ...view,
      next: view.task === null ? nextWithout(input, outcome) : view.next,
    };
  },
});

interface Wish {
  readonly plan?: string | undefined;
  readonly task?: string | undefined;
}

/** What to do where nothing was given: a named task or plan is the first that may be wrong. */
function nextWithout({ plan, task }: Wish, outcome: NextTaskOutcome): string {
  if (task !== undefined) {
    return "It cannot be given now: see waiting.reasons. Without task you get what is free.";
  }
  return plan !== undefined && hasNoTask(outcome.waiting)
    ? `There is no plan "${clip(plan, 64)}", or it has no task. look {at: "board"} names the plans. Without plan you get what is free.`
    : nextTaskView(outcome).next;
}

function hasNoTask(waiting: NextTaskOutcome["waiting"]): boolean {
  if (waiting === null) {
    return false;
  }
  const { ready, onDependencies, onPause, onPaths, onOthers, onTime } = waiting;
  const open = ready + onDependencies + onPause + onPaths + onOthers + onTime;
  return open + waiting.claimed + waiting.submitted + waiting.done + waiting.ended === 0;
}
