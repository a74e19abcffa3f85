import { literalPrefix, parsePathPattern, patternMatches } from "../../core/leases/index.ts";
import type { PathPattern } from "../../core/leases/index.ts";
import type { PlanDraft, TaskDraft } from "../../core/plans/index.ts";

/** One change: lines that are appended to a file. */
export interface Edit {
  readonly path: string;
  /** Whole lines, the last line end included. */
  readonly text: string;
}

/** What an agent does for a task. */
export interface TaskWork {
  readonly id: string;
  readonly title: string;
  /** Tasks that must be done before: those of containers around it and in containers that it waits for included. */
  readonly after: readonly string[];
  readonly edits: readonly Edit[];
}

/** The work of a plan on a repository with these files, in the plan's order. Containers have none; tasks already ticked are left out. */
export function workOf(plan: PlanDraft, files: readonly string[]): readonly TaskWork[] {
  const containers = new Set(plan.tasks.flatMap(({ parent }) => parent ?? []));
  return plan.tasks
    .filter(({ id, isDone }) => !containers.has(id) && !isDone)
    .map((task) => ({
      id: task.id,
      title: task.title,
      after: leavesOf(plan, dependenciesOf(plan, task)),
      edits: editsOf(task, files),
    }));
}

/** What a task waits for, by itself and through the containers around it. */
function dependenciesOf(plan: PlanDraft, task: TaskDraft): readonly string[] {
  const parent = plan.tasks.find(({ id }) => id === task.parent);
  return parent === undefined
    ? task.dependsOn
    : [...task.dependsOn, ...dependenciesOf(plan, parent)];
}

/** A container stands for the tasks in it. */
function leavesOf(plan: PlanDraft, ids: readonly string[]): readonly string[] {
  const leaves = ids.flatMap((id) => {
    const children = plan.tasks.filter(({ parent }) => parent === id);
    return children.length === 0
      ? [id]
      : leavesOf(
          plan,
          children.map((child) => child.id),
        );
  });
  return [...new Set(leaves)].filter((id) =>
    plan.tasks.some((task) => task.id === id && !task.isDone),
  );
}

function editsOf(task: TaskDraft, files: readonly string[]): readonly Edit[] {
  const told = [...task.spec.matchAll(/^Append to `([^`\n]+)`:\n```\w*\n(.*?)^```$/gmsu)].map(
    ([, path = "", text = ""]) => ({ path, text }),
  );
  const scope = task.files.map((text) => parsePathPattern(text));
  const inScope = told.filter(({ path }) => scope.length === 0 || isWithin(path, scope));
  return inScope.length > 0 ? inScope : derivedEdits(task, scope, files);
}

const policy = { caseInsensitive: false };

function isWithin(path: string, scope: readonly PathPattern[]): boolean {
  return scope.some((pattern) => patternMatches(pattern, path, policy));
}

/** How many files of one pattern a task without instructions changes. */
const filesPerPattern = 2;

/** For a plan that was not written for the demo: a comment in the first files of each pattern, or a new file where there are none. */
function derivedEdits(
  task: TaskDraft,
  scope: readonly PathPattern[],
  files: readonly string[],
): readonly Edit[] {
  const paths = scope.flatMap((pattern) => {
    const found = files.filter((path) => isEditable(path) && patternMatches(pattern, path, policy));
    return found.length > 0 ? found.slice(0, filesPerPattern) : newFile(task, pattern);
  });
  return [...new Set(paths)].map((path) => ({
    path,
    text: remark(path, `${task.id}: ${task.title}`),
  }));
}

function newFile({ id }: TaskDraft, pattern: PathPattern): readonly string[] {
  const folder = literalPrefix(pattern);
  const slash = folder === "" || folder.endsWith("/") ? "" : "/";
  const tries = [
    pattern.text,
    `${folder}${slash}${id}.md`,
    ...endings.map((end) => `${folder}${slash}${id}${end}`),
  ];
  const path = tries.find(
    (each) => isEditable(each) && !/[*?[\]{}]/u.test(each) && patternMatches(pattern, each, policy),
  );
  return path === undefined ? [] : [path];
}

const signs: Readonly<Record<string, readonly [string, string]>> = {
  ".md": ["- ", ""],
  ".txt": ["", ""],
  ".html": ["<!-- ", " -->"],
  ".css": ["/* ", " */"],
  ".py": ["# ", ""],
  ".rb": ["# ", ""],
  ".sh": ["# ", ""],
  ".yml": ["# ", ""],
  ".yaml": ["# ", ""],
  ".toml": ["# ", ""],
  ".ts": ["// ", ""],
  ".tsx": ["// ", ""],
  ".js": ["// ", ""],
  ".jsx": ["// ", ""],
  ".mjs": ["// ", ""],
  ".cjs": ["// ", ""],
  ".go": ["// ", ""],
  ".rs": ["// ", ""],
  ".java": ["// ", ""],
  ".kt": ["// ", ""],
  ".swift": ["// ", ""],
  ".c": ["// ", ""],
  ".h": ["// ", ""],
  ".cc": ["// ", ""],
  ".cpp": ["// ", ""],
  ".cs": ["// ", ""],
  ".php": ["// ", ""],
};

const endings = Object.keys(signs);

/** True for files in which the demo knows how to write a remark. */
export function isEditable(path: string): boolean {
  return endingOf(path) in signs;
}

/** A line that changes nothing in a file of this kind but says what was done. */
export function remark(path: string, text: string): string {
  const [before, after] = signs[endingOf(path)] ?? ["", ""];
  return `${before}${text.replaceAll(/\s+/gu, " ")}${after}\n`;
}

function endingOf(path: string): string {
  return /\.[^./]+$/u.exec(path)?.[0] ?? "";
}
