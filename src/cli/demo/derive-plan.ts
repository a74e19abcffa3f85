import { posix } from "node:path";
import type { PlanDraft, TaskDraft } from "../../core/plans/index.ts";
import { isEditable, remark } from "./work.ts";

const mostTasks = 20;
const fewestTasks = 6;

/**
 * Makes a plan for a repository that brought none: a task for each of up to 20 of its files, of which every third also writes into the
 * file that most people touch, and every fourth waits for the one two before it. Null when there is too little to work on.
 */
export function derivePlan(files: readonly string[]): PlanDraft | null {
  const shared = sharedFile(files);
  const own = spread(
    files.filter((path) => isEditable(path) && path !== shared),
    mostTasks,
  );
  if (shared === null || own.length < fewestTasks) {
    return null;
  }
  return {
    id: "demo",
    title: "A note in every part",
    verify: "merge",
    budgetMicroUsd: null,
    tasks: own.map((path, index) => taskFor(path, index, shared)),
  };
}

function taskFor(path: string, index: number, shared: string): TaskDraft {
  const id = `T${String(index + 1)}`;
  const paths = index % 3 === 0 ? [path, shared] : [path];
  return {
    id,
    title: `Note what ${posix.basename(path)} is for`,
    spec: paths.map((each) => instruction(each, id)).join(""),
    files: paths,
    dependsOn: index % 4 === 3 ? [`T${String(index - 1)}`] : [],
    priority: index % 5 === 0 ? "high" : "medium",
    minutes: 5,
    skills: [],
    accept: [],
    parent: null,
    budgetMicroUsd: null,
    notBeforeMs: null,
    isDone: false,
    line: null,
  };
}

function instruction(path: string, id: string): string {
  return `Append to \`${path}\`:\n\`\`\`\n${remark(path, `${id}: reviewed ${path}`)}\`\`\`\n`;
}

/** A file that everybody touches: the list of changes, else the readme, else the first file. */
function sharedFile(files: readonly string[]): string | null {
  const known = [/^changelog\.md$/iu, /^readme\.md$/iu, /(?:^|\/)index\.[jt]sx?$/u];
  const found = known.map((name) => files.find((path) => name.test(path))).find(Boolean);
  return found ?? files.find(isEditable) ?? null;
}

/** Up to `count` items, taken evenly from all over the list. */
function spread(items: readonly string[], count: number): readonly string[] {
  const step = Math.max(1, items.length / count);
  return Array.from(
    { length: Math.min(count, items.length) },
    (_, index) => items[Math.floor(index * step)],
  ).flatMap((item) => item ?? []);
}
