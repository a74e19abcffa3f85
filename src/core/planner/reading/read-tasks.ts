import { cleanLine } from "../../base/text.ts";
import { parsePlan } from "../../plans/index.ts";
import type { TaskDraft } from "../../plans/index.ts";
import { bareTask } from "../draft.ts";
import type { DraftPlan, DraftTask, PlanSource } from "../draft.ts";
import { freeId, slugOf } from "../plan-id.ts";
import { isAcceptSection, isOtherSection, isTaskSection, readOutline } from "./outline.ts";
import type { Outline } from "./outline.ts";

const box = /^\s*(?:[-*+]|\d{1,9}[.)])\s+\[[ xX]\]/u;
const numbered = /^(\s*)\d{1,9}[.)]\s+(?=\S)/u;
const bullet = /^(\s*)[-*+]\s+(?=\S)/u;

/**
 * Reads the tasks that a text lists itself, without a model: checklists; numbered lists; plain lists under a heading such as Tasks or
 * Plan. Several headings with tasks become containers. Null when there are fewer than two tasks.
 *
 * @throws {SkeinError} SKN-1401 to SKN-1409, with the line, when the list itself is no plan: a circle, a name that does not exist.
 */
export function readTasks(source: PlanSource, id: string): DraftPlan | null {
  const outline = readOutline(source.text);
  const lines = asChecklist(outline);
  const items = lines.filter((line, at) => box.test(line) && outline.lines[at]?.isCode !== true);
  if (items.length < 2) {
    return null;
  }
  const draft = parsePlan({
    text: lines.join("\n"),
    fileName: `${id}.md`,
    format: "markdown",
    isProse: true,
  });
  const criteria = criteriaOf(outline);
  const tasks = draft.tasks.map((task) => fromTask(task, criteria));
  return {
    id,
    title: draft.title === draft.id ? titleOf(outline, source) : draft.title,
    isSplit: true,
    reason: "",
    tasks: withSections(tasks, draft.tasks, outline),
  };
}

/** The text with its tasks as a checklist, line by line, so that places stay; lists that are no tasks are taken out. */
function asChecklist({ headings, lines }: Outline): readonly string[] {
  const hasBoxes = lines.some(({ text, section, isCode }) => {
    const heading = headings[section - 1];
    return !isCode && box.test(text) && (heading === undefined || !isOtherSection(heading));
  });
  const isFree = headings.length === 0;
  return lines.map(({ text, section, isCode }) => {
    const heading = headings[section - 1];
    if (isCode) {
      return text;
    }
    if (heading !== undefined && isOtherSection(heading)) {
      return box.test(text) || numbered.test(text) ? "" : text;
    }
    if (hasBoxes) {
      return text;
    }
    if (heading !== undefined && isTaskSection(heading)) {
      return text.replace(numbered, "$1- [ ] ").replace(bulletNotBox(text), "$1- [ ] ");
    }
    return isFree ? text.replace(numbered, "$1- [ ] ") : text;
  });
}

function bulletNotBox(text: string): RegExp {
  return numbered.test(text) ? /(?!)/u : bullet;
}

function titleOf({ headings }: Outline, { text }: PlanSource): string {
  const first = headings[0]?.title ?? text.trim().split(/\r?\n/u, 1)[0] ?? "";
  return cleanLine(first.replace(box, ""), 120);
}

function fromTask(task: TaskDraft, criteria: readonly string[]): DraftTask {
  const { id, title, files, accept, minutes, dependsOn, skills, parent, priority, spec } = task;
  const { budgetMicroUsd, notBeforeMs, isDone } = task;
  const whole =
    criteria.length === 0
      ? ""
      : ["", "The whole is done when:", ...criteria.map((each) => `- ${each}`)].join("\n");
  return {
    ...bareTask(id, title),
    outcome: title,
    scope: files,
    accept,
    minutes,
    dependsOn,
    skills,
    parent,
    priority,
    details: `${spec}${whole}`.trim(),
    budgetMicroUsd,
    notBeforeMs,
    isDone,
  };
}

function criteriaOf({ headings, lines }: Outline): readonly string[] {
  return lines.flatMap(({ text, section, isCode }) => {
    const heading = headings[section - 1];
    const isWanted = !isCode && heading !== undefined && isAcceptSection(heading);
    const item = isWanted
      ? /^\s*(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?(\S.*)$/u.exec(text)
      : null;
    return item === null ? [] : [cleanLine(item[1] ?? "", 300)];
  });
}

/** Tasks under several headings: each heading becomes a container of those that stand below it. */
function withSections(
  tasks: readonly DraftTask[],
  read: readonly TaskDraft[],
  { headings, lines }: Outline,
): readonly DraftTask[] {
  const sections = read.map(({ line }) => lines[(line ?? 1) - 1]?.section ?? 0);
  const used = [...new Set(sections)];
  if (used.length < 2) {
    return tasks;
  }
  const taken = new Set(tasks.map(({ id }) => id));
  const ids = new Map(
    used.map((section) => {
      const title = cleanLine(headings[section - 1]?.title ?? "", 120);
      return [section, { id: freeId(slugOf(title, "part"), taken), title }] as const;
    }),
  );
  return used.flatMap((section) => {
    const own = tasks.filter((_, at) => sections[at] === section);
    const container = ids.get(section);
    if (section === 0 || container === undefined) {
      return own;
    }
    const inside = own.map((task) => ({ ...task, parent: task.parent ?? container.id }));
    return [bareTask(container.id, container.title), ...inside];
  });
}
