import * as z from "zod";
import { sessionActor } from "../../core/base/ids.ts";
import { longestWaitMs } from "../../core/dispatch/index.ts";
import { keyField, sessionField } from "../fields.ts";
import { standingOf } from "../in-session.ts";
import { defineTool } from "../tool.ts";
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
  run: async (skein, { id: known, base = null, key = null }, call) => {
    const { session, handle } = await standingOf(skein, call.caller);
    const actor = sessionActor(session.id);
    const id = known ?? (await call.reviews.start({ base, actor, key }));
    const result = await call.reviews.wait(id, {
      ms: longestWaitMs,
      signal: call.signal,
      onProgress: call.tellProgress,
    });
    return { session: handle, ...(result === null ? runningView(id) : reviewView(id, result)) };
  },
});
