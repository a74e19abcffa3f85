import { resolve } from "node:path";
import { openPlanner } from "../../compose-planner.ts";
import type { OpenPlannerOptions } from "../../compose-planner.ts";
import { SkeinError } from "../../core/base/errors.ts";
import { mostSourceChars, plannerErrors } from "../../core/planner/index.ts";
import type { DraftRequest, PlanSource } from "../../core/planner/index.ts";
import { keepProjectBudget } from "../../project-budget.ts";
import type { Answer, Call } from "../command.ts";
import { readGiven } from "../files.ts";
import { approvalData, approvalLines, draftData, draftLines } from "../plan-draft-views.ts";
import { cliErrors } from "../errors.ts";
import type { CliIo } from "../io.ts";
import { askingModels, whoCalls, withProject } from "../project.ts";
import type { ModelProject } from "../project.ts";

/** `skein plan draft [GOAL]`: nothing is handed out before `skein plan approve HASH`. */
export async function draftPlan(call: Call): Promise<Answer> {
  const source = await sourceOf(call);
  const { io, options } = call;
  return askingModels(call, async ({ project, given }) => {
    const { actor } = await whoCalls(call, project);
    const planner = openPlanner(project, {
      ...elsewhere(io),
      given,
      actor,
      onWarning: (sentence) => io.warn(sentence),
    });
    const result = await planner.draft({
      source,
      id: options.text("plan") ?? undefined,
      by: byOf(options.text("by")),
      actor,
      signal: io.signal,
    });
    return { data: draftData(result), lines: draftLines(result) };
  });
}

/** @throws {SkeinError} SKN-1841 unless exactly one thing is given, SKN-1008 when a file cannot be read. */
async function sourceOf({ args, options, io }: Call): Promise<PlanSource> {
  const goal = args.join(" ").trim();
  const issue = options.text("issue");
  const spec = options.text("spec");
  const given = [goal === "" ? null : goal, issue, spec].filter((each) => each !== null);
  if (given.length !== 1) {
    throw new SkeinError(plannerErrors.noSource, {
      message:
        given.length === 0
          ? "Nothing is given to plan."
          : "A draft is made of one thing, and several are given.",
    });
  }
  const file = issue ?? spec;
  if (file === null) {
    return { kind: "goal", file: null, text: goal };
  }
  return {
    kind: issue === null ? "spec" : "issue",
    file: file === "-" ? null : resolve(io.cwd, file),
    text: await readGiven(file, mostSourceChars * 4, io),
  };
}

function byOf(text: string | null): DraftRequest["by"] {
  return text === "reader" || text === "model" ? text : "auto";
}

/** `skein plan approve HASH`: takes the draft's plan in, all of it or nothing. */
export async function approvePlan(call: Call): Promise<Answer> {
  const [hash = ""] = call.args;
  const { io } = call;
  const approving = async ({ project, given }: ModelProject): Promise<Answer> => {
    const { actor } = await whoCalls(call, project);
    const planner = openPlanner(project, { ...elsewhere(io), given, actor });
    const approval = await planner.approve({ hash, actor });
    if (given === undefined) {
      await keepProjectBudget(project, io.env);
    }
    return { data: approvalData(approval), lines: approvalLines(approval) };
  };
  return io.within === undefined
    ? withProject(call, async (project) => approving({ project, given: undefined }))
    : askingModels(call, approving);
}

type Elsewhere = Pick<OpenPlannerOptions, "env" | "tree" | "isElsewhere">;

/** Inside a server the tree is the caller's, and the keys are those of the server's environment. @throws {SkeinError} SKN-1010 */
function elsewhere({ env, within }: CliIo): Elsewhere {
  if (within === undefined) {
    return { env };
  }
  const { tree } = within.work;
  if (tree === null) {
    throw new SkeinError(cliErrors.badUsage, {
      message: "Nothing was sent of the repository that the plan is for.",
      fix: "Send `work.tree` (docs/serve.md), as `skein plan draft --url` does.",
    });
  }
  return { env: within.models.env, tree, isElsewhere: true };
}
