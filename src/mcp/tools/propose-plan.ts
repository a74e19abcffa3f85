import * as z from "zod";
import { SkeinError } from "../../core/base/errors.ts";
import { isSessionId, sessionActor } from "../../core/base/ids.ts";
import { wordOfOthers } from "../../core/base/text.ts";
import { longestWaitMs } from "../../core/dispatch/index.ts";
import { parsePlan } from "../../core/plans/index.ts";
import type { PlanDraft } from "../../core/plans/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import { mcpErrors } from "../errors.ts";
import { keyField, sessionField } from "../fields.ts";
import { inSession, standingOf } from "../in-session.ts";
import { defineTool } from "../tool.ts";
import type { ToolCall } from "../tool.ts";
import { draftView, nextOf, stillDrafting, viewOf } from "../views/plan-view.ts";
import type { Proposed } from "../views/plan-view.ts";

/** The fields are those of the plan file; the plan's own parser judges them and names the place of a fault. */
const taskShape = z.looseObject({
  id: z.string(),
  title: z.string(),
  spec: z.string().optional(),
  files: z.array(z.string()).optional(),
  depends_on: z.array(z.string()).optional(),
  priority: z.enum(["critical", "high", "medium", "low"]).optional(),
  minutes: z.number().optional(),
  skills: z.array(z.string()).optional(),
  accept: z.array(z.string()).optional(),
  parent: z.string().nullable().optional(),
  budget_usd: z.number().optional(),
});

const input = z.strictObject({
  session: sessionField,
  plan: z.string().max(64).describe("Id; again updates in place").optional(),
  title: z.string().max(500).optional(),
  verify: z.string().max(80).describe("merge, lead, none or check:NAME").optional(),
  budget_usd: z.number().min(0).optional(),
  tasks: z.array(taskShape).max(2_000).optional(),
  text: z.string().max(2_000_000).describe("A whole plan file instead").optional(),
  format: z.enum(["yaml", "json", "markdown"]).optional(),
  goal: z.string().max(20_000).optional(),
  draft: z.string().max(64).optional(),
  dry_run: z.boolean().optional(),
  key: keyField,
});

const proposed = z.strictObject({
  session: z.string(),
  plan: z.string(),
  is_new: z.boolean(),
  dry_run: z.boolean(),
  created: z.int(),
  updated: z.int(),
  unchanged: z.int(),
  canceled: z.array(z.string()).readonly(),
  kept: z.array(z.string()).readonly(),
  deferred: z.array(z.string()).readonly(),
  overlaps: z
    .array(z.strictObject({ tasks: z.array(z.string()), files: z.array(z.string()) }))
    .readonly(),
  draft: z.string().nullable(),
  tree: z.array(z.string()).readonly(),
  next: z.string(),
});

export const proposePlan = defineTool({
  name: "propose_plan",
  title: "Propose a plan",
  description:
    "Creates a plan (tasks with path scopes) or changes one you proposed, all or nothing. Tasks left out are canceled. overlaps: tasks that share paths and run one after the other. dry_run only checks. goal: a model drafts it (costs money); draft: takes that in.",
  effect: "asks",
  input,
  output: proposed,
  run: async (skein, given, call) => {
    const { goal, draft: hash } = given;
    if (goal !== undefined) {
      return draftGoal(skein, { ...given, goal }, call);
    }
    return hash === undefined
      ? propose(skein, given, call)
      : approve(skein, { ...given, draft: hash }, call);
  },
});

type Given = z.output<typeof input>;

