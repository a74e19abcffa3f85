import * as z from "zod";
import { sessionActor } from "../../core/base/ids.ts";
import { longestWaitMs } from "../../core/dispatch/index.ts";
import { presetNames } from "../../core/review/index.ts";
import { keyField, sessionField } from "../fields.ts";
import { standingOf } from "../in-session.ts";
import type { ReviewAsk } from "../review-desk.ts";
import { defineTool } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import { reviewView, runningView } from "../views/review-view.ts";

export const reviewChanges = defineTool({
  name: "review_changes",
  title: "Review the branch",
  description:
    "A panel of models reviews what HEAD adds to base. Costs money. verdict null: call again with id.",
  effect: "asks",
  input: z.strictObject({
    session: sessionField,
    base: z.string().min(1).max(200).optional(),
    preset: z.enum(presetNames).optional(),
    budget_usd: z.number().min(0).max(999_999).optional(),
    id: z.string().max(20).optional(),
    key: keyField,
  }),
  output: z.strictObject({
    session: z.string(),
    id: z.string(),
    verdict: z.string().nullable(),
    findings: z.array(z.looseObject({})).readonly(),
    usd: z.number(),
    notes: z.array(z.string()).readonly(),
    next: z.string(),
  }),
  run: async (skein, { id: known, base = null, preset = null, key = null, ...asked }, call) => {
    const { session, handle } = await standingOf(skein, call.caller);
    const actor = sessionActor(session.id);
    // A limit is rounded down: it holds what was asked for, never more.
    const limit =
      asked.budget_usd === undefined ? null : Math.floor(asked.budget_usd * 1_000_000 + 1e-6);
    const id =
      known ?? (await call.reviews.start({ ...whatOf(call), base, preset, limit, actor, key }));
    const result = await call.reviews.wait(id, {
      ms: longestWaitMs,
      signal: call.signal,
      onProgress: call.tellProgress,
    });
    return { session: handle, ...(result === null ? runningView(id) : reviewView(id, result)) };
  },
});

/** Where the caller is elsewhere, its branch is what it says; HEAD here is somebody else's. */
function whatOf({ sent, place, caller }: ToolCall): Pick<ReviewAsk, "sent" | "head"> {
  const head = place === null ? (caller.branch ?? undefined) : undefined;
  return { sent: sent.change, head };
}
