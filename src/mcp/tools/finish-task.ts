import * as z from "zod";
import { SkeinError } from "../../core/base/errors.ts";
import type { FinishTaskOutcome } from "../../core/dispatch/index.ts";
import { mcpErrors } from "../errors.ts";
import { fenceField, keyField, sessionField, taskField, usageField, usagesOf } from "../fields.ts";
import { defineTool } from "../tool.ts";
import { leaseViews } from "../views/lease-view.ts";
import { leaseShape, nextTaskFields, timeShape } from "../views/shapes.ts";
import { nextTaskView } from "../views/task-view.ts";
import { isoFromOrNull, isoOrNull, withinBytes } from "../views/text.ts";

const causes = [
  "network",
  "file_locked",
  "validation_failed",
  "agent_error",
  "git_conflict",
  "timeout",
  "budget",
] as const;

export const finishTask = defineTool({
  name: "finish_task",
  title: "Finish a task",
  description:
    "Ends your claim: submitted (give the commit; leases stay until it is integrated), failed (give the cause; it may be retried) or released (back to the queue). claim_next also claims the next task.",
  effect: "adds",
  input: z.strictObject({
    session: sessionField,
    task: taskField,
    fence: fenceField,
    outcome: z.enum(["submitted", "failed", "released"]),
    summary: z.string().max(8_000).describe("For people and dependants"),
    cause: z.enum(causes).optional(),
    commit: z.string().min(4).max(64).optional(),
    usage: usageField,
    claim_next: z.boolean().optional(),
    key: keyField,
  }),
  output: z.strictObject({
    session: z.string(),
    task: z.string(),
    status: z.string(),
    landing: z.array(leaseShape).readonly(),
    retry_at: timeShape.nullable(),
    unblocked: z.array(z.string()).readonly(),
    next_task: z.strictObject(nextTaskFields).nullable(),
    next: z.string(),
  }),
  run: async (skein, input, { caller, head: headNow }) => {
    const commit = commitOf(input.commit);
    const isBare = input.outcome === "submitted" && commit === null;
    // The branch is no answer: it moves on with the session's next task.
    const head = isBare ? headNow() : null;
    const outcome = await skein.dispatch.finishTask({
      caller,
      task: input.task,
      fence: input.fence,
      outcome: input.outcome,
      summary: input.summary,
      cause: input.cause ?? null,
      commit,
      head,
      usage: usagesOf(input.usage),
      claimNext: input.claim_next ?? false,
      key: input.key ?? null,
    });
    const { task, next } = outcome;
    return {
      session: outcome.standing.handle,
      task: `${task.plan}/${task.id}`,
      status: task.status,
      landing: leaseViews(outcome.landing, 400),
      retry_at: retryAtOf(outcome),
      unblocked: withinBytes(outcome.unblocked, 300, 80),
      next_task: next === null ? null : nextTaskView(next, besideBytes),
      next: `${takenOf(outcome, head)}${nextOf(outcome)}`,
    };
  },
});

/**
 * The object name that was given, null where HEAD of the caller's worktree is meant. Any other word would be looked up where the work is landed, and there be another commit.
 * @throws {SkeinError} SKN-1901.
 */
function commitOf(given: string | undefined): string | null {
  const name = given?.trim() ?? "HEAD";
  if (name === "HEAD") {
    return null;
  }
  if (!/^[\da-f]{4,64}$/iu.test(name)) {
    throw new SkeinError(mcpErrors.argument, {
      message: `commit cannot be ${JSON.stringify(name)}: it is no object name of a commit.`,
      fix: "Give what `git rev-parse HEAD` prints in your worktree, or leave commit out: HEAD is taken.",
      facts: { commit: name },
    });
  }
  return name;
}

/** A time that is to come is rounded up, so that nobody asks too early; a task that is free at once names no later second than this. */
function retryAtOf({ retryAtMs, task }: FinishTaskOutcome): string | null {
  const isFree = retryAtMs !== null && retryAtMs <= task.updatedAtMs;
  return isFree ? isoOrNull(retryAtMs) : isoFromOrNull(retryAtMs);
}

const shownDigits = 12;

function takenOf({ task }: FinishTaskOutcome, head: string | null): string {
  return head !== null && task.commit === head
    ? `HEAD (${head.slice(0, shownDigits)}) was taken for its commit. `
    : "";
}

/** What stands beside the next task: the landing leases, what was unblocked, names and hints. */
const besideBytes = 1_300;

function nextOf({ task, next, standing }: FinishTaskOutcome): string {
  if (next !== null) {
    return next.claim === null ? "Nothing is free now; see next_task.next." : "Work on next_task.";
  }
  // Else the head of its branch is taken.
  const isUnknown = task.commit === null && standing.session.branch === null;
  if (task.status === "submitted" && isUnknown && task.verify !== "none") {
    const id = `${task.plan}/${task.id}`;
    return `It names no commit, so it can never be integrated: have a person run \`skein task cancel ${id}\` and \`skein task retry ${id}\`, take it again with next_task {task: "${id}"}, and give the commit.`;
  }
  return task.status === "submitted"
    ? "Do not touch its paths until it is integrated. Call next_task for more work."
    : "Call next_task for more work.";
}
