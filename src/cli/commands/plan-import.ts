import { basename } from "node:path";
import { SkeinError } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import {
  formatOf,
  parsePlan,
  planErrors,
  planLimits,
  planToJson,
  planToMarkdown,
  planToYaml,
} from "../../core/plans/index.ts";
import type { ImportResult, PlanDraft, PlanFormat } from "../../core/plans/index.ts";
import type { Answer, Call } from "../command.ts";
import { readGiven } from "../files.ts";
import { importCounts } from "../import-counts.ts";
import { namingPlan } from "../names.ts";
import { keepProjectBudget } from "../../project-budget.ts";
import { clip } from "../views.ts";
import { unknownCheck } from "../unknown-check.ts";
import { makingStore, whoCalls, withStore } from "../project.ts";

/** `skein plan import FILE`: the file is read and checked before anything is opened. */
export async function importPlan(call: Call): Promise<Answer> {
  const [file = "-"] = call.args;
  const text = await readGiven(file, planLimits.textBytes, call.io);
  const draft = parsePlan({
    text,
    fileName: file === "-" ? undefined : basename(file),
    format: formatFor(call, file, text),
  });
  const isDryRun = call.options.flag("dryRun");
  return makingStore(call, async (project) => {
    const { actor } = await whoCalls(call, project);
    const result = await project.skein.dispatch.importPlan(draft, { actor, isDryRun });
    const { repository } = project;
    // A server took the budget over when it opened the project.
    if (!isDryRun && repository !== null) {
      await keepProjectBudget({ ...project, repository }, call.io.env);
    }
    const unknown = await unknownCheck(project, call.io.env, draft.verify);
    const warnings = unknown === null ? [] : [unknown];
    return {
      data: { ...resultData(result, isDryRun), warnings },
      lines: [
        ...resultLines(draft, result, isDryRun),
        ...warnings.map((warning) => `Warning: ${warning}`),
      ],
    };
  });
}

/** What was asked for, else the file name's ending, else a look at the text. */
function formatFor({ options }: Call, file: string, text: string): PlanFormat | undefined {
  const given = options.text("format");
  if (given === "yaml" || given === "json" || given === "markdown") {
    return given;
  }
  if (formatOf(file) !== null) {
    return undefined;
  }
  if (/^\s*\{/u.test(text)) {
    return "json";
  }
  if (/^\s*(?:[-*]\s\[[ x]\]|#\s|---\s*$)/mu.test(text)) {
    return "markdown";
  }
  if (/^\s*(?:plan|tasks|title)\s*:/mu.test(text)) {
    return "yaml";
  }
  throw new SkeinError(planErrors.planFormat, {
    message: `The format of ${JSON.stringify(file)} cannot be told.`,
    fix: "Add `--format yaml`, `--format json` or `--format markdown`.",
    facts: { file },
  });
}

function resultData(result: ImportResult, isDryRun: boolean): JsonObject {
  return {
    plan: result.plan,
    dry_run: isDryRun,
    is_new: result.isNewPlan,
    is_changed: result.isPlanChanged,
    created: result.created,
    updated: result.updated,
    unchanged: result.unchanged,
    canceled: result.canceled,
    kept: result.kept,
    deferred: result.deferred,
    overlaps: result.overlaps.map(({ tasks, files }) => ({ tasks, files })),
    overlaps_complete: result.isOverlapComplete,
  };
}

function resultLines(
  { title }: PlanDraft,
  result: ImportResult,
  isDryRun: boolean,
): readonly string[] {
  const named = title === result.plan ? "" : ` (${clip(title, 80)})`;
  return [
    `${isDryRun ? "Would take in" : "Took in"} the plan ${JSON.stringify(result.plan)}${named}: ${importCounts(result)}.`,
    ...result.overlaps.map(
      ({ tasks, files }) =>
        `Note: ${tasks[0]} (${files[0]}) and ${tasks[1]} (${files[1]}) share paths; they run one after the other.`,
    ),
    ...(result.isOverlapComplete
      ? []
      : ["Note: not all tasks were compared; more of them may share paths."]),
    ...(isDryRun ? ["Nothing was changed."] : []),
  ];
}

/** `skein plan export PLAN`. */
export async function exportPlan(call: Call): Promise<Answer | number> {
  const [id = ""] = call.args;
  return withStore(call, async ({ skein }) => {
    const draft = await namingPlan(skein, id, (reader) => skein.plans.draftOf(reader, id));
    const format = call.options.text("format") ?? "yaml";
    if (call.globals.json && format !== "json") {
      const text = format === "yaml" ? planToYaml(draft) : planToMarkdown(draft);
      return { data: { plan: id, format, text }, lines: [] };
    }
    const writers = { yaml: planToYaml, json: planToJson, markdown: planToMarkdown };
    const write = format === "json" || format === "markdown" ? writers[format] : writers.yaml;
    call.io.write(`${write(draft).trimEnd()}\n`);
    return 0;
  });
}
