import { startDeadline } from "../../base/deadline.ts";
import { randomToken } from "../../base/ids.ts";
import { checkDraft } from "../checks/check-draft.ts";
import type { DraftFault } from "../checks/fault.ts";
import type { DraftPlan, PlanSource } from "../draft.ts";
import { needSafe } from "../drafted.ts";
import type { Drafted, DraftingDeps } from "../drafted.ts";
import { plannerErrors } from "../errors.ts";
import { mend } from "../mending/settle.ts";
import { createFence } from "../prompts/fence.ts";
import { treeText } from "../prompts/tree-text.ts";
import { SkeinError } from "../../base/errors.ts";
import type { MicroUsd } from "../../base/ids.ts";
import type { Asking } from "./asking.ts";
import { createAsking } from "./asking.ts";
import type { PlannerModels } from "./asking.ts";
import { draftMsFor } from "./draft-time.ts";
import { partsOf } from "./parts.ts";
import { propose } from "./propose.ts";

export interface ModelRequest {
  readonly source: PlanSource;
  readonly id: string;
  readonly before: readonly { readonly id: string; readonly title: string }[];
  readonly models: PlannerModels;
  readonly run: string;
  readonly signal: AbortSignal;
}

/** Has a plan made by a model. @throws {SkeinError} SKN-0841 with the faults that are left, SKN-8841 when it took too long, SKN-x75x when no answer came. */
export async function draftByModel(
  { tree, search, random }: DraftingDeps,
  { source, id, before, models, run, signal }: ModelRequest,
): Promise<Drafted> {
  const draftMs = draftMsFor(partsOf(source).length, models.tryMs);
  const deadline = startDeadline(models.timer, draftMs, signal);
  const asking = createAsking({ models, run, signal: deadline.signal });
  try {
    const drafted = await draftWith(
      asking,
      { tree, search, random },
      { source, id, before, models },
    );
    return { ...drafted, cost: await models.billOf(run) };
  } catch (error) {
    const told = deadline.isLate() ? lateError(draftMs, error) : error;
    throw told instanceof SkeinError ? withCost(told, (await models.billOf(run)).microUsd) : told;
  } finally {
    deadline.end();
  }
}

function lateError(draftMs: number, cause: unknown): SkeinError {
  return new SkeinError(plannerErrors.late, {
    message: `No plan was drafted within ${String(Math.round(draftMs / 1_000))} seconds.`,
    cause,
  });
}

/** Whoever keeps an account of an issue learns what a draft cost that came to nothing. */
function withCost(error: SkeinError, microUsd: MicroUsd): SkeinError {
  const { code, kind, message, why, fix, retryAfterMs, cause } = error;
  const facts = { ...error.facts, cost_micro_usd: microUsd };
  const entry = { code, kind, title: message, cause: why, fix };
  return new SkeinError(entry, { facts, cause, retryAfterMs: retryAfterMs ?? undefined });
}

async function draftWith(
  asking: Asking,
  { tree, search, random }: DraftingDeps,
  { source, id, before, models }: Omit<ModelRequest, "run" | "signal">,
): Promise<Omit<Drafted, "cost">> {
  const check = (plan: DraftPlan): readonly DraftFault[] =>
    checkDraft(plan, { tree, overlaps: search });
  const proposal = await propose(
    { asking, models, fence: createFence(randomToken(random)), check },
    { source, id, before, tree: treeText(tree.paths, source.text) },
  );
  // What a scope claims must be readable before scopes are compared.
  const left = check(proposal.plan).filter(({ rule }) => rule !== "overlap" && rule !== "breadth");
  needSafe(left);
  const mended = mend(proposal.plan, search);
  needSafe(check(mended.plan));
  return {
    plan: mended.plan,
    origin: "model",
    notes: mended.notes,
    repairs: proposal.repairs,
    planners: proposal.planners,
  };
}
