import { planErrors } from "./errors.ts";
import {
  checkText,
  itemsOf,
  joined,
  readFields,
  readNumber,
  readText,
  readTexts,
  readWord,
} from "./fields.ts";
import type { Faults, Fields, Located } from "./fields.ts";
import type { PlanDraft, TaskDraft, Verify } from "./plan.ts";
import { isVerify } from "./records.ts";
import type { Place, TextNode } from "./text-tree.ts";

/** The keys of a plan file, in the order of its contract. */
export const planKeys = ["plan", "title", "budget_usd", "verify", "tasks"] as const;

/** The keys of a task in a plan file, in the order of its contract. */
export const taskKeys = [
  "id",
  "title",
  "spec",
  "files",
  "depends_on",
  "priority",
  "minutes",
  "skills",
  "accept",
  "parent",
  "budget_usd",
  "not_before",
] as const;

/** The bounds of a plan file. */
export const planLimits = {
  textBytes: 5_000_000,
  tasks: 20_000,
  specBytes: 65_536,
  titleBytes: 500,
  minutes: 10_080,
  filesATask: 500,
  dependenciesATask: 1_000,
} as const;

/** What a task gets when its file does not say. */
export const usualMinutes = 30;

/** A task as read, and the places that later checks complain about. */
export interface DecodedTask {
  readonly draft: TaskDraft;
  readonly path: string;
  readonly idAt: Place;
  readonly dependencies: readonly {
    readonly id: string;
    readonly at: Place;
    readonly path: string;
  }[];
  readonly parentAt: Place;
}

export interface DecodedPlan {
  readonly draft: PlanDraft;
  readonly tasks: readonly DecodedTask[];
}

const idRule = {
  maxBytes: 64,
  pattern: /^[A-Za-z0-9][\w.-]*$/u,
  form: "an id: letters, digits, `-`, `_` and `.`, beginning with a letter or digit, at most 64",
};
const titleRule = {
  maxBytes: planLimits.titleBytes,
  pattern: /^[^\r\n]*$/u,
  form: "one line",
};
const fileRule = {
  maxBytes: 1_024,
  maxItems: planLimits.filesATask,
  pattern: /^(?![A-Za-z]:|[/!~])(?!(?:.*\/)?\.\.(?:\/|$))[^\\\p{Cc}]+$/u,
  form: "a path or glob inside the repository: relative, with `/`, without `..`, `\\`, a drive or a leading `!`",
};
const priorityRule = {
  words: ["critical", "high", "medium", "low"],
  usual: "medium",
} as const;
const moneyRule = {
  isAllowed: (value: number) =>
    value >= 0 && value <= 1_000_000 && Math.round(value * 1e6) / 1e6 === value,
  form: "an amount of dollars from 0 to 1,000,000 with at most 6 decimals",
};
const minutesRule = {
  isAllowed: (value: number) =>
    Number.isInteger(value) && value >= 1 && value <= planLimits.minutes,
  form: `a whole number of minutes from 1 to ${planLimits.minutes}`,
};
const timeRule = {
  maxBytes: 40,
  pattern: /^\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:[Zz]|[+-]\d\d:\d\d))?$/u,
  form: "a time with its zone, as 2026-03-01T09:00:00Z, or a date",
};

/** What a reader of a text format knows besides the tree. */
export interface DecodeOptions {
  /** The plan's id when the text has none. */
  readonly usualId: string | null;
  /** How the text gives its plan an id. */
  readonly naming: string;
  /** For each task of the list, whether the text says that it is done. */
  readonly ticks: readonly boolean[];
}

/** Reads a plan out of a tree; what is wrong goes to `faults`. Null when nothing can be made of it. */
export function decodePlan(
  root: TextNode,
  faults: Faults,
  { usualId, naming, ticks }: DecodeOptions,
): DecodedPlan | null {
  const fields = readFields(faults, { node: root, path: "", keys: planKeys, what: "a plan" });
  if (fields === null) {
    return null;
  }
  const id = readText(fields, "plan", idRule) ?? usualId ?? "";
  if (id === "" && isAbsent(fields, "plan")) {
    addMissing(fields, "plan", `${naming}: letters, digits, \`-\`, \`_\`, \`.\`.`);
  }
  const items = itemsOf(fields, "tasks", planLimits.tasks);
  if (isAbsent(fields, "tasks") || isEmptyList(fields, "tasks")) {
    addMissing(fields, "tasks", "Add at least one task.");
  }
  const tasks = items.flatMap((item, at) => {
    const task = decodeTask(faults, item, ticks[at] === true);
    return task === null ? [] : [task];
  });
  const draft: PlanDraft = {
    id,
    title: readText(fields, "title", titleRule)?.trim() ?? id,
    verify: readVerify(fields),
    budgetMicroUsd: readMoney(fields),
    tasks: tasks.map((task) => task.draft),
  };
  return { draft, tasks };
}

