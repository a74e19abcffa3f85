import { stringify } from "yaml";
import { usualMinutes } from "./decode.ts";
import { readMarks } from "./markdown-marks.ts";
import type { PlanDraft, TaskDraft } from "./plan.ts";

/** Writes a plan as its YAML file; reading that gives the same plan, but for ticks, which YAML does not have. */
export function planToYaml(draft: PlanDraft): string {
  return stringify(fileOf(draft), { lineWidth: 0, version: "1.2" });
}

/** Writes a plan as its JSON file; reading that gives the same plan, but for ticks, which JSON does not have. */
export function planToJson(draft: PlanDraft): string {
  return `${JSON.stringify(fileOf(draft), null, 2)}\n`;
}

type FileFields = Readonly<Record<string, unknown>>;

/** The plan file's fields; a default is left out where leaving it out means the same. */
function fileOf(draft: PlanDraft): FileFields {
  return {
    plan: draft.id,
    title: draft.title,
    ...(draft.budgetMicroUsd === null ? {} : { budget_usd: draft.budgetMicroUsd / 1e6 }),
    verify: draft.verify,
    tasks: draft.tasks.map((task) => taskFields(task)),
  };
}

function taskFields(task: TaskDraft): FileFields {
  const fields: readonly (readonly [string, unknown])[] = [
    ["id", task.id],
    ["title", task.title],
    ["spec", task.spec === "" ? null : task.spec],
    ["files", listOrNull(task.files)],
    ["depends_on", listOrNull(task.dependsOn)],
    ["priority", task.priority],
    ["minutes", task.minutes],
    ["skills", listOrNull(task.skills)],
    ["accept", listOrNull(task.accept)],
    ["parent", task.parent],
    ["budget_usd", task.budgetMicroUsd === null ? null : task.budgetMicroUsd / 1e6],
    ["not_before", task.notBeforeMs === null ? null : new Date(task.notBeforeMs).toISOString()],
  ];
  return Object.fromEntries(fields.filter(([, value]) => value !== null));
}

function listOrNull(texts: readonly string[]): readonly string[] | null {
  return texts.length === 0 ? null : texts;
}

/** Writes a plan as a checklist; reading that gives the same plan, ticks included. */
export function planToMarkdown(draft: PlanDraft): string {
  const front = [
    `plan: ${JSON.stringify(draft.id)}`,
    `title: ${JSON.stringify(draft.title)}`,
    `verify: ${JSON.stringify(draft.verify)}`,
    ...(draft.budgetMicroUsd === null ? [] : [`budget_usd: ${dollars(draft.budgetMicroUsd)}`]),
  ];
  const heading = draft.title.replaceAll(/\s+/gu, " ");
  const lines = ["---", ...front, "---", "", `# ${heading}`, ""];
  const around: string[] = [];
  for (const task of draft.tasks) {
    const level = task.parent === null ? 0 : around.indexOf(task.parent) + 1;
    around.length = level;
    around.push(task.id);
    const isNested = task.parent === null || level > 0;
    lines.push(...itemLines(task, { indent: " ".repeat(level * 2), isNested }));
  }
  return `${lines.join("\n")}\n`;
}

interface Nesting {
  readonly indent: string;
  /** False when its parent is not an item around it and has to be named. */
  readonly isNested: boolean;
}

function itemLines(task: TaskDraft, { indent, isNested }: Nesting): readonly string[] {
  const isPlain = isPlainTitle(task.title);
  const priority = task.priority === "medium" ? "" : ` !${task.priority}`;
  const minutes = task.minutes === usualMinutes ? "" : ` ~${task.minutes}m`;
  const box = task.isDone ? "x" : " ";
  const title = isPlain ? task.title : "…";
  const fields = [
    ...(isPlain ? [] : [`title: ${JSON.stringify(task.title)}`]),
    ...(isNested ? [] : [`parent: ${task.parent ?? ""}`]),
    ...fieldLines(task),
  ];
  const spec = task.spec === "" ? [] : task.spec.split("\n");
  return [
    `${indent}- [${box}] \`${task.id}\`: ${title}${priority}${minutes}`,
    ...fields.map((line) => `${indent}  ${line}`),
    ...(spec.length === 0 ? [] : [`${indent}  spec:`]),
    ...spec.map((line) => (line === "" ? "" : `${indent}    ${line}`)),
  ];
}

/** A title that the reader would take apart has to be quoted. */
function isPlainTitle(title: string): boolean {
  const { dependsOn, files, skills, ...marks } = readMarks(title);
  const said = [marks.id, marks.number, marks.priority, marks.minutes, marks.nameless];
  const lists = dependsOn.length + files.length + skills.length;
  return marks.title === title && lists === 0 && said.every((mark) => mark === null);
}

function fieldLines(task: TaskDraft): readonly string[] {
  const { budgetMicroUsd, notBeforeMs } = task;
  return [
    ...joinedLine("depends on", task.dependsOn),
    ...joinedLine("files", task.files),
    ...joinedLine("skills", task.skills),
    ...task.accept.map((text) => `accept: ${JSON.stringify(text)}`),
    ...(budgetMicroUsd === null ? [] : [`budget: ${dollars(budgetMicroUsd)}`]),
    ...(notBeforeMs === null ? [] : [`not before: ${new Date(notBeforeMs).toISOString()}`]),
  ];
}

/** Plain decimals: a small amount would be written with an exponent. */
function dollars(microUsd: number): string {
  return (microUsd / 1e6).toFixed(6).replace(/\.?0+$/u, "");
}

function joinedLine(name: string, texts: readonly string[]): readonly string[] {
  return texts.length === 0 ? [] : [`${name}: ${texts.map((text) => `\`${text}\``).join(", ")}`];
}
