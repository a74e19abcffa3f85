import { byteLength } from "../base/text.ts";
import { planLimits } from "../plans/index.ts";
import type { PlanDraft, TaskDraft } from "../plans/index.ts";
import { containersOf } from "./draft.ts";
import type { DraftPlan, DraftTask, FileOperation } from "./draft.ts";

/**
 * Writes a draft as the plan that is imported. What the plan file has no key for (outcome, file operations, commands) stands in the task's
 * spec, in Markdown. A task is done when its commit has been merged: no text that a plan is made of can lower that.
 */
export function toPlan({ id, title, tasks }: DraftPlan): PlanDraft {
  const containers = containersOf(tasks);
  return {
    id,
    title,
    verify: "merge",
    budgetMicroUsd: null,
    tasks: tasks.map((task) => toTask(task, containers.has(task.id))),
  };
}

function toTask(task: DraftTask, isContainer: boolean): TaskDraft {
  const { id, title, dependsOn, priority, minutes, skills, accept, parent } = task;
  return {
    id,
    title,
    spec: specOf(task),
    files: isContainer ? [] : task.scope,
    dependsOn,
    priority,
    minutes,
    skills,
    accept,
    parent,
    budgetMicroUsd: task.budgetMicroUsd,
    notBeforeMs: task.notBeforeMs,
    isDone: task.isDone,
    line: null,
  };
}

/** A task's spec in Markdown: outcome, file operations, commands to validate with, and what the source says of it. */
export function specOf(task: DraftTask): string {
  const { title, outcome, operations, validate, details } = task;
  const parts = [
    outcome === "" || outcome === title ? [] : [`Outcome: ${outcome}`],
    operations.length === 0 ? [] : ["Files:", ...operations.map((each) => operationText(each))],
    validate.length === 0
      ? []
      : [
          "Validate with (Skein runs none of these):",
          ...validate.map((each) => `- ${inCode(each)}`),
        ],
    details === "" ? [] : [details],
  ];
  const text = parts
    .filter((part) => part.length > 0)
    .map((part) => part.join("\n"))
    .join("\n\n");
  return byteLength(text) <= planLimits.specBytes ? text : text.slice(0, planLimits.specBytes / 4);
}

function operationText({ path, action, lines, form, text }: FileOperation): string {
  const range = lines === null ? "" : `:${String(lines.from)}-${String(lines.to)}`;
  const head = `- ${action} ${inCode(`${path}${range}`)}`;
  if (form === "intent") {
    return text === "" ? head : `${head}: ${text}`;
  }
  const fence = fenceFor(text);
  const inner = text.split("\n").map((line) => (line === "" ? "" : `  ${line}`));
  return [`${head}:`, `  ${fence}diff`, ...inner, `  ${fence}`].join("\n");
}

/** A fence longer than any in the text, so that the text cannot end it. */
function fenceFor(text: string): string {
  const longest = Math.max(0, ...(text.match(/`+/gu) ?? []).map((run) => run.length));
  return "`".repeat(Math.max(3, longest + 1));
}

function inCode(text: string): string {
  return text.includes("`") ? `\`\` ${text} \`\`` : `\`${text}\``;
}