function isAbsent(fields: Fields, key: string): boolean {
  const value = fields.entries.get(key)?.value;
  return value === undefined || (value.kind === "scalar" && value.value === null);
}

function isEmptyList(fields: Fields, key: string): boolean {
  const value = fields.entries.get(key)?.value;
  return value?.kind === "list" && value.items.length === 0;
}

function addMissing(fields: Fields, key: string, fix: string): void {
  fields.faults.add(planErrors.planMissing, {
    at: fields.entries.get(key)?.value.at ?? fields.at,
    path: joined(fields.path, key),
    message: `\`${joined(fields.path, key)}\` is missing.`,
    fix,
  });
}

function readVerify(fields: Fields): Verify {
  const form = "`merge`, `lead`, `none` or `check:NAME`";
  const pattern = /^(?:merge|lead|none|check:[A-Za-z0-9][\w.-]{0,63})$/u;
  const text = readText(fields, "verify", { maxBytes: 100, pattern, form });
  return text !== null && isVerify(text) ? text : "merge";
}

function readMoney(fields: Fields): number | null {
  const dollars = readNumber(fields, "budget_usd", moneyRule);
  return dollars === null ? null : Math.round(dollars * 1e6);
}

function decodeTask(faults: Faults, { node, path }: Located, isDone: boolean): DecodedTask | null {
  const fields = readFields(faults, { node, path, keys: taskKeys, what: "a task" });
  if (fields === null) {
    return null;
  }
  const dependencies = readDependencies(fields);
  return {
    path,
    idAt: fields.entries.get("id")?.value.at ?? fields.at,
    dependencies,
    parentAt: fields.entries.get("parent")?.value.at ?? fields.at,
    draft: {
      ...readNames(fields),
      spec: readSpec(fields),
      files: unique(readTexts(fields, "files", fileRule)),
      dependsOn: unique(dependencies.map((one) => one.id)),
      priority: readWord(fields, "priority", priorityRule),
      minutes: readNumber(fields, "minutes", minutesRule) ?? usualMinutes,
      skills: unique(readTexts(fields, "skills", { maxBytes: 64, maxItems: 50 })),
      accept: readTexts(fields, "accept", { maxBytes: 2_000, maxItems: 100 }),
      parent: readText(fields, "parent", idRule),
      budgetMicroUsd: readMoney(fields),
      notBeforeMs: readTime(fields),
      isDone,
      line: node.at.line,
    },
  };
}

function readNames(fields: Fields): Pick<TaskDraft, "id" | "title"> {
  for (const key of ["id", "title"].filter((one) => isAbsent(fields, one))) {
    addMissing(fields, key, `Give the task ${key === "id" ? "an id, as `id: T1`" : "a title"}.`);
  }
  const id = readText(fields, "id", idRule) ?? "";
  return { id, title: readText(fields, "title", titleRule)?.trim() ?? "" };
}

/** Line ends are made alike, blank lines at both ends are dropped: so every format says a spec alike. */
function readSpec(fields: Fields): string {
  const text = readText(fields, "spec", { maxBytes: planLimits.specBytes, mayBeEmpty: true }) ?? "";
  return text
    .replaceAll(/\r\n?/gu, "\n")
    .replace(/^(?:[ \t]*\n)+/u, "")
    .trimEnd();
}

function readDependencies(fields: Fields): DecodedTask["dependencies"] {
  return itemsOf(fields, "depends_on", planLimits.dependenciesATask).flatMap(({ node, path }) => {
    const id = checkText(fields, { node, path }, idRule);
    return id === null ? [] : [{ id, at: node.at, path }];
  });
}

function unique(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)];
}

/** Whether the calendar has this day: `Date.parse` takes 30 February for one in March. */
function isDay(text: string): boolean {
  const ms = Date.parse(`${text}T00:00:00Z`);
  return !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(text);
}

function readTime(fields: Fields): number | null {
  const text = readText(fields, "not_before", timeRule);
  if (text === null) {
    return null;
  }
  const ms = Date.parse(text.replace(" ", "T"));
  if (Number.isNaN(ms) || !isDay(text.slice(0, 10))) {
    fields.faults.add(planErrors.planValue, {
      at: fields.entries.get("not_before")?.value.at ?? fields.at,
      path: joined(fields.path, "not_before"),
      message: `${JSON.stringify(text)} is no time of the calendar.`,
      fix: `Write ${timeRule.form}.`,
    });
    return null;
  }
  return ms;
}
