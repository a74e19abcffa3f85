import { basename } from "node:path";
import type { JsonObject } from "../core/base/json.ts";
import { exactUsd, formatUsd, tokenHint } from "../core/costs/index.ts";
import { sizeOf } from "../core/planner/index.ts";
import type { Approval, DraftResult, DraftTask } from "../core/planner/index.ts";
import type { ImportResult } from "../core/plans/index.ts";
import { importCounts } from "./import-counts.ts";
import { clip, usd } from "./views.ts";
import { counted } from "./counted.ts";

/** A draft for programs. */
export function draftData(result: DraftResult): JsonObject {
  const { hash, plan, origin, source, base, preview, estimates, wouldImport, drafting } = result;
  const { schedule, estimate, collisions } = preview;
  return {
    schema_version: 1,
    hash,
    plan: plan.id,
    title: plan.title,
    origin,
    split: plan.isSplit,
    reason: plan.reason,
    source: {
      kind: source.kind,
      file: source.file === null ? null : basename(source.file),
      sha256: source.sha256,
    },
    base,
    tasks: plan.tasks.map((task) => taskData(task, estimates[task.id])),
    critical_path: schedule.criticalPath,
    critical_minutes: schedule.minutes,
    parallel_width: schedule.width,
    estimate: {
      minutes: estimate.minutes,
      input_tokens: estimate.inputTokens,
      output_tokens: estimate.outputTokens,
      usd: estimate.microUsd === null ? null : usd(estimate.microUsd),
      usual_tokens: tokenHint(openSteps(plan.tasks))?.tokens ?? 0,
    },
    collisions: collisions.map(({ task, path, lease, held, session }) => ({
      task,
      path,
      lease,
      held,
      session,
    })),
    would_import: importData(wouldImport),
    notes: drafting.notes,
    repairs: drafting.repairs,
    planners: drafting.planners,
    cost: {
      usd: usd(drafting.cost.microUsd),
      calls: drafting.cost.calls,
      input_tokens: drafting.cost.inputTokens,
      output_tokens: drafting.cost.outputTokens,
    },
  };
}

type Estimate = DraftResult["estimates"][string];

/** @param estimate Undefined for a container, whose work is that of its tasks. */
function taskData(task: DraftTask, estimate: Estimate | undefined): JsonObject {
  const { inputTokens = 0, outputTokens = 0, microUsd = null } = estimate ?? {};
  return {
    id: task.id,
    title: task.title,
    parent: task.parent,
    outcome: task.outcome,
    operations: task.operations.map(({ path, action, lines, form, text }) => ({
      path,
      action,
      start_line: lines?.from ?? null,
      end_line: lines?.to ?? null,
      form,
      text,
    })),
    files: task.scope,
    new_files: task.fresh,
    accept: task.accept,
    validate: task.validate,
    size: sizeOf(task.minutes),
    minutes: task.minutes,
    input_tokens: inputTokens,
    output_tokens: outputTokens,
    usd: microUsd === null ? null : usd(microUsd),
    depends_on: task.dependsOn,
    skills: task.skills,
    priority: task.priority,
    is_done: task.isDone,
  };
}

function importData(result: ImportResult): JsonObject {
  const { created, updated, unchanged, canceled, kept, deferred } = result;
  return { is_new: result.isNewPlan, created, updated, unchanged, canceled, kept, deferred };
}

/** A draft for people. Texts of others are shown on one line each, without characters that move the cursor. */
export function draftLines(result: DraftResult): readonly string[] {
  const { hash, plan, preview, drafting } = result;
  const { schedule, estimate, collisions, tree } = preview;
  const money =
    estimate.microUsd === null ? "price not known" : `${formatUsd(estimate.microUsd)} USD`;
  return [
    `${plan.id}: ${clip(plan.title, 100)}`,
    ...(plan.isSplit ? [] : ["Do not split: one agent does this best as one piece."]),
    ...(plan.reason === "" ? [] : [clip(plan.reason, 300)]),
    "",
    ...tree.map((line) => shown(line)),
    "",
    `Critical path: ${schedule.criticalPath.join(" -> ")} (${String(schedule.minutes)} min). At most ${String(schedule.width)} at once.`,
    `Work: ${String(estimate.minutes)} min, about ${String(estimate.inputTokens + estimate.outputTokens)} tokens, ${money}.`,
    ...hintLines(openSteps(plan.tasks)),
    ...collisions.map(
      ({ task, path, held, session }) =>
        `Collision: ${task} (${clip(path, 80)}) has to wait while ${session} holds ${clip(held, 80)}.`,
    ),
    ...noteLines(drafting.notes),
    ...costLines(result),
    importLine(result.wouldImport),
    `Nothing is stored as a plan yet. Take it in with \`skein plan approve ${hash.slice(0, 16)}\`.`,
  ];
}

/** What plans of this size usually take: a hint beside the estimate, since money is what is capped. */
function hintLines(steps: number): readonly string[] {
  const hint = tokenHint(steps);
  return hint === null
    ? []
    : [
        `Usual for ${counted(steps, "step")}: ${String(hint.tokens)} tokens, ${String(hint.reserve)} of them in reserve, and ${String(hint.review)} a review.`,
      ];
}

function openSteps(tasks: readonly DraftTask[]): number {
  const parents = new Set(tasks.map(({ parent }) => parent));
  return tasks.filter(({ id, isDone }) => !isDone && !parents.has(id)).length;
}

const mostNotes = 20;

function noteLines(notes: readonly string[]): readonly string[] {
  const left = notes.length - mostNotes;
  return [
    ...notes.slice(0, mostNotes).map((note) => `Note: ${clip(note, 300)}`),
    ...(left > 0 ? [`And ${String(left)} more notes; \`--json\` has all of them.`] : []),
  ];
}

/** Indentation stays; the rest is cut as any text of others. */
function shown(line: string): string {
  const indent = /^ */u.exec(line)?.[0] ?? "";
  return `${indent}${clip(line.trimStart(), 160)}`;
}

function costLines({ origin, drafting }: DraftResult): readonly string[] {
  const { cost, repairs, planners } = drafting;
  if (origin === "reader") {
    return ["Read from the text's own list; no model was asked."];
  }
  const side = planners > 1 ? `, ${String(planners)} planners at the same time` : "";
  return [
    `Drafted by a model: ${counted(cost.calls, "call")}${side}${mendedText(repairs)}, ${exactUsd(cost.microUsd)} USD.`,
  ];
}

function mendedText(repairs: number): string {
  if (repairs === 0) {
    return "";
  }
  return repairs === 1 ? ", mended once" : `, mended ${String(repairs)} times`;
}

function importLine(result: ImportResult): string {
  const { plan, isNewPlan } = result;
  return isNewPlan
    ? `It makes a new plan of ${counted(result.created.length, "task")}.`
    : `It changes the plan ${JSON.stringify(plan)}: ${importCounts(result)}.`;
}

/** An approved draft for programs. */
export function approvalData({ hash, result, isAgain }: Approval): JsonObject {
  return { hash, plan: result.plan, is_again: isAgain, ...importData(result) };
}

/** An approved draft for people. */
export function approvalLines({ result, isAgain }: Approval): readonly string[] {
  return [
    `Took in the plan ${JSON.stringify(result.plan)}: ${importCounts(result)}.${isAgain ? " It had been approved before." : ""}`,
  ];
}