async function propose(skein: Skein, given: Given, { caller }: ToolCall): Promise<Proposed> {
  const draft = draftOf(given);
  const { session: _, key = null, dry_run: isDryRun = false, ...args } = given;
  const named = { caller, key, operation: "propose_plan", args: JSON.stringify(args) };
  const fresh: Omit<Proposed, "session">[] = [];
  const { standing, result } = await inSession(skein, named, async (tx, { session, handle }) => {
    const imported = await skein.dispatch.importPlanIn(tx, draft, {
      actor: sessionActor(session.id),
      isDryRun,
      permit: async (reader) => checkProposer({ skein, reader }, draft.id, session),
    });
    const { session: _handle, ...view } = viewOf(imported, handle);
    const said = { ...view, dry_run: isDryRun, next: nextOf(imported, isDryRun) };
    fresh.push(said);
    // A dry run does nothing, and may be called again to do it.
    return isDryRun ? null : JSON.stringify(said);
  });
  // What a try found that was undone and made again is not what was done.
  const said: unknown = typeof result === "string" ? JSON.parse(result) : fresh.at(-1);
  return proposed.parse({ ...Object(said), session: standing.handle });
}

type Goal = Given & { readonly goal: string };

/** Has a model draft the plan; nothing is stored but the draft. */
async function draftGoal(
  skein: Skein,
  { goal, plan, tasks, text, draft }: Goal,
  { caller, planning, signal, sent }: ToolCall,
): Promise<Proposed> {
  if (tasks !== undefined || text !== undefined || draft !== undefined) {
    throw new SkeinError(mcpErrors.nothingGiven, {
      message: "`goal` stands alone: the model writes the tasks.",
    });
  }
  const { session, handle } = await standingOf(skein, caller);
  const actor = sessionActor(session.id);
  const result = await planning.draft({
    goal,
    plan,
    actor,
    signal,
    tree: sent.tree,
    waitMs: longestWaitMs,
  });
  return result === null ? stillDrafting(handle, plan ?? "") : draftView(result, handle);
}

type Hash = Given & { readonly draft: string };

/** Takes a draft in, under the same right as a plan of one's own. */
async function approve(
  skein: Skein,
  { draft: hash, tasks, text, dry_run: isDryRun }: Hash,
  { caller, planning, sent }: ToolCall,
): Promise<Proposed> {
  if (tasks !== undefined || text !== undefined || isDryRun === true) {
    throw new SkeinError(mcpErrors.nothingGiven, {
      message: "`draft` stands alone: it was checked when it was drafted.",
    });
  }
  const { session, handle } = await standingOf(skein, caller);
  const { result } = await planning.approve({
    hash,
    tree: sent.tree,
    actor: sessionActor(session.id),
    permit: async (reader, plan) => checkProposer({ skein, reader }, plan, session),
  });
  return { ...viewOf(result, handle), dry_run: false, next: nextOf(result, false) };
}

function draftOf({ text, format, plan, title, verify, budget_usd, tasks }: Given): PlanDraft {
  if (text !== undefined && tasks === undefined) {
    return parsePlan({
      text,
      format: format ?? "yaml",
      ...(plan === undefined ? {} : { fileName: `${plan}.md` }),
    });
  }
  if (text !== undefined || plan === undefined || tasks === undefined) {
    throw new SkeinError(mcpErrors.nothingGiven, {
      message: "A plan is given either as `plan` and `tasks`, or as `text` with its `format`.",
    });
  }
  return parsePlan({
    text: JSON.stringify({ plan, title, verify, budget_usd, tasks }),
    format: "json",
  });
}

interface Looking {
  readonly skein: Skein;
  readonly reader: Reader;
}

/** A plan belongs to the session that proposed it, as long as that lives. @throws {SkeinError} SKN-3901 */
async function checkProposer(
  { skein, reader }: Looking,
  id: string,
  session: Session,
): Promise<void> {
  const plan = await skein.plans.findPlan(reader, id);
  if (plan === null || plan.proposedBy === sessionActor(session.id)) {
    return;
  }
  const [kind, name = ""] = plan.proposedBy.split(":");
  const proposer =
    kind === "session" && isSessionId(name) ? await skein.sessions.get(reader, name) : null;
  if (proposer === null || proposer.endedAtMs === null) {
    throw new SkeinError(mcpErrors.notYourPlan, {
      message: `The plan ${id} was proposed by ${proposer === null ? "a person" : `${proposer.id} ${wordOfOthers(proposer.name, 40)}`}.`,
      facts: { plan: id, proposed_by: plan.proposedBy },
    });
  }
}
