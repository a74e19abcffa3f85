import * as z from "zod";
import type { UpdateTaskOutcome } from "../../core/dispatch/index.ts";
import { fenceField, keyField, sessionField, taskField, usageField, usagesOf } from "../fields.ts";
import { toPatterns } from "../paths.ts";
import { defineTool } from "../tool.ts";
import { leaseViews, refusedView } from "../views/lease-view.ts";
import { leaseShape, refusedShape, timeShape } from "../views/shapes.ts";
import { isoOrNull } from "../views/text.ts";

export const updateTask = defineTool({
  name: "update_task",
  title: "Report progress",
  description:
    "Notes progress on your claim, adds paths to its lease, reports usage, renews it. refused: another session holds a path and none was added. A stale fence is an error: stop that work.",
  effect: "adds",
  input: z.strictObject({
    session: sessionField,
    task: taskField,
    fence: fenceField,
    note: z.string().max(4_000).optional(),
    percent: z.int().min(0).max(100).optional(),
    add_paths: z.array(z.string()).max(256).optional(),
    usage: usageField,
    key: keyField,
  }),
  output: z.strictObject({
    session: z.string(),
    task: z.string(),
    status: z.string(),
    fence: z.int(),
    expires_at: timeShape.nullable(),
    leases: z.array(leaseShape).readonly(),
    refused: z.array(refusedShape).readonly(),
    unread: z.int(),
    next: z.string(),
  }),
  run: async (skein, input, { caller, place }) => {
    const outcome = await skein.dispatch.updateTask({
      caller,
      task: input.task,
      fence: input.fence,
      note: input.note ?? null,
      percent: input.percent ?? null,
      addPaths: toPatterns(place, input.add_paths ?? []),
      usage: usagesOf(input.usage),
      key: input.key ?? null,
    });
    return {
      session: outcome.standing.handle,
      task: `${outcome.task.plan}/${outcome.task.id}`,
      status: outcome.task.status,
      fence: outcome.fence,
      expires_at: isoOrNull(outcome.expiresAtMs),
      leases: leaseViews(outcome.leases, 2_500),
      refused: outcome.refused.slice(0, 5).map((refusal) => refusedView(refusal)),
      unread: outcome.unread,
      next: nextOf(outcome),
    };
  },
});

function nextOf({ refused, unread }: UpdateTaskOutcome): string {
  const [first] = refused;
  if (first !== undefined) {
    return `Nothing was added. Work around these paths, or send_message {to: "${first.holder}"}, or ask again later.`;
  }
  return unread > 0 ? 'Read your messages: look {at: "inbox"}.' : "Go on; finish_task when done.";
}
