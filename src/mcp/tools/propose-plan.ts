import * as z from "zod";
import { SkeinError } from "../../core/base/errors.ts";
import { isSessionId, sessionActor } from "../../core/base/ids.ts";
import { parsePlan } from "../../core/plans/index.ts";
import type { ImportResult, PlanDraft } from "../../core/plans/index.ts";
import type { Session } from "../../core/sessions/index.ts";
import type { Skein } from "../../core/index.ts";
import type { Reader } from "../../core/store/index.ts";
import { mcpErrors } from "../errors.ts";
import { keyField, sessionField } from "../fields.ts";
import { inSession } from "../in-session.ts";
import { defineTool } from "../tool.ts";
import { clip, preview } from "../views/text.ts";

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
  dry_run: z.boolean().optional(),
  key: keyField,
});

export const proposePlan = defineTool({
  name: "propose_plan",
  title: "Propose a plan",
  description:
    "Creates a plan (a DAG of tasks with path scopes) or changes one you proposed, all or nothing. Tasks left out are canceled. overlaps: tasks that share paths and will run one after the other. dry_run only checks.",
  effect: "adds",
  input,
  output: z.strictObject({
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
    next: z.string(),
  }),
  run: async (skein, given, { caller }) => {
    const draft = draftOf(given);
    const { session: _, key = null, dry_run: isDryRun = false, ...args } = given;
    const call = { caller, key, operation: "propose_plan", args: JSON.stringify(args) };
    const { standing } = await inSession(skein, call, async () => Promise.resolve(null));
    const result = await skein.dispatch.importPlan(draft, {
      actor: sessionActor(standing.session.id),
      isDryRun,
      permit: (reader) => checkProposer({ skein, reader }, draft, standing.session),
    });
    return { session: standing.handle, dry_run: isDryRun, ...viewOf(result, isDryRun) };
  },
});

function draftOf({
  text,
  format,
  plan,
  title,
  verify,
  budget_usd,
  tasks,
}: z.output<typeof input>): PlanDraft {
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
  draft: PlanDraft,
  session: Session,
): Promise<void> {
  const plan = await skein.plans.findPlan(reader, draft.id);
  if (plan === null || plan.proposedBy === sessionActor(session.id)) {
    return;
  }
  const [kind, id = ""] = plan.proposedBy.split(":");
  const proposer =
    kind === "session" && isSessionId(id) ? await skein.sessions.get(reader, id) : null;
  if (proposer === null || proposer.endedAtMs === null) {
    throw new SkeinError(mcpErrors.notYourPlan, {
      message: `The plan ${draft.id} was proposed by ${proposer === null ? "a person" : `${proposer.id} ${proposer.name}`}.`,
      facts: { plan: draft.id, proposed_by: plan.proposedBy },
    });
  }
}

function cut(ids: readonly string[]): readonly string[] {
  return preview(ids, (id) => clip(id, 64)).rows;
}

function viewOf(result: ImportResult, isDryRun: boolean) {
  return {
    plan: result.plan,
    is_new: result.isNewPlan,
    created: result.created.length,
    updated: result.updated.length,
    unchanged: result.unchanged.length,
    canceled: cut(result.canceled),
    kept: cut(result.kept),
    deferred: cut(result.deferred),
    overlaps: result.overlaps.slice(0, 20).map(({ tasks, files }) => ({
      tasks: [...tasks],
      files: files.map((file) => clip(file, 60)),
    })),
    next: nextOf(result, isDryRun),
  };
}

function nextOf({ overlaps, isOverlapComplete, plan }: ImportResult, isDryRun: boolean): string {
  const shared = isOverlapComplete
    ? String(overlaps.length)
    : `at least ${String(overlaps.length)}`;
  const warning =
    overlaps.length === 0
      ? ""
      : `${shared} pairs of tasks share paths and cannot run at the same time. `;
  return isDryRun
    ? `${warning}Nothing was stored. Call again without dry_run.`
    : `${warning}Call next_task {plan: "${plan}"}.`;
}
