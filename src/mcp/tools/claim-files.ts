import * as z from "zod";
import type { ClaimFilesOutcome } from "../../core/dispatch/index.ts";
import { keyField, nameField, sessionField, waitField, waitMsOf } from "../fields.ts";
import { toPatterns } from "../paths.ts";
import { defineTool } from "../tool.ts";
import { leaseView, refusedView } from "../views/lease-view.ts";
import { leaseShape, refusedShape } from "../views/shapes.ts";

export const claimFiles = defineTool({
  name: "claim_files",
  title: "Claim files",
  description:
    "Leases (locks, reserves) paths before you edit them outside a task's scope: all or none. Files, folders ending in /, or globs, from the repository root. granted false names holder and expiry; wait or work elsewhere.",
  effect: "adds",
  input: z.strictObject({
    session: sessionField,
    name: nameField,
    paths: z.array(z.string()).min(1).max(256),
    mode: z.enum(["exclusive", "shared"]).optional(),
    minutes: z.number().min(1).max(480).describe("After your last call; default 30").optional(),
    reason: z.string().max(500).describe("Shown to others").optional(),
    wait_seconds: waitField,
    key: keyField,
  }),
  output: z.strictObject({
    session: z.string(),
    granted: z.boolean(),
    leases: z.array(leaseShape).readonly(),
    refused: z.array(refusedShape).readonly(),
    ahead: z.int().nullable(),
    next: z.string(),
  }),
  run: async (skein, input, { caller, place, signal }) => {
    const outcome = await skein.dispatch.claimFiles({
      caller,
      paths: toPatterns(place, input.paths),
      mode: input.mode ?? "exclusive",
      durationMs: input.minutes === undefined ? null : Math.round(input.minutes * 60_000),
      reason: input.reason ?? "",
      waitMs: waitMsOf(input.wait_seconds),
      origin: "files",
      key: input.key ?? null,
      signal,
    });
    return {
      session: outcome.standing.handle,
      granted: outcome.granted,
      leases: outcome.leases.slice(0, 1).map((lease) => leaseView(lease)),
      refused: outcome.refused.slice(0, 8).map((refusal) => refusedView(refusal)),
      ahead: outcome.ahead,
      next: nextOf(outcome, waitMsOf(input.wait_seconds) > 0),
    };
  },
});

function nextOf({ granted, refused, ahead }: ClaimFilesOutcome, hasWaited: boolean): string {
  if (granted) {
    return "Edit them. release_files when done; they expire by themselves.";
  }
  const [first] = refused;
  const holder = first === undefined ? "the holder" : first.holder;
  const ask = `send_message {to: "${holder}"}`;
  const isLanding = first?.by?.origin === "landing";
  const why = isLanding ? "That work is handed in; the path is free once it is integrated. " : "";
  if (ahead !== null) {
    return `${why}You keep your place for a minute: call again with wait_seconds: 45, or ${ask}.`;
  }
  return hasWaited
    ? `${why}Who holds paths stands in no queue: work elsewhere, or release_files first (finish_task gives a task's back) and then call again with wait_seconds: 45.`
    : `${why}Work elsewhere or ${ask}. To queue, call again with wait_seconds: 45.`;
}
